create table serving_endpoints (
  id text not null primary key,
  project_id text not null,
  name text not null,
  description text not null,
  -- How it is asked, as JSON.
  input text not null,
  -- The newest revision is the one in force; 0 before the first.
  revision bigint not null,
  last_deployment bigint not null,
  -- A request that works, as JSON; an empty text when there is none.
  example text not null,
  created_by text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  unique (project_id, name)
);

create table serving_deployments (
  id text not null primary key,
  endpoint_id text not null references serving_endpoints (id) on delete cascade,
  project_id text not null,
  number bigint not null,
  model_name text not null,
  model_version bigint not null,
  -- The alias it was asked for by; an empty text when it was a number.
  model_alias text not null,
  artifact_path text not null,
  engine text not null check (engine in ('onnx', 'pyfunc')),
  settings text not null,
  -- The share of traffic it takes once it is ready.
  weight double not null,
  state text not null check (state in ('pending', 'starting', 'ready', 'failed', 'draining', 'retired')),
  reason text not null,
  -- Inputs and outputs, as JSON; an empty text before it was ready.
  signature text not null,
  created_by text not null,
  created_ms bigint not null,
  ready_ms bigint,
  -- Until then it stays warm without traffic; null is for as long as nobody ends it.
  warm_until_ms bigint,
  unique (endpoint_id, number)
);
create index serving_deployments_state on serving_deployments (state, warm_until_ms);

create table serving_revisions (
  endpoint_id text not null references serving_endpoints (id) on delete cascade,
  number bigint not null,
  routes text not null,
  why text not null check (why in ('deployed', 'traffic', 'rolled-back')),
  at_ms bigint not null,
  made_by text not null,
  primary key (endpoint_id, number)
);

-- Parts of the prediction log: each a sealed object that is never written again. They outlive their endpoint until a
-- worker has removed the object.
create table serving_segments (
  endpoint_id text not null,
  number bigint not null,
  project_id text not null,
  -- The journal that it was made of, so that it is made once.
  journal text not null unique,
  object_id text not null,
  digest text not null,
  size_bytes bigint not null,
  predictions bigint not null,
  from_ms bigint not null,
  to_ms bigint not null,
  -- Name to type of each column, as JSON.
  columns text not null,
  primary key (endpoint_id, number)
);
create index serving_segments_time on serving_segments (endpoint_id, from_ms);
create index serving_segments_age on serving_segments (to_ms);

-- What happened in a minute, counted once with the segment that tells of it.
create table serving_minutes (
  endpoint_id text not null references serving_endpoints (id) on delete cascade,
  minute_ms bigint not null,
  deployment_id text not null,
  served_by text not null,
  cohort text not null,
  predictions bigint not null,
  errors bigint not null,
  -- How many took up to each bound of the scale, as JSON.
  latencies text not null,
  primary key (endpoint_id, minute_ms, deployment_id, served_by, cohort)
);

create table serving_labels (
  endpoint_id text not null references serving_endpoints (id) on delete cascade,
  prediction_id text not null,
  predicted_ms bigint not null,
  at_ms bigint not null,
  received_ms bigint not null,
  -- As JSON.
  label text not null,
  primary key (endpoint_id, prediction_id)
);
create index serving_labels_time on serving_labels (endpoint_id, predicted_ms, prediction_id);

create table serving_cold_tables (
  endpoint_id text not null references serving_endpoints (id) on delete cascade,
  -- The step's place in the chain, from 0.
  step bigint not null,
  -- What it was made of; another question or another version makes it anew.
  question text not null,
  version bigint,
  row_count bigint not null,
  sealed bytes,
  refreshed_ms bigint,
  error text not null,
  primary key (endpoint_id, step)
);
