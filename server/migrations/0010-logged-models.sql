-- Models that runs have logged. An empty `source_run_id` means that no run did.
create table tracking_logged_models (
  id text not null primary key,
  project_id text not null,
  experiment_id bigint not null,
  name text not null,
  model_type text not null,
  status text not null check (status in ('PENDING', 'READY', 'FAILED')),
  status_message text not null,
  source_run_id text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  deleted bigint not null check (deleted in (0, 1))
);
create index tracking_logged_models_by_time on tracking_logged_models (project_id, created_ms desc, id);
create index tracking_logged_models_by_experiment on tracking_logged_models (project_id, experiment_id, created_ms desc, id);
create index tracking_logged_models_by_name on tracking_logged_models (project_id, name);
create index tracking_logged_models_by_run on tracking_logged_models (project_id, source_run_id);

create table tracking_model_params (
  model_id text not null references tracking_logged_models (id) on delete cascade,
  key text not null,
  value text not null,
  primary key (model_id, key)
);

create table tracking_model_tags (
  model_id text not null references tracking_logged_models (id) on delete cascade,
  key text not null,
  value text not null,
  primary key (model_id, key)
);

-- The newest point of each metric on each dataset; empty texts mean that the client named none.
create table tracking_model_metrics (
  model_id text not null references tracking_logged_models (id) on delete cascade,
  key text not null,
  dataset_name text not null,
  dataset_digest text not null,
  run_id text not null,
  -- NaN is stored as 0 with is_nan, as in a run's series.
  value double not null,
  is_nan bigint not null,
  step bigint not null,
  at_ms bigint not null,
  primary key (model_id, key, dataset_name, dataset_digest)
);
