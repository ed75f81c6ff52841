-- A grant on one model names its id, which outlives every rename.
create table registry_models (
  id text not null primary key,
  project_id text not null,
  name text not null,
  description text not null,
  -- The greatest number ever given; numbers of deleted versions are not given again.
  last_version bigint not null,
  versions bigint not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  unique (project_id, name)
);
create index registry_models_updated on registry_models (project_id, updated_ms, name);

create table registry_model_tags (
  model_id text not null references registry_models (id) on delete cascade,
  key text not null,
  value text not null,
  primary key (model_id, key)
);

create table registry_versions (
  model_id text not null references registry_models (id) on delete cascade,
  version bigint not null,
  project_id text not null,
  description text not null,
  stage text not null check (stage in ('None', 'Staging', 'Production', 'Archived')),
  source text not null,
  -- Of these four an empty text means that there is none.
  artifact_path text not null,
  run_id text not null,
  logged_model_id text not null,
  run_link text not null,
  created_by text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  primary key (model_id, version)
);
create index registry_versions_stage on registry_versions (model_id, stage, version);
create index registry_versions_updated on registry_versions (project_id, updated_ms, model_id, version);
create index registry_versions_run on registry_versions (project_id, run_id);

create table registry_version_tags (
  model_id text not null,
  version bigint not null,
  key text not null,
  value text not null,
  primary key (model_id, version, key),
  foreign key (model_id, version) references registry_versions (model_id, version) on delete cascade
);

create table registry_aliases (
  model_id text not null references registry_models (id) on delete cascade,
  alias text not null,
  version bigint not null,
  primary key (model_id, alias)
);
create index registry_aliases_version on registry_aliases (model_id, version);

-- Every move of every alias, in the order of its id.
create table registry_alias_moves (
  id text not null primary key,
  model_id text not null references registry_models (id) on delete cascade,
  alias text not null,
  from_version bigint,
  to_version bigint,
  at_ms bigint not null,
  moved_by text not null
);
create index registry_alias_moves_model on registry_alias_moves (model_id, id);
