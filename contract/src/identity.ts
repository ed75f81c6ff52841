import { grantsApi } from "./identity/grants.ts";
import { groupsApi } from "./identity/groups.ts";
import { peopleApi } from "./identity/people.ts";
import { signInApi } from "./identity/sign-in.ts";
import { tokensApi } from "./identity/tokens.ts";

export type { Grant, GrantPlace, Principal, PrincipalKind, Role, RoleAtPlace } from "./identity/grants.ts";
export type { Group, GroupMember } from "./identity/groups.ts";
export type { Invitation, User } from "./identity/people.ts";
export { LINK_PAGES, type LinkKind, type Me, type Session } from "./identity/sign-in.ts";
export type { ServiceAccount, Token } from "./identity/tokens.ts";

/** Who may come in, and what they may do: an operation each. */
export const identityApi = { ...signInApi, ...peopleApi, ...groupsApi, ...tokensApi, ...grantsApi };
