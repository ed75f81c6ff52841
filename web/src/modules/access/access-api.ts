import type { identityApi } from "@atrium/contract/identity";
import { operation } from "../../lib/api.ts";

type Api = typeof identityApi;

export const listUsers = operation<Api["listUsers"]>("GET /users");
export const updateUser = operation<Api["updateUser"]>("PATCH /users/:user");
export const createResetLink = operation<Api["createResetLink"]>("POST /users/:user/reset-link");
export const listInvitations = operation<Api["listInvitations"]>("GET /invitations");
export const invite = operation<Api["invite"]>("POST /invitations");
export const withdrawInvitation = operation<Api["withdrawInvitation"]>("DELETE /invitations/:invitation");
export const listGroups = operation<Api["listGroups"]>("GET /groups");
export const createGroup = operation<Api["createGroup"]>("POST /groups");
export const deleteGroup = operation<Api["deleteGroup"]>("DELETE /groups/:group");
export const listMembers = operation<Api["listMembers"]>("GET /groups/:group/members");
export const addMember = operation<Api["addMember"]>("POST /groups/:group/members");
export const removeMember = operation<Api["removeMember"]>("DELETE /groups/:group/members/:member");
export const listServiceAccounts = operation<Api["listServiceAccounts"]>("GET /service-accounts");
export const createServiceAccount = operation<Api["createServiceAccount"]>("POST /service-accounts");
export const updateServiceAccount = operation<Api["updateServiceAccount"]>(
  "PATCH /service-accounts/:account",
);
export const createServiceAccountToken = operation<Api["createServiceAccountToken"]>(
  "POST /service-accounts/:account/tokens",
);
export const listTokens = operation<Api["listTokens"]>("GET /tokens");
export const createToken = operation<Api["createToken"]>("POST /tokens");
export const revokeToken = operation<Api["revokeToken"]>("DELETE /tokens/:token");
export const listRoles = operation<Api["listRoles"]>("GET /roles");
export const createRole = operation<Api["createRole"]>("POST /roles");
export const deleteRole = operation<Api["deleteRole"]>("DELETE /roles/:role");
export const listGrants = operation<Api["listGrants"]>("GET /grants");
export const createGrant = operation<Api["createGrant"]>("POST /grants");
export const revokeGrant = operation<Api["revokeGrant"]>("DELETE /grants/:grant");
