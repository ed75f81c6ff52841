import type { GrantPlace, LinkKind, PrincipalKind, User } from "@atrium/contract/identity";

type State = User["state"];

export interface IdentityTables {
  identity_users: {
    id: string;
    email: string;
    email_key: string;
    display_name: string;
    search: string;
    state: State;
    password_hash: string | null;
    created_ms: number;
    last_sign_in_ms: number | null;
  };
  identity_service_accounts: {
    id: string;
    organisation_id: string;
    project_id: string | null;
    name: string;
    description: string;
    state: State;
    created_ms: number;
  };
  identity_groups: {
    id: string;
    organisation_id: string;
    name: string;
    search: string;
    description: string;
    created_ms: number;
  };
  identity_members: {
    group_id: string;
    member_kind: "user" | "service-account";
    member_id: string;
    added_ms: number;
  };
  identity_roles: {
    id: string;
    name: string;
    name_key: string;
    description: string;
    permissions: string;
    created_ms: number;
  };
  identity_grants: {
    id: string;
    principal_kind: PrincipalKind;
    principal_id: string;
    role_id: string;
    place: string;
    organisation_id: string | null;
    project_id: string | null;
    resource_type: Extract<GrantPlace, { kind: "resource" }>["type"] | null;
    resource_id: string | null;
    created_ms: number;
    created_by: string;
  };
  identity_sessions: {
    id: string;
    secret_hash: string;
    user_id: string;
    created_ms: number;
    last_used_ms: number;
    expires_ms: number;
    ip: string;
    user_agent: string;
  };
  identity_tokens: {
    id: string;
    secret_hash: string;
    kind: "made" | "operator";
    name: string;
    prefix: string;
    owner_kind: "user" | "service-account";
    owner_id: string;
    scopes: string | null;
    project_id: string | null;
    created_ms: number;
    expires_ms: number | null;
    last_used_ms: number | null;
    revoked_ms: number | null;
    job_id: string | null;
  };
  identity_links: {
    id: string;
    code_hash: string;
    kind: LinkKind;
    user_id: string | null;
    email: string;
    email_key: string;
    grants: string;
    created_ms: number;
    created_by: string;
    creator_kind: string;
    creator_id: string;
    expires_ms: number;
  };
}

export type UserRow = IdentityTables["identity_users"];
export type ServiceAccountRow = IdentityTables["identity_service_accounts"];
export type GroupRow = IdentityTables["identity_groups"];
export type MemberRow = IdentityTables["identity_members"];
export type RoleRow = IdentityTables["identity_roles"];
export type GrantRow = IdentityTables["identity_grants"];
export type SessionRow = IdentityTables["identity_sessions"];
export type TokenRow = IdentityTables["identity_tokens"];
export type LinkRow = IdentityTables["identity_links"];
