create table datasets_datasets (
  id text not null primary key,
  project_id text not null,
  name text not null,
  description text not null,
  owner text not null,
  -- JSON: { key: value }.
  tags text not null,
  -- JSON: what must hold for every version.
  checks text not null,
  -- Name, description, owner and tags in lower case, for searching.
  words text not null,
  -- The greatest number ever given; numbers of deleted versions are not given again.
  last_version bigint not null,
  versions bigint not null,
  created_by text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  unique (project_id, name)
);

create table datasets_versions (
  dataset_id text not null references datasets_datasets (id) on delete cascade,
  version bigint not null,
  project_id text not null,
  state text not null check (state in ('pending', 'ready', 'failed')),
  -- Why it failed; empty else.
  reason text not null,
  description text not null,
  format text not null check (format in ('parquet', 'csv', 'json')),
  -- JSON: an upload, paths of files, or SQL with its inputs.
  source text not null,
  -- Says that two sources give the same rows: over the files' digests, or over the SQL and its inputs' digests.
  source_digest text not null,
  -- Over the files' digests; empty until the SQL has run.
  digest text not null,
  size_bytes bigint not null,
  files bigint not null,
  row_count bigint,
  -- JSON: name, type, nullable.
  columns text,
  passed bigint,
  failed bigint,
  warned bigint,
  certified_by text,
  certified_ms bigint,
  certified_note text,
  -- How often its preparation began, and when it may begin again.
  tries bigint not null,
  due_ms bigint not null,
  created_by text not null,
  created_ms bigint not null,
  ready_ms bigint,
  primary key (dataset_id, version),
  unique (dataset_id, source_digest)
);
create index datasets_versions_due on datasets_versions (state, due_ms);

create table datasets_profiles (
  dataset_id text not null,
  version bigint not null,
  -- JSON: what each column holds.
  profile text not null,
  primary key (dataset_id, version),
  foreign key (dataset_id, version) references datasets_versions (dataset_id, version) on delete cascade
);

-- `given`: as it came; `table`: the Parquet that is read in its place.
create table datasets_files (
  dataset_id text not null,
  version bigint not null,
  role text not null check (role in ('given', 'table')),
  ordinal bigint not null,
  path text not null,
  digest text not null,
  size_bytes bigint not null,
  primary key (dataset_id, version, role, ordinal),
  foreign key (dataset_id, version) references datasets_versions (dataset_id, version) on delete cascade
);

create table datasets_check_results (
  dataset_id text not null,
  version bigint not null,
  ordinal bigint not null,
  -- JSON: the check as it was when it ran.
  spec text not null,
  state text not null check (state in ('passed', 'failed', 'broken')),
  failed_count bigint not null,
  row_count bigint not null,
  message text not null,
  -- JSON: the first rows that fail.
  examples text not null,
  ran_ms bigint not null,
  primary key (dataset_id, version, ordinal),
  foreign key (dataset_id, version) references datasets_versions (dataset_id, version) on delete cascade
);

-- Folders of files that no version names: being filled, or given up. They go when their time comes.
create table datasets_leftovers (
  path text not null primary key,
  project_id text not null,
  due_ms bigint not null
);
create index datasets_leftovers_due on datasets_leftovers (due_ms);
