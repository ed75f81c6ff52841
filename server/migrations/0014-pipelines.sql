-- Specs as they were uploaded. Versions and runs name them by digest: a run keeps its own when its version is deleted.
create table pipelines_specs (
  project_id text not null,
  digest text not null,
  spec text not null,
  created_ms bigint not null,
  primary key (project_id, digest)
);

create table pipelines_pipelines (
  id text not null primary key,
  project_id text not null,
  name text not null,
  display_name text not null,
  description text not null,
  tags text not null,
  versions bigint not null,
  created_by text not null,
  created_ms bigint not null,
  unique (project_id, name)
);
create index pipelines_pipelines_created on pipelines_pipelines (project_id, created_ms, id);

create table pipelines_versions (
  id text not null primary key,
  pipeline_id text not null references pipelines_pipelines (id) on delete cascade,
  project_id text not null,
  name text not null,
  display_name text not null,
  description text not null,
  digest text not null,
  parameters text not null,
  code_source text not null,
  tags text not null,
  created_by text not null,
  created_ms bigint not null,
  unique (pipeline_id, name)
);
create index pipelines_versions_created on pipelines_versions (pipeline_id, created_ms, id);
create index pipelines_versions_digest on pipelines_versions (project_id, digest);

-- A run outlives its pipeline, so that it names one and refers to none. An empty text means that there is none.
create table pipelines_runs (
  id text not null primary key,
  project_id text not null,
  name text not null,
  description text not null,
  pipeline_name text not null,
  pipeline_id text not null,
  version_id text not null,
  experiment_id text not null,
  digest text not null,
  phase text not null check (phase in ('running', 'cancelling', 'succeeded', 'failed', 'cancelled')),
  reason text not null,
  archived bigint not null,
  cache text not null check (cache in ('as-compiled', 'off')),
  parameters text not null,
  -- Who started it, with the rights they did it with: steps run with no more.
  actor text not null,
  started_by text not null,
  -- How many events it has; each event is written by who read the one before.
  sequence bigint not null,
  retries bigint not null,
  created_ms bigint not null,
  -- 0: it has not ended.
  ended_ms bigint not null
);
create index pipelines_runs_created on pipelines_runs (project_id, created_ms, id);
create index pipelines_runs_name on pipelines_runs (project_id, name, id);
create index pipelines_runs_experiment on pipelines_runs (project_id, experiment_id, created_ms, id);
create index pipelines_runs_pipeline on pipelines_runs (project_id, pipeline_id, created_ms, id);
create index pipelines_runs_digest on pipelines_runs (project_id, digest);

-- Everything that happened to a run, in order; it is only ever added to.
create table pipelines_run_events (
  run_id text not null references pipelines_runs (id) on delete cascade,
  sequence bigint not null,
  at_ms bigint not null,
  kind text not null,
  path text not null,
  attempt bigint not null,
  body text not null,
  primary key (run_id, sequence)
);

-- What the events made of each step: the run's state, a row a node.
create table pipelines_steps (
  run_id text not null references pipelines_runs (id) on delete cascade,
  path text not null,
  position bigint not null,
  kind text not null,
  state text not null,
  attempt bigint not null,
  body text not null,
  primary key (run_id, path)
);
create index pipelines_steps_states on pipelines_steps (run_id, kind, state);

-- What is still to be done outside. A row goes in the transaction that writes down what came of it.
create table pipelines_commands (
  id text not null primary key,
  run_id text not null references pipelines_runs (id) on delete cascade,
  kind text not null check (kind in ('start', 'cancel', 'wait')),
  path text not null,
  attempt bigint not null,
  job_id text not null,
  due_ms bigint not null,
  tries bigint not null
);
create index pipelines_commands_due on pipelines_commands (due_ms, id);
create index pipelines_commands_run on pipelines_commands (run_id);

-- Outputs by what they depend on, the newest of each.
create table pipelines_cache (
  project_id text not null,
  pipeline_name text not null,
  fingerprint text not null,
  run_id text not null,
  path text not null,
  outputs text not null,
  created_ms bigint not null,
  primary key (project_id, pipeline_name, fingerprint)
);
