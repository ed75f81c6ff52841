-- Entities, views and services. A version never changes; numbers of deleted ones are not given again.
create table feature_store_definitions (
  id text not null primary key,
  project_id text not null,
  kind text not null check (kind in ('entity', 'view', 'service')),
  name text not null,
  version bigint not null,
  -- `newest` and `older` versions live; `deleted` ones are only kept for their numbers.
  state text not null check (state in ('newest', 'older', 'deleted')),
  spec text not null,
  created_by text not null,
  created_ms bigint not null,
  unique (project_id, kind, name, version)
);
create index feature_store_definitions_newest on feature_store_definitions (project_id, kind, state, name);

-- How fresh the online values of one version of a view are. Null: never.
create table feature_store_freshness (
  view_id text not null primary key references feature_store_definitions (id) on delete cascade,
  project_id text not null,
  materialized_to_ms bigint,
  newest_event_ms bigint,
  written_ms bigint
);

-- Rows that were pushed onto a version of a dataset, each batch a sealed file.
create table feature_store_segments (
  id text not null primary key,
  project_id text not null,
  dataset_id text not null,
  dataset_version bigint not null,
  -- Of the rows as they were sent, so that a batch which is sent again is there once.
  rows_digest text not null,
  artifact_path text not null,
  file_digest text not null,
  size_bytes bigint not null,
  row_count bigint not null,
  created_by text not null,
  created_ms bigint not null,
  unique (project_id, dataset_id, dataset_version, rows_digest)
);

create table feature_store_materializations (
  id text not null primary key,
  project_id text not null,
  view_id text not null,
  view_name text not null,
  view_version bigint not null,
  state text not null check (state in ('queued', 'running', 'succeeded', 'failed')),
  mode text not null check (mode in ('full', 'incremental')),
  as_of_ms bigint not null,
  from_ms bigint,
  -- The dataset's version and the pushed segments, fixed when it was asked for.
  inputs text not null,
  parts_done bigint not null,
  parts bigint,
  rows_read bigint not null,
  rows_written bigint not null,
  tries bigint not null,
  error text,
  created_by text not null,
  created_ms bigint not null,
  started_ms bigint,
  ended_ms bigint
);
create index feature_store_materializations_view on feature_store_materializations (project_id, view_name, id);
create index feature_store_materializations_state on feature_store_materializations (state, id);

create table feature_store_training_sets (
  id text not null primary key,
  project_id text not null,
  name text not null,
  number bigint not null,
  state text not null check (state in ('queued', 'running', 'succeeded', 'failed')),
  -- What was asked for, with every version fixed; see the module's tables.
  spec text not null,
  -- What came of it: statement, plans, columns with their statistics; empty until then.
  result text not null,
  artifact_path text,
  digest text,
  size_bytes bigint,
  row_count bigint,
  tries bigint not null,
  error text,
  created_by text not null,
  created_ms bigint not null,
  ended_ms bigint,
  unique (project_id, name, number)
);
create index feature_store_training_sets_project on feature_store_training_sets (project_id, id);
create index feature_store_training_sets_state on feature_store_training_sets (state, id);
