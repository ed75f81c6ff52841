-- Ids count from 0 in each project; rows are never removed while the project lives, so no id comes twice.
create table tracking_experiments (
  project_id text not null,
  id bigint not null,
  name text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  deleted bigint not null check (deleted in (0, 1)),
  -- How often it came back from deletion: a run's own deletion ends with the round in which it was made.
  restores bigint not null,
  runs bigint not null,
  -- How many of its runs were deleted by themselves in this round.
  deleted_runs bigint not null,
  primary key (project_id, id),
  unique (project_id, name)
);
create index tracking_experiments_by_time on tracking_experiments (project_id, created_ms desc, id desc);

create table tracking_experiment_tags (
  project_id text not null,
  experiment_id bigint not null,
  key text not null,
  value text not null,
  primary key (project_id, experiment_id, key)
);

create table tracking_runs (
  id text not null primary key,
  project_id text not null,
  experiment_id bigint not null,
  name text not null,
  status text not null,
  owner text not null,
  started_ms bigint not null,
  ended_ms bigint,
  -- The experiment's round in which this run was deleted by itself; -1 for never.
  deleted_round bigint not null,
  -- Whether it has datasets or models, which most runs have not.
  has_links bigint not null,
  -- Rises with every change of the run or its values, so that a reader may keep what it has made of one.
  version bigint not null
);
create index tracking_runs_by_start on tracking_runs (project_id, started_ms desc, id);
create index tracking_runs_by_experiment on tracking_runs (project_id, experiment_id, started_ms desc, id);
create index tracking_runs_by_status on tracking_runs (project_id, status, started_ms desc, id);

create table tracking_params (
  run_id text not null,
  key text not null,
  value text not null,
  primary key (run_id, key)
);

create table tracking_run_tags (
  run_id text not null,
  key text not null,
  value text not null,
  primary key (run_id, key)
);

-- A metric of a run: its latest point, and those of its points that no chunk holds yet.
create table tracking_series (
  run_id text not null,
  key text not null,
  project_id text not null,
  experiment_id bigint not null,
  -- NaN is stored as 0 with is_nan, because databases disagree on how it compares.
  value double not null,
  is_nan bigint not null,
  step bigint not null,
  at_ms bigint not null,
  first_ms bigint not null,
  chunks bigint not null,
  tail bytes not null,
  primary key (run_id, key)
);
create index tracking_series_by_value on tracking_series (project_id, experiment_id, key, is_nan, value);

-- Points of one series, column by column in `points`, ordered by time, step and value; beside them what charts ask for.
create table tracking_chunks (
  run_id text not null,
  key text not null,
  number bigint not null,
  size bigint not null,
  -- 1 when steps rise with time, so that the last point by time is the last by step, too.
  in_order bigint not null,
  first_ms bigint not null,
  first_step bigint not null,
  last_ms bigint not null,
  last_step bigint not null,
  min_step bigint not null,
  max_step bigint not null,
  min_value double,
  max_value double,
  last_value double,
  points bytes not null,
  primary key (run_id, key, number)
);

-- What runs have read. The first description of a dataset in an experiment stands.
create table tracking_datasets (
  id text not null primary key,
  project_id text not null,
  experiment_id bigint not null,
  name text not null,
  digest text not null,
  source_type text not null,
  source text not null,
  schema text,
  profile text,
  unique (project_id, experiment_id, name, digest)
);

create table tracking_inputs (
  run_id text not null,
  dataset_id text not null,
  -- What it was used for, as the client says; empty when it does not.
  context text not null,
  tags text not null,
  primary key (run_id, dataset_id)
);
create index tracking_inputs_by_dataset on tracking_inputs (dataset_id);

create table tracking_run_models (
  run_id text not null,
  direction text not null check (direction in ('input', 'output')),
  model_id text not null,
  step bigint not null,
  primary key (run_id, direction, model_id)
);
