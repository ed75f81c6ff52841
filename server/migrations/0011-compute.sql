-- What a list of requirements was resolved to, on which interpreter; kept for a while, so that jobs of one day agree.
create table compute_locks (
  requirements_digest text not null primary key,
  lock_text text not null,
  created_ms bigint not null
);

-- Which environments a project has used; the folder of one lies on each machine that has built it.
create table compute_environments (
  project_id text not null,
  digest text not null,
  requirements text not null,
  packages text not null,
  python text not null,
  created_ms bigint not null,
  used_ms bigint not null,
  primary key (project_id, digest)
);
create index compute_environments_used on compute_environments (project_id, used_ms, digest);

create table compute_jobs (
  id text not null primary key,
  project_id text not null,
  name text not null,
  -- Of these two an empty text means that there is none.
  origin_type text not null,
  origin_id text not null,
  state text not null check (state in ('queued', 'preparing', 'running', 'succeeded', 'failed', 'cancelled')),
  -- Attempts begun so far, and how many of them failed by what the command did.
  attempt bigint not null,
  failures bigint not null,
  -- Rises whenever someone takes the job over: what a former holder still writes is refused by it.
  fence bigint not null,
  -- The machine that has it; empty while it waits.
  machine text not null,
  -- Order in the queue; an attempt that is made again waits until then.
  due_ms bigint not null,
  cancel_asked_ms bigint,
  exit_code bigint,
  reason text,
  queued_ms bigint not null,
  started_ms bigint,
  ended_ms bigint,
  environment_digest text,
  cores bigint not null,
  memory_mib bigint not null,
  submitted_by text not null,
  -- For whom it acts, as JSON: kind, id, name, scopes, the project that the submitter was bound to.
  submitter text not null,
  -- Everything else that was asked for, as JSON.
  spec text not null
);
create index compute_jobs_project on compute_jobs (project_id, queued_ms, id);
create index compute_jobs_queue on compute_jobs (state, due_ms, id);
create index compute_jobs_origin on compute_jobs (project_id, origin_type, origin_id);

create table compute_attempts (
  job_id text not null references compute_jobs (id) on delete cascade,
  number bigint not null,
  state text not null,
  machine text not null,
  -- The token that it acts by; null when there is none.
  token_id text,
  -- What the executor knows it by; empty until it was started.
  executor_id text not null,
  -- How much of what it printed has gone into the log, in bytes.
  logged_bytes bigint not null,
  exit_code bigint,
  reason text,
  begun_ms bigint not null,
  started_ms bigint,
  ended_ms bigint,
  primary key (job_id, number)
);
