-- `email_key` is the address as it is compared: in lower case. `search` is what a typed text is looked for in.
create table identity_users (
  id text not null primary key,
  email text not null,
  email_key text not null unique,
  display_name text not null,
  search text not null,
  state text not null check (state in ('active', 'suspended')),
  password_hash text,
  created_ms bigint not null,
  last_sign_in_ms bigint
);

-- Without a project it belongs to the organisation as a whole.
create table identity_service_accounts (
  id text not null primary key,
  organisation_id text not null,
  project_id text,
  name text not null,
  description text not null,
  state text not null check (state in ('active', 'suspended')),
  created_ms bigint not null,
  unique (organisation_id, name)
);
create index identity_service_accounts_name on identity_service_accounts (name, id);

create table identity_groups (
  id text not null primary key,
  organisation_id text not null,
  name text not null,
  search text not null,
  description text not null,
  created_ms bigint not null,
  unique (organisation_id, search)
);
create index identity_groups_name on identity_groups (search, id);

create table identity_members (
  group_id text not null references identity_groups (id),
  member_kind text not null check (member_kind in ('user', 'service-account')),
  member_id text not null,
  added_ms bigint not null,
  primary key (group_id, member_id)
);
create index identity_members_member on identity_members (member_id, group_id);

-- Roles that people made; the built-in ones are part of the program.
create table identity_roles (
  id text not null primary key,
  name text not null,
  name_key text not null unique,
  description text not null,
  permissions text not null,
  created_ms bigint not null
);

-- `place` names the place in one text, so that a grant exists once. The organisation of a project stands beside it.
create table identity_grants (
  id text not null primary key,
  principal_kind text not null check (principal_kind in ('user', 'service-account', 'group')),
  principal_id text not null,
  role_id text not null,
  place text not null,
  organisation_id text,
  project_id text,
  resource_type text,
  resource_id text,
  created_ms bigint not null,
  created_by text not null,
  unique (principal_id, role_id, place)
);
create index identity_grants_role on identity_grants (role_id, place);
create index identity_grants_organisation on identity_grants (organisation_id, principal_id);
create index identity_grants_project on identity_grants (project_id, principal_id);

-- Only a hash of what the cookie carries is kept.
create table identity_sessions (
  id text not null primary key,
  secret_hash text not null unique,
  user_id text not null references identity_users (id),
  created_ms bigint not null,
  last_used_ms bigint not null,
  expires_ms bigint not null,
  ip text not null,
  user_agent text not null
);
create index identity_sessions_user on identity_sessions (user_id, id);
create index identity_sessions_expiry on identity_sessions (expires_ms);
create index identity_sessions_used on identity_sessions (last_used_ms);

-- Only a hash of the token is kept; `prefix` is its beginning, to recognise it by. The operator's never expires.
create table identity_tokens (
  id text not null primary key,
  secret_hash text not null unique,
  kind text not null check (kind in ('made', 'operator')),
  name text not null,
  prefix text not null,
  owner_kind text not null check (owner_kind in ('user', 'service-account')),
  owner_id text not null,
  scopes text,
  project_id text,
  created_ms bigint not null,
  expires_ms bigint,
  last_used_ms bigint,
  revoked_ms bigint
);
create index identity_tokens_owner on identity_tokens (owner_id, id);
create index identity_tokens_kind on identity_tokens (kind, id);
create index identity_tokens_expiry on identity_tokens (expires_ms);
create index identity_tokens_revoked on identity_tokens (revoked_ms);

-- One-time links. A used one is gone. An invitation has an address and promised grants instead of a user.
create table identity_links (
  id text not null primary key,
  code_hash text not null unique,
  kind text not null check (kind in ('sign-in', 'invitation', 'password-reset')),
  user_id text references identity_users (id),
  email text not null,
  email_key text not null,
  grants text not null,
  created_ms bigint not null,
  created_by text not null,
  creator_kind text not null,
  creator_id text not null,
  expires_ms bigint not null
);
create index identity_links_user on identity_links (user_id, kind);
create index identity_links_email on identity_links (email_key, kind);
create index identity_links_creator on identity_links (kind, creator_id, id);
create index identity_links_expiry on identity_links (expires_ms);
