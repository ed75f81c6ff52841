import { z } from "zod";
import { endpoint } from "../http.ts";
import { done, email, id, name, page, pageOf, principalState, text, time } from "./fields.ts";
import { roleAtPlace } from "./grants.ts";

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

export const invitation = z.object({
  id,
  email: z.string(),
  grants: z.array(roleAtPlace),
  createdMs: time,
  createdBy: z.string(),
  expiresMs: time,
});
export type Invitation = z.output<typeof invitation>;

/** `path` opens the link; append it to the server's address. Shown this once. */
const linkAnswer = z.object({ path: z.string(), expiresMs: time });

export const peopleApi = {
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
};
