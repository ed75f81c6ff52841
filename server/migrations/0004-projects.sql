create table projects_organisations (
  id text not null primary key,
  slug text not null unique,
  name text not null,
  created_ms bigint not null
);

create table projects_projects (
  id text not null primary key,
  organisation_id text not null references projects_organisations (id),
  slug text not null unique,
  name text not null,
  description text not null,
  settings text not null,
  state text not null check (state in ('active', 'archived', 'deleted')),
  created_ms bigint not null,
  updated_ms bigint not null,
  deleted_ms bigint
);
create index projects_projects_organisation on projects_projects (organisation_id, slug);

-- The project's data key, wrapped. Without this row nothing of the project can be read again, which is how it is purged.
create table projects_keys (
  project_id text not null primary key references projects_projects (id),
  wrapped text not null,
  created_ms bigint not null
);

-- A maximum of null is no limit. Rows come into being with the first use or the first limit.
create table projects_quotas (
  project_id text not null references projects_projects (id),
  resource text not null,
  used bigint not null check (used >= 0),
  maximum bigint,
  primary key (project_id, resource)
);

create table projects_secrets (
  project_id text not null references projects_projects (id),
  name text not null,
  sealed bytes not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  updated_by text not null,
  primary key (project_id, name)
);
