import { z } from "zod";
import { endpoint } from "../http.ts";
import { PERMISSIONS } from "../permissions.ts";
import {
  description,
  done,
  id,
  name,
  page,
  pageOf,
  permission,
  principalState,
  text,
  time,
} from "./fields.ts";

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

const newToken = {
  name,
  scopes: z.array(permission).min(1).max(PERMISSIONS.length).optional(),
  projectId: id.optional(),
  expiresMs: time,
};
/** `secret` is the whole token, shown this once. */
const tokenWithSecret = z.object({ token, secret: z.string() });

/** Service accounts, and the tokens by which they and people call. */
export const tokensApi = {
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
};
