import { z } from "zod";
import { endpoint } from "../http.ts";
import {
  done,
  email,
  id,
  name,
  PASSWORD_CHARACTERS_MAX,
  page,
  pageOf,
  password,
  permission,
  text,
  time,
} from "./fields.ts";
import { user } from "./people.ts";

/** What somebody types to prove who they are; its length is no business of the form. */
const typedPassword = z.string().min(1).max(PASSWORD_CHARACTERS_MAX);
const code = z.string().min(1).max(200);

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

/** Signing in and out, and what callers do to themselves. */
export const signInApi = {
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
