import { z } from "zod";
import { endpoint } from "./http.ts";
import { PERMISSIONS } from "./permissions.ts";

export const PASSWORD_CHARACTERS_MIN = 12; // Length is what makes a password slow to guess; nothing else is asked of it.
export const PASSWORD_CHARACTERS_MAX = 256; // A longer one only feeds the hash more work.

/** Text that every store can keep. */
const text = (charactersMax: number) =>
  z
    .string()
    .max(charactersMax)
    .regex(/^[^\0]*$/, "Leave out the NUL character.");
const id = text(100).min(1);
const time = z.number().int();
const name = text(120).trim().min(1);
const description = text(1000);
const email = z.email().max(254);
const password = z.string().min(PASSWORD_CHARACTERS_MIN).max(PASSWORD_CHARACTERS_MAX);
/** What somebody types to prove who they are; its length is no business of the form. */
const typedPassword = z.string().min(1).max(PASSWORD_CHARACTERS_MAX);
const code = z.string().min(1).max(200);
const page = {
  pageSize: z.coerce.number().int().min(1).max(500).default(100),
  pageToken: z.string().max(500).optional(),
};
const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextToken: z.string().optional() });
const done = z.object({});

export const permission = z.enum(PERMISSIONS);
export const principalState = z.enum(["active", "suspended"]);

export const principalKind = z.enum(["user", "service-account", "group"]);
export type PrincipalKind = z.output<typeof principalKind>;
export const principal = z.strictObject({ kind: principalKind, id });
export type Principal = z.output<typeof principal>;

/** Where a grant holds: there and in everything below. */
export const grantPlace = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("instance") }),
  z.strictObject({ kind: z.literal("organisation"), organisationId: id }),
  z.strictObject({ kind: z.literal("project"), projectId: id }),
  z.strictObject({
    kind: z.literal("resource"),
    projectId: id,
    type: z.enum(["experiment", "model"]),
    id: text(256).min(1),
  }),
]);
export type GrantPlace = z.output<typeof grantPlace>;

export const user = z.object({
  id,
  email: z.string(),
  displayName: z.string(),
  state: principalState,
  hasPassword: z.boolean(),
  createdMs: time,
  lastSignInMs: time.optional(),
});
export type User = z.output<typeof user>;

export const group = z.object({
  id,
  organisationId: id,
  name: z.string(),
  description: z.string(),
  createdMs: time,
});
export type Group = z.output<typeof group>;

export const groupMember = z.object({
  kind: z.enum(["user", "service-account"]),
  id,
  name: z.string(),
  addedMs: time,
});
export type GroupMember = z.output<typeof groupMember>;

export const serviceAccount = z.object({
  id,
  organisationId: id,
  projectId: id.optional(),
  name: z.string(),
  description: z.string(),
  state: principalState,
  createdMs: time,
});
export type ServiceAccount = z.output<typeof serviceAccount>;

export const token = z.object({
  id,
  name: z.string(),
  /** The beginning of the token, enough to recognise it by. */
  prefix: z.string(),
  owner: z.object({ kind: z.enum(["user", "service-account"]), id, name: z.string() }),
  /** Absent: all that its owner may do. */
  scopes: z.array(permission).optional(),
  projectId: id.optional(),
  createdMs: time,
  /** Absent only for the token that the server's operator set. */
  expiresMs: time.optional(),
  lastUsedMs: time.optional(),
  revokedMs: time.optional(),
});
export type Token = z.output<typeof token>;

export const role = z.object({
  id,
  name: z.string(),
  description: z.string(),
  permissions: z.array(permission),
  builtIn: z.boolean(),
});
export type Role = z.output<typeof role>;

export const grant = z.object({
  id,
  principal: z.object({ kind: principalKind, id, name: z.string() }),
  roleId: id,
  place: grantPlace,
  createdMs: time,
  createdBy: z.string(),
});
export type Grant = z.output<typeof grant>;

export const session = z.object({
  id,
  userId: id,
  createdMs: time,
  lastUsedMs: time,
  expiresMs: time,
  ip: z.string(),
  userAgent: z.string(),
  current: z.boolean(),
});
export type Session = z.output<typeof session>;

export const roleAtPlace = z.strictObject({ roleId: id, place: grantPlace });
export type RoleAtPlace = z.output<typeof roleAtPlace>;

export const invitation = z.object({
  id,
  email: z.string(),
  grants: z.array(roleAtPlace),
  createdMs: time,
  createdBy: z.string(),
  expiresMs: time,
});
export type Invitation = z.output<typeof invitation>;

export const linkKind = z.enum(["sign-in", "invitation", "password-reset"]);
export type LinkKind = z.output<typeof linkKind>;

/** The page that a link opens. The code travels in the fragment, which browsers send to nobody. */
export const LINK_PAGES: Record<LinkKind, string> = {
  "sign-in": "/sign-in#link=",
  invitation: "/join#link=",
  "password-reset": "/reset#link=",
};

export const me = z.object({
  kind: z.enum(["user", "service-account", "system"]),
  id,
  name: z.string(),
  email: z.string().optional(),
  hasPassword: z.boolean(),
  via: z.enum(["session", "token", "password", "link", "process", "none"]),
  permissions: z.object({
    instance: z.array(permission),
    /** On the project that was asked about. */
    project: z.array(permission),
    /** Held in at least one place: tells which rooms are worth showing. */
    anywhere: z.array(permission),
  }),
});
export type Me = z.output<typeof me>;

const signedIn = z.object({ userId: id, displayName: z.string() });
const newToken = {
  name,
  scopes: z.array(permission).min(1).max(PERMISSIONS.length).optional(),
  projectId: id.optional(),
  expiresMs: time,
};
/** `secret` is the whole token, shown this once. */
const tokenWithSecret = z.object({ token, secret: z.string() });
/** `path` opens the link; append it to the server's address. Shown this once. */
const linkAnswer = z.object({ path: z.string(), expiresMs: time });

export const identityApi = {
  signIn: endpoint({
    method: "POST",
    path: "/session/password",
    permission: "public",
    scope: "instance",
    summary: "Signs in with e-mail and password and sets the session cookie.",
    body: z.strictObject({ email: text(254).min(1), password: typedPassword }),
    answer: signedIn,
  }),
  redeemLink: endpoint({
    method: "POST",
    path: "/session/link",
    permission: "public",
    scope: "instance",
    summary: "Signs in with a one-time link and sets the session cookie.",
    body: z.strictObject({ code }),
    answer: signedIn,
  }),
  inspectLink: endpoint({
    method: "POST",
    path: "/links/inspect",
    permission: "public",
    scope: "instance",
    summary: "What a link is for, without using it up.",
    body: z.strictObject({ code }),
    answer: z.object({ kind: linkKind, email: z.string(), displayName: z.string(), expiresMs: time }),
  }),
  acceptInvitation: endpoint({
    method: "POST",
    path: "/invitations/accept",
    permission: "public",
    scope: "instance",
    summary: "Turns an invitation into a user, gives the promised roles and signs in.",
    body: z.strictObject({ code, displayName: name, password }),
    answer: signedIn,
  }),
  resetPassword: endpoint({
    method: "POST",
    path: "/session/reset",
    permission: "public",
    scope: "instance",
    summary: "Sets a password by a reset link, ends the user's other sessions and signs in.",
    body: z.strictObject({ code, password }),
    answer: signedIn,
  }),
  signOut: endpoint({
    method: "DELETE",
    path: "/session",
    permission: "signed-in",
    scope: "instance",
    summary: "Ends this session.",
    answer: done,
  }),
  me: endpoint({
    method: "GET",
    path: "/me",
    permission: "signed-in",
    scope: "instance",
    summary: "Who the caller is and what they may do.",
    query: z.object({ project: z.string().max(100).optional() }),
    answer: me,
  }),
  updateMe: endpoint({
    method: "PATCH",
    path: "/me",
    permission: "signed-in",
    scope: "instance",
    summary: "Changes the caller's own name or e-mail address.",
    body: z.strictObject({ displayName: name.optional(), email: email.optional() }),
    answer: user,
  }),
  changePassword: endpoint({
    method: "PUT",
    path: "/me/password",
    permission: "signed-in",
    scope: "instance",
    summary: "Sets the caller's password; the current one is asked for where there is one.",
    body: z.strictObject({ current: typedPassword.optional(), next: password }),
    answer: done,
  }),
  listUsers: endpoint({
    method: "GET",
    path: "/users",
    permission: "signed-in",
    scope: "instance",
    summary: "The users that the caller may see, by e-mail.",
    query: z.object({ ...page, text: text(200).optional(), state: principalState.optional() }),
    answer: pageOf(user),
  }),
  getUser: endpoint({
    method: "GET",
    path: "/users/:user",
    permission: "signed-in",
    scope: "instance",
    summary: "One user.",
    params: z.object({ user: id }),
    answer: user,
  }),
  updateUser: endpoint({
    method: "PATCH",
    path: "/users/:user",
    permission: "user:write",
    scope: "instance",
    summary: "Renames, suspends or restores a user. Suspending ends sessions and refuses tokens at once.",
    params: z.object({ user: id }),
    body: z.strictObject({ displayName: name.optional(), state: principalState.optional() }),
    answer: user,
  }),
  createResetLink: endpoint({
    method: "POST",
    path: "/users/:user/reset-link",
    permission: "user:write",
    scope: "instance",
    summary: "A one-time link by which a user sets a new password.",
    params: z.object({ user: id }),
    answer: linkAnswer,
    status: 201,
  }),
  listInvitations: endpoint({
    method: "GET",
    path: "/invitations",
    permission: "signed-in",
    scope: "instance",
    summary: "Open invitations: the caller's own, or all for those who may write users.",
    query: z.object(page),
    answer: pageOf(invitation),
  }),
  invite: endpoint({
    method: "POST",
    path: "/invitations",
    permission: "signed-in",
    scope: "instance",
    summary: "Invites a person by a one-time link that carries roles; an earlier one for the address ends.",
    body: z.strictObject({ email, grants: z.array(roleAtPlace).max(50).default([]) }),
    answer: z.object({ invitation, path: z.string() }),
    status: 201,
  }),
  withdrawInvitation: endpoint({
    method: "DELETE",
    path: "/invitations/:invitation",
    permission: "signed-in",
    scope: "instance",
    summary: "Withdraws an open invitation.",
    params: z.object({ invitation: id }),
    answer: done,
  }),
  listGroups: endpoint({
    method: "GET",
    path: "/groups",
    permission: "signed-in",
    scope: "instance",
    summary: "The groups that the caller may see, by name.",
    query: z.object({ ...page, text: text(200).optional() }),
    answer: pageOf(group),
  }),
  createGroup: endpoint({
    method: "POST",
    path: "/groups",
    permission: "group:write",
    scope: "organisation",
    summary: "Creates a group in the organisation of the current project.",
    body: z.strictObject({ name, description: description.default("") }),
    answer: group,
    status: 201,
  }),
  updateGroup: endpoint({
    method: "PATCH",
    path: "/groups/:group",
    permission: "signed-in",
    scope: "instance",
    summary: "Renames or describes a group.",
    params: z.object({ group: id }),
    body: z.strictObject({ name: name.optional(), description: description.optional() }),
    answer: group,
  }),
  deleteGroup: endpoint({
    method: "DELETE",
    path: "/groups/:group",
    permission: "signed-in",
    scope: "instance",
    summary: "Deletes a group, its memberships and its grants.",
    params: z.object({ group: id }),
    answer: done,
  }),
  listMembers: endpoint({
    method: "GET",
    path: "/groups/:group/members",
    permission: "signed-in",
    scope: "instance",
    summary: "A group's members.",
    params: z.object({ group: id }),
    query: z.object(page),
    answer: pageOf(groupMember),
  }),
  addMember: endpoint({
    method: "POST",
    path: "/groups/:group/members",
    permission: "signed-in",
    scope: "instance",
    summary: "Adds a user or service account; the caller must hold all that the group holds.",
    params: z.object({ group: id }),
    body: z.strictObject({ kind: z.enum(["user", "service-account"]), id }),
    answer: done,
  }),
  removeMember: endpoint({
    method: "DELETE",
    path: "/groups/:group/members/:member",
    permission: "signed-in",
    scope: "instance",
    summary: "Removes a member.",
    params: z.object({ group: id, member: id }),
    answer: done,
  }),
  listServiceAccounts: endpoint({
    method: "GET",
    path: "/service-accounts",
    permission: "signed-in",
    scope: "instance",
    summary: "The service accounts that the caller may see, by name.",
    query: z.object(page),
    answer: pageOf(serviceAccount),
  }),
  createServiceAccount: endpoint({
    method: "POST",
    path: "/service-accounts",
    permission: "service-account:write",
    scope: "project",
    summary: "Creates a service account, owned by the current project or by its organisation.",
    body: z.strictObject({
      name,
      description: description.default(""),
      owner: z.enum(["project", "organisation"]).default("project"),
    }),
    answer: serviceAccount,
    status: 201,
  }),
  updateServiceAccount: endpoint({
    method: "PATCH",
    path: "/service-accounts/:account",
    permission: "signed-in",
    scope: "instance",
    summary: "Renames, suspends or restores a service account.",
    params: z.object({ account: id }),
    body: z.strictObject({
      name: name.optional(),
      description: description.optional(),
      state: principalState.optional(),
    }),
    answer: serviceAccount,
  }),
  createServiceAccountToken: endpoint({
    method: "POST",
    path: "/service-accounts/:account/tokens",
    permission: "signed-in",
    scope: "instance",
    summary: "Makes a token for a service account; the caller must hold all that it holds.",
    params: z.object({ account: id }),
    body: z.strictObject(newToken),
    answer: tokenWithSecret,
    status: 201,
  }),
  listTokens: endpoint({
    method: "GET",
    path: "/tokens",
    permission: "signed-in",
    scope: "instance",
    summary:
      "Tokens, newest first: the caller's own, one service account's, or all for those who may write users.",
    query: z.object({ ...page, owner: text(100).default("me") }),
    answer: pageOf(token),
  }),
  createToken: endpoint({
    method: "POST",
    path: "/tokens",
    permission: "signed-in",
    scope: "instance",
    summary: "Makes a token for the caller, with at most the caller's rights.",
    body: z.strictObject(newToken),
    answer: tokenWithSecret,
    status: 201,
  }),
  revokeToken: endpoint({
    method: "DELETE",
    path: "/tokens/:token",
    permission: "signed-in",
    scope: "instance",
    summary: "Revokes a token at once.",
    params: z.object({ token: id }),
    answer: done,
  }),
  listRoles: endpoint({
    method: "GET",
    path: "/roles",
    permission: "signed-in",
    scope: "instance",
    summary: "Built-in and custom roles.",
    answer: z.object({ items: z.array(role) }),
  }),
  createRole: endpoint({
    method: "POST",
    path: "/roles",
    permission: "role:write",
    scope: "instance",
    summary: "Creates a role from permissions that the caller holds.",
    body: z.strictObject({
      name,
      description: description.default(""),
      permissions: z.array(permission).min(1).max(PERMISSIONS.length),
    }),
    answer: role,
    status: 201,
  }),
  updateRole: endpoint({
    method: "PATCH",
    path: "/roles/:role",
    permission: "role:write",
    scope: "instance",
    summary: "Changes a custom role, for everyone who has it.",
    params: z.object({ role: id }),
    body: z.strictObject({
      name: name.optional(),
      description: description.optional(),
      permissions: z.array(permission).min(1).max(PERMISSIONS.length).optional(),
    }),
    answer: role,
  }),
  deleteRole: endpoint({
    method: "DELETE",
    path: "/roles/:role",
    permission: "role:write",
    scope: "instance",
    summary: "Deletes a custom role that nobody has.",
    params: z.object({ role: id }),
    answer: done,
  }),
  listGrants: endpoint({
    method: "GET",
    path: "/grants",
    permission: "signed-in",
    scope: "instance",
    summary: "Grants that the caller may see, newest first.",
    query: z.object({
      ...page,
      principalId: id.optional(),
      projectId: id.optional(),
      organisationId: id.optional(),
    }),
    answer: pageOf(grant),
  }),
  createGrant: endpoint({
    method: "POST",
    path: "/grants",
    permission: "signed-in",
    scope: "instance",
    summary: "Gives a role in a place; the caller must hold all that the role holds there.",
    body: z.strictObject({ principal, roleId: id, place: grantPlace }),
    answer: grant,
    status: 201,
  }),
  revokeGrant: endpoint({
    method: "DELETE",
    path: "/grants/:grant",
    permission: "signed-in",
    scope: "instance",
    summary: "Takes a grant away.",
    params: z.object({ grant: id }),
    answer: done,
  }),
  listSessions: endpoint({
    method: "GET",
    path: "/sessions",
    permission: "signed-in",
    scope: "instance",
    summary: "Sessions, newest first: the caller's own, or another user's for those who may write users.",
    query: z.object({ ...page, userId: id.optional() }),
    answer: pageOf(session),
  }),
  revokeSession: endpoint({
    method: "DELETE",
    path: "/sessions/:session",
    permission: "signed-in",
    scope: "instance",
    summary: "Ends one session.",
    params: z.object({ session: id }),
    answer: done,
  }),
};
