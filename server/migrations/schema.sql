-- What all migrations add up to, for people: tables with their columns and keys, then indexes (checks and references stand
-- in the migrations). Nothing reads it.
-- A test compares it with both engines; `vitest run --project unit server/src/ports/database/schema.test.ts -u` writes it anew.

create table artifacts_contents (
  project_id text not null,
  digest text not null,
  object_id text not null,
  size_bytes bigint not null,
  used_ms bigint not null,
  verified_ms bigint not null,
  damaged_ms bigint not null,
  primary key (project_id, digest),
  unique (object_id)
);
create index artifacts_contents_by_check on artifacts_contents (verified_ms, project_id, digest);
create index artifacts_contents_by_use on artifacts_contents (used_ms, project_id, digest);

create table artifacts_files (
  project_id text not null,
  path text not null,
  digest text not null,
  size_bytes bigint not null,
  media_type text not null,
  created_ms bigint not null,
  primary key (project_id, path)
);
create index artifacts_files_by_digest on artifacts_files (project_id, digest);
create index artifacts_files_by_size on artifacts_files (project_id, size_bytes);

create table artifacts_parts (
  upload_id text not null,
  number bigint not null,
  project_id text not null,
  digest text not null,
  size_bytes bigint not null,
  primary key (upload_id, number)
);
create index artifacts_parts_by_digest on artifacts_parts (project_id, digest);

create table artifacts_removals (
  object_id text not null,
  project_id text not null,
  primary key (object_id)
);

create table artifacts_uploads (
  id text not null,
  project_id text not null,
  path text not null,
  media_type text not null,
  created_ms bigint not null,
  expires_ms bigint not null,
  primary key (id)
);
create index artifacts_uploads_by_expiry on artifacts_uploads (expires_ms, id);

create table audit_checkpoints (
  size bigint not null,
  note text not null,
  at_ms bigint not null,
  primary key (size)
);

create table audit_head (
  id bigint not null,
  size bigint not null,
  hash bytes not null,
  frontier bytes not null,
  primary key (id)
);

create table audit_keys (
  name text not null,
  public_key bytes not null,
  wrapped_private_key text not null,
  created_ms bigint not null,
  primary key (name)
);

create table audit_records (
  seq bigint not null,
  event text not null,
  hash bytes not null,
  at_ms bigint not null,
  actor_id text not null,
  action text not null,
  resource_type text not null,
  resource_id text not null,
  organisation_id text,
  project_id text,
  outcome text not null,
  primary key (seq)
);
create index audit_records_action on audit_records (action, seq);
create index audit_records_actor on audit_records (actor_id, seq);
create index audit_records_project on audit_records (project_id, seq);
create index audit_records_resource on audit_records (resource_type, resource_id, seq);
create index audit_records_time on audit_records (at_ms, seq);

create table audit_tiles (
  tile bigint not null,
  hash bytes not null,
  primary key (tile)
);

create table compute_attempts (
  job_id text not null,
  number bigint not null,
  state text not null,
  machine text not null,
  token_id text,
  executor_id text not null,
  logged_bytes bigint not null,
  exit_code bigint,
  reason text,
  begun_ms bigint not null,
  started_ms bigint,
  ended_ms bigint,
  primary key (job_id, number)
);

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
  id text not null,
  project_id text not null,
  name text not null,
  origin_type text not null,
  origin_id text not null,
  state text not null,
  attempt bigint not null,
  failures bigint not null,
  fence bigint not null,
  machine text not null,
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
  submitter text not null,
  spec text not null,
  primary key (id)
);
create index compute_jobs_origin on compute_jobs (project_id, origin_type, origin_id);
create index compute_jobs_project on compute_jobs (project_id, queued_ms, id);
create index compute_jobs_queue on compute_jobs (state, due_ms, id);

create table compute_locks (
  requirements_digest text not null,
  lock_text text not null,
  created_ms bigint not null,
  primary key (requirements_digest)
);

create table datasets_check_results (
  dataset_id text not null,
  version bigint not null,
  ordinal bigint not null,
  spec text not null,
  state text not null,
  failed_count bigint not null,
  row_count bigint not null,
  message text not null,
  examples text not null,
  ran_ms bigint not null,
  primary key (dataset_id, version, ordinal)
);

create table datasets_datasets (
  id text not null,
  project_id text not null,
  name text not null,
  description text not null,
  owner text not null,
  tags text not null,
  checks text not null,
  words text not null,
  last_version bigint not null,
  versions bigint not null,
  created_by text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  primary key (id),
  unique (project_id, name)
);

create table datasets_files (
  dataset_id text not null,
  version bigint not null,
  role text not null,
  ordinal bigint not null,
  path text not null,
  digest text not null,
  size_bytes bigint not null,
  primary key (dataset_id, version, role, ordinal)
);

create table datasets_leftovers (
  path text not null,
  project_id text not null,
  due_ms bigint not null,
  primary key (path)
);
create index datasets_leftovers_due on datasets_leftovers (due_ms);

create table datasets_profiles (
  dataset_id text not null,
  version bigint not null,
  profile text not null,
  primary key (dataset_id, version)
);

create table datasets_versions (
  dataset_id text not null,
  version bigint not null,
  project_id text not null,
  state text not null,
  reason text not null,
  description text not null,
  format text not null,
  source text not null,
  source_digest text not null,
  digest text not null,
  size_bytes bigint not null,
  files bigint not null,
  row_count bigint,
  columns text,
  passed bigint,
  failed bigint,
  warned bigint,
  certified_by text,
  certified_ms bigint,
  certified_note text,
  tries bigint not null,
  due_ms bigint not null,
  created_by text not null,
  created_ms bigint not null,
  ready_ms bigint,
  primary key (dataset_id, version),
  unique (dataset_id, source_digest)
);
create index datasets_versions_due on datasets_versions (state, due_ms);

create table events_cursors (
  subscriber text not null,
  position bigint not null,
  moved_ms bigint not null,
  primary key (subscriber)
);

create table events_outbox (
  position bigint not null,
  kind text not null,
  project_id text,
  key text not null,
  body text not null,
  at_ms bigint not null,
  primary key (position)
);

create table events_parked (
  subscriber text not null,
  position bigint not null,
  kind text not null,
  project_id text,
  key text not null,
  body text not null,
  at_ms bigint not null,
  tries bigint not null,
  next_try_ms bigint not null,
  error text,
  set_aside_ms bigint,
  primary key (subscriber, position)
);
create index events_parked_set_aside on events_parked (set_aside_ms, subscriber, position);

create table feature_store_definitions (
  id text not null,
  project_id text not null,
  kind text not null,
  name text not null,
  version bigint not null,
  state text not null,
  spec text not null,
  created_by text not null,
  created_ms bigint not null,
  primary key (id),
  unique (project_id, kind, name, version)
);
create index feature_store_definitions_newest on feature_store_definitions (project_id, kind, state, name);

create table feature_store_freshness (
  view_id text not null,
  project_id text not null,
  materialized_to_ms bigint,
  newest_event_ms bigint,
  written_ms bigint,
  primary key (view_id)
);

create table feature_store_materializations (
  id text not null,
  project_id text not null,
  view_id text not null,
  view_name text not null,
  view_version bigint not null,
  state text not null,
  mode text not null,
  as_of_ms bigint not null,
  from_ms bigint,
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
  ended_ms bigint,
  primary key (id)
);
create index feature_store_materializations_state on feature_store_materializations (state, id);
create index feature_store_materializations_view on feature_store_materializations (project_id, view_name, id);

create table feature_store_segments (
  id text not null,
  project_id text not null,
  dataset_id text not null,
  dataset_version bigint not null,
  rows_digest text not null,
  artifact_path text not null,
  file_digest text not null,
  size_bytes bigint not null,
  row_count bigint not null,
  created_by text not null,
  created_ms bigint not null,
  primary key (id),
  unique (project_id, dataset_id, dataset_version, rows_digest)
);

create table feature_store_training_sets (
  id text not null,
  project_id text not null,
  name text not null,
  number bigint not null,
  state text not null,
  spec text not null,
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
  primary key (id),
  unique (project_id, name, number)
);
create index feature_store_training_sets_project on feature_store_training_sets (project_id, id);
create index feature_store_training_sets_state on feature_store_training_sets (state, id);

create table house_migrations (
  name text not null,
  sha256 text not null,
  applied_ms bigint not null,
  primary key (name)
);

create table identity_grants (
  id text not null,
  principal_kind text not null,
  principal_id text not null,
  role_id text not null,
  place text not null,
  organisation_id text,
  project_id text,
  resource_type text,
  resource_id text,
  created_ms bigint not null,
  created_by text not null,
  primary key (id),
  unique (principal_id, role_id, place)
);
create index identity_grants_organisation on identity_grants (organisation_id, principal_id);
create index identity_grants_project on identity_grants (project_id, principal_id);
create index identity_grants_role on identity_grants (role_id, place);

create table identity_groups (
  id text not null,
  organisation_id text not null,
  name text not null,
  search text not null,
  description text not null,
  created_ms bigint not null,
  primary key (id),
  unique (organisation_id, search)
);
create index identity_groups_name on identity_groups (search, id);

create table identity_links (
  id text not null,
  code_hash text not null,
  kind text not null,
  user_id text,
  email text not null,
  email_key text not null,
  grants text not null,
  created_ms bigint not null,
  created_by text not null,
  creator_kind text not null,
  creator_id text not null,
  expires_ms bigint not null,
  primary key (id),
  unique (code_hash)
);
create index identity_links_creator on identity_links (kind, creator_id, id);
create index identity_links_email on identity_links (email_key, kind);
create index identity_links_expiry on identity_links (expires_ms);
create index identity_links_user on identity_links (user_id, kind);

create table identity_members (
  group_id text not null,
  member_kind text not null,
  member_id text not null,
  added_ms bigint not null,
  primary key (group_id, member_id)
);
create index identity_members_member on identity_members (member_id, group_id);

create table identity_roles (
  id text not null,
  name text not null,
  name_key text not null,
  description text not null,
  permissions text not null,
  created_ms bigint not null,
  primary key (id),
  unique (name_key)
);

create table identity_service_accounts (
  id text not null,
  organisation_id text not null,
  project_id text,
  name text not null,
  description text not null,
  state text not null,
  created_ms bigint not null,
  primary key (id),
  unique (organisation_id, name)
);
create index identity_service_accounts_name on identity_service_accounts (name, id);

create table identity_sessions (
  id text not null,
  secret_hash text not null,
  user_id text not null,
  created_ms bigint not null,
  last_used_ms bigint not null,
  expires_ms bigint not null,
  ip text not null,
  user_agent text not null,
  primary key (id),
  unique (secret_hash)
);
create index identity_sessions_expiry on identity_sessions (expires_ms);
create index identity_sessions_used on identity_sessions (last_used_ms);
create index identity_sessions_user on identity_sessions (user_id, id);

create table identity_tokens (
  id text not null,
  secret_hash text not null,
  kind text not null,
  name text not null,
  prefix text not null,
  owner_kind text not null,
  owner_id text not null,
  scopes text,
  project_id text,
  created_ms bigint not null,
  expires_ms bigint,
  last_used_ms bigint,
  revoked_ms bigint,
  job_id text,
  primary key (id),
  unique (secret_hash)
);
create index identity_tokens_expiry on identity_tokens (expires_ms);
create index identity_tokens_job on identity_tokens (job_id);
create index identity_tokens_kind on identity_tokens (kind, id);
create index identity_tokens_owner on identity_tokens (owner_id, id);
create index identity_tokens_revoked on identity_tokens (revoked_ms);

create table identity_users (
  id text not null,
  email text not null,
  email_key text not null,
  display_name text not null,
  search text not null,
  state text not null,
  password_hash text,
  created_ms bigint not null,
  last_sign_in_ms bigint,
  primary key (id),
  unique (email_key)
);

create table leases_leases (
  name text not null,
  holder text not null,
  process text not null,
  fence bigint not null,
  until_ms bigint not null,
  primary key (name)
);

create table lineage_edges (
  project_id text not null,
  from_thing text not null,
  relation text not null,
  to_thing text not null,
  at_ms bigint not null,
  primary key (project_id, from_thing, relation, to_thing)
);
create index lineage_edges_back on lineage_edges (project_id, to_thing);

create table monitoring_channels (
  id text not null,
  project_id text not null,
  name text not null,
  settings text not null,
  created_by text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  primary key (id),
  unique (project_id, name)
);

create table monitoring_deliveries (
  id text not null,
  project_id text not null,
  target text not null,
  target_id text not null,
  incident_id text not null,
  event text not null,
  body text not null,
  state text not null,
  attempts bigint not null,
  created_ms bigint not null,
  next_ms bigint not null,
  ended_ms bigint,
  last_status bigint,
  last_error text not null,
  primary key (id)
);
create index monitoring_deliveries_due on monitoring_deliveries (state, next_ms, id);
create index monitoring_deliveries_incident on monitoring_deliveries (incident_id, id);
create index monitoring_deliveries_project on monitoring_deliveries (project_id, id);
create index monitoring_deliveries_target on monitoring_deliveries (target_id, id);

create table monitoring_incidents (
  id text not null,
  project_id text not null,
  monitor_id text not null,
  rule_id text not null,
  state text not null,
  rule text not null,
  value double not null,
  last_value double not null,
  window_start_ms bigint not null,
  last_window_start_ms bigint not null,
  opened_ms bigint not null,
  acknowledged_ms bigint,
  acknowledged_by text not null,
  resolved_ms bigint,
  resolved_by text not null,
  note text not null,
  told_ms bigint,
  pipeline_run_id text not null,
  primary key (id)
);
create index monitoring_incidents_monitor on monitoring_incidents (monitor_id, id);
create index monitoring_incidents_project on monitoring_incidents (project_id, id);
create index monitoring_incidents_rule on monitoring_incidents (rule_id, state);
create index monitoring_incidents_state on monitoring_incidents (project_id, state, id);
create index monitoring_incidents_untold on monitoring_incidents (told_ms, state, id);

create table monitoring_monitors (
  id text not null,
  project_id text not null,
  name text not null,
  settings text not null,
  endpoint text not null,
  state text not null,
  revision bigint not null,
  start_ms bigint not null,
  next_ms bigint not null,
  wake_ms bigint not null,
  reference_revision bigint not null,
  reference_rows bigint not null,
  problem text not null,
  created_by text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  primary key (id),
  unique (project_id, name)
);
create index monitoring_monitors_wake on monitoring_monitors (state, wake_ms);

create table monitoring_references (
  monitor_id text not null,
  column_name text not null,
  profile bytes not null,
  primary key (monitor_id, column_name)
);

create table monitoring_results (
  monitor_id text not null,
  segment text not null,
  column_name text not null,
  start_ms bigint not null,
  row_count bigint not null,
  insufficient bigint not null,
  sampled_rows bigint not null,
  metrics text not null,
  bins text not null,
  primary key (monitor_id, segment, column_name, start_ms)
);
create index monitoring_results_window on monitoring_results (monitor_id, start_ms);

create table monitoring_rules (
  id text not null,
  project_id text not null,
  monitor_id text not null,
  name text not null,
  settings text not null,
  settled_ms bigint not null,
  created_by text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  owner text not null,
  primary key (id),
  unique (monitor_id, name)
);
create index monitoring_rules_project on monitoring_rules (project_id, id);

create table monitoring_silences (
  id text not null,
  project_id text not null,
  matchers text not null,
  starts_ms bigint not null,
  ends_ms bigint not null,
  comment text not null,
  created_by text not null,
  created_ms bigint not null,
  primary key (id)
);
create index monitoring_silences_project on monitoring_silences (project_id, ends_ms, id);

create table monitoring_windows (
  monitor_id text not null,
  start_ms bigint not null,
  end_ms bigint not null,
  state text not null,
  row_count bigint not null,
  insufficient bigint not null,
  revision bigint not null,
  monitor_revision bigint not null,
  computed_ms bigint not null,
  labels_digest text not null,
  digest text not null,
  primary key (monitor_id, start_ms)
);
create index monitoring_windows_state on monitoring_windows (monitor_id, state, start_ms);

create table notebooks_files (
  project_id text not null,
  path text not null,
  parent text not null,
  kind text not null,
  id text not null,
  version bigint not null,
  size_bytes bigint not null,
  digest text not null,
  created_ms bigint not null,
  modified_ms bigint not null,
  modified_by text not null,
  primary key (project_id, path),
  unique (id)
);
create index notebooks_files_parent on notebooks_files (project_id, parent, path);

create table notebooks_leftovers (
  artifact_path text not null,
  project_id text not null,
  primary key (artifact_path)
);

create table notebooks_runs (
  id text not null,
  project_id text not null,
  path text not null,
  version bigint not null,
  parameters text not null,
  job_id text not null,
  started_by text not null,
  queued_ms bigint not null,
  cells_total bigint not null,
  cells_done bigint not null,
  artifact_path text not null,
  size_bytes bigint not null,
  primary key (id)
);
create index notebooks_runs_path on notebooks_runs (project_id, path, queued_ms, id);
create index notebooks_runs_project on notebooks_runs (project_id, queued_ms, id);

create table notebooks_servers (
  id text not null,
  project_id text not null,
  user_id text not null,
  user_name text not null,
  job_id text not null,
  requirements text not null,
  started_ms bigint not null,
  stop_asked_ms bigint,
  ended_ms bigint,
  answered_ms bigint,
  given_up_ms bigint,
  primary key (id)
);
create index notebooks_servers_person on notebooks_servers (project_id, user_id, started_ms, id);
create index notebooks_servers_project on notebooks_servers (project_id, started_ms, id);
create index notebooks_servers_standing on notebooks_servers (ended_ms, id);

create table notebooks_versions (
  file_id text not null,
  version bigint not null,
  artifact_path text not null,
  size_bytes bigint not null,
  digest text not null,
  saved_ms bigint not null,
  saved_by text not null,
  primary key (file_id, version)
);

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

create table pipelines_commands (
  id text not null,
  run_id text not null,
  kind text not null,
  path text not null,
  attempt bigint not null,
  job_id text not null,
  due_ms bigint not null,
  tries bigint not null,
  primary key (id)
);
create index pipelines_commands_due on pipelines_commands (due_ms, id);
create index pipelines_commands_run on pipelines_commands (run_id);

create table pipelines_pipelines (
  id text not null,
  project_id text not null,
  name text not null,
  display_name text not null,
  description text not null,
  tags text not null,
  versions bigint not null,
  created_by text not null,
  created_ms bigint not null,
  primary key (id),
  unique (project_id, name)
);
create index pipelines_pipelines_created on pipelines_pipelines (project_id, created_ms, id);

create table pipelines_run_events (
  run_id text not null,
  sequence bigint not null,
  at_ms bigint not null,
  kind text not null,
  path text not null,
  attempt bigint not null,
  body text not null,
  primary key (run_id, sequence)
);

create table pipelines_runs (
  id text not null,
  project_id text not null,
  name text not null,
  description text not null,
  pipeline_name text not null,
  pipeline_id text not null,
  version_id text not null,
  experiment_id text not null,
  digest text not null,
  phase text not null,
  reason text not null,
  archived bigint not null,
  cache text not null,
  parameters text not null,
  actor text not null,
  started_by text not null,
  sequence bigint not null,
  retries bigint not null,
  created_ms bigint not null,
  ended_ms bigint not null,
  origin_type text not null,
  origin_id text not null,
  start_key text not null,
  primary key (id),
  unique (project_id, start_key)
);
create index pipelines_runs_created on pipelines_runs (project_id, created_ms, id);
create index pipelines_runs_digest on pipelines_runs (project_id, digest);
create index pipelines_runs_experiment on pipelines_runs (project_id, experiment_id, created_ms, id);
create index pipelines_runs_name on pipelines_runs (project_id, name, id);
create index pipelines_runs_pipeline on pipelines_runs (project_id, pipeline_id, created_ms, id);

create table pipelines_specs (
  project_id text not null,
  digest text not null,
  spec text not null,
  created_ms bigint not null,
  primary key (project_id, digest)
);

create table pipelines_steps (
  run_id text not null,
  path text not null,
  position bigint not null,
  kind text not null,
  state text not null,
  attempt bigint not null,
  body text not null,
  primary key (run_id, path)
);
create index pipelines_steps_states on pipelines_steps (run_id, kind, state);

create table pipelines_versions (
  id text not null,
  pipeline_id text not null,
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
  primary key (id),
  unique (pipeline_id, name)
);
create index pipelines_versions_created on pipelines_versions (pipeline_id, created_ms, id);
create index pipelines_versions_digest on pipelines_versions (project_id, digest);

create table projects_keys (
  project_id text not null,
  wrapped text not null,
  created_ms bigint not null,
  primary key (project_id)
);

create table projects_organisations (
  id text not null,
  slug text not null,
  name text not null,
  created_ms bigint not null,
  primary key (id),
  unique (slug)
);

create table projects_projects (
  id text not null,
  organisation_id text not null,
  slug text not null,
  name text not null,
  description text not null,
  settings text not null,
  state text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  deleted_ms bigint,
  primary key (id),
  unique (slug)
);
create index projects_projects_organisation on projects_projects (organisation_id, slug);

create table projects_quotas (
  project_id text not null,
  resource text not null,
  used bigint not null,
  maximum bigint,
  primary key (project_id, resource)
);

create table projects_secrets (
  project_id text not null,
  name text not null,
  sealed bytes not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  updated_by text not null,
  primary key (project_id, name)
);

create table registry_alias_moves (
  id text not null,
  model_id text not null,
  alias text not null,
  from_version bigint,
  to_version bigint,
  at_ms bigint not null,
  moved_by text not null,
  primary key (id)
);
create index registry_alias_moves_model on registry_alias_moves (model_id, id);

create table registry_aliases (
  model_id text not null,
  alias text not null,
  version bigint not null,
  primary key (model_id, alias)
);
create index registry_aliases_version on registry_aliases (model_id, version);

create table registry_deliveries (
  id text not null,
  webhook_id text not null,
  project_id text not null,
  event text not null,
  body text not null,
  state text not null,
  attempts bigint not null,
  created_ms bigint not null,
  next_ms bigint not null,
  ended_ms bigint,
  last_status bigint,
  last_error text not null,
  primary key (id)
);
create index registry_deliveries_due on registry_deliveries (state, next_ms, id);
create index registry_deliveries_webhook on registry_deliveries (webhook_id, id);

create table registry_model_tags (
  model_id text not null,
  key text not null,
  value text not null,
  primary key (model_id, key)
);

create table registry_models (
  id text not null,
  project_id text not null,
  name text not null,
  description text not null,
  last_version bigint not null,
  versions bigint not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  primary key (id),
  unique (project_id, name)
);
create index registry_models_updated on registry_models (project_id, updated_ms, name);

create table registry_version_tags (
  model_id text not null,
  version bigint not null,
  key text not null,
  value text not null,
  primary key (model_id, version, key)
);

create table registry_versions (
  model_id text not null,
  version bigint not null,
  project_id text not null,
  description text not null,
  stage text not null,
  source text not null,
  artifact_path text not null,
  run_id text not null,
  logged_model_id text not null,
  run_link text not null,
  created_by text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  primary key (model_id, version)
);
create index registry_versions_run on registry_versions (project_id, run_id);
create index registry_versions_stage on registry_versions (model_id, stage, version);
create index registry_versions_updated on registry_versions (project_id, updated_ms, model_id, version);

create table registry_webhooks (
  id text not null,
  project_id text not null,
  name text not null,
  description text not null,
  url text not null,
  events text not null,
  state text not null,
  secret bytes,
  created_by text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  primary key (id)
);
create index registry_webhooks_project on registry_webhooks (project_id, id);

create table samples_steps (
  position bigint not null,
  name text not null,
  state text not null,
  note text not null,
  cursor text not null,
  tries bigint not null,
  started_ms bigint,
  ended_ms bigint,
  primary key (position)
);

create table serving_cold_tables (
  endpoint_id text not null,
  step bigint not null,
  question text not null,
  version bigint,
  row_count bigint not null,
  sealed bytes,
  refreshed_ms bigint,
  error text not null,
  primary key (endpoint_id, step)
);

create table serving_deployments (
  id text not null,
  endpoint_id text not null,
  project_id text not null,
  number bigint not null,
  model_name text not null,
  model_version bigint not null,
  model_alias text not null,
  artifact_path text not null,
  engine text not null,
  settings text not null,
  weight double not null,
  state text not null,
  reason text not null,
  signature text not null,
  created_by text not null,
  created_ms bigint not null,
  ready_ms bigint,
  warm_until_ms bigint,
  primary key (id),
  unique (endpoint_id, number)
);
create index serving_deployments_state on serving_deployments (state, warm_until_ms);

create table serving_endpoints (
  id text not null,
  project_id text not null,
  name text not null,
  description text not null,
  input text not null,
  revision bigint not null,
  last_deployment bigint not null,
  example text not null,
  created_by text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  primary key (id),
  unique (project_id, name)
);

create table serving_labels (
  endpoint_id text not null,
  prediction_id text not null,
  predicted_ms bigint not null,
  at_ms bigint not null,
  received_ms bigint not null,
  label text not null,
  primary key (endpoint_id, prediction_id)
);
create index serving_labels_time on serving_labels (endpoint_id, predicted_ms, prediction_id);

create table serving_minutes (
  endpoint_id text not null,
  minute_ms bigint not null,
  deployment_id text not null,
  served_by text not null,
  cohort text not null,
  predictions bigint not null,
  errors bigint not null,
  latencies text not null,
  primary key (endpoint_id, minute_ms, deployment_id, served_by, cohort)
);

create table serving_revisions (
  endpoint_id text not null,
  number bigint not null,
  routes text not null,
  why text not null,
  at_ms bigint not null,
  made_by text not null,
  primary key (endpoint_id, number)
);

create table serving_segments (
  endpoint_id text not null,
  number bigint not null,
  project_id text not null,
  journal text not null,
  object_id text not null,
  digest text not null,
  size_bytes bigint not null,
  predictions bigint not null,
  from_ms bigint not null,
  to_ms bigint not null,
  columns text not null,
  primary key (endpoint_id, number),
  unique (journal)
);
create index serving_segments_age on serving_segments (to_ms);
create index serving_segments_time on serving_segments (endpoint_id, from_ms);

create table telemetry_chunks (
  series_id bigint not null,
  from_ms bigint not null,
  to_ms bigint not null,
  body bytes not null,
  primary key (series_id, from_ms)
);
create index telemetry_chunks_by_time on telemetry_chunks (to_ms);

create table telemetry_logs (
  stream text not null,
  first_line bigint not null,
  project_id text not null,
  from_ms bigint not null,
  to_ms bigint not null,
  stored_ms bigint not null,
  lines bigint not null,
  debug_lines bigint not null,
  info_lines bigint not null,
  warn_lines bigint not null,
  error_lines bigint not null,
  text_bytes bigint not null,
  size_bytes bigint not null,
  head bytes not null,
  body bytes not null,
  kind text not null,
  primary key (stream, first_line)
);
create index telemetry_logs_by_kind on telemetry_logs (kind, to_ms, stream, first_line);
create index telemetry_logs_by_project on telemetry_logs (project_id, to_ms, stream, first_line);
create index telemetry_logs_by_size on telemetry_logs (text_bytes, stream, first_line);
create index telemetry_logs_by_storing on telemetry_logs (stored_ms);

create table telemetry_points (
  id text not null,
  project_id text not null,
  from_ms bigint not null,
  to_ms bigint not null,
  stored_ms bigint not null,
  size_bytes bigint not null,
  body bytes not null,
  primary key (id)
);
create index telemetry_points_by_end on telemetry_points (project_id, to_ms);
create index telemetry_points_by_project on telemetry_points (project_id, stored_ms, id);

create table telemetry_samples (
  writer text not null,
  at_ms bigint not null,
  body bytes not null,
  primary key (writer, at_ms)
);

create table telemetry_series (
  id bigint not null,
  identity_text text not null,
  name text not null,
  kind text not null,
  labels text not null,
  last_ms bigint not null,
  project_id text not null,
  unit text not null,
  help text not null,
  total double not null,
  primary key (id),
  unique (identity_text)
);
create index telemetry_series_by_name on telemetry_series (project_id, name, id);
create index telemetry_series_by_use on telemetry_series (last_ms);

create table telemetry_traces (
  project_id text not null,
  trace_id text not null,
  stream text not null,
  first_line bigint not null,
  from_ms bigint not null,
  to_ms bigint not null,
  spans bigint not null,
  errors bigint not null,
  primary key (project_id, trace_id, stream, first_line)
);
create index telemetry_traces_by_row on telemetry_traces (stream, first_line);

create table tracking_chunks (
  run_id text not null,
  key text not null,
  number bigint not null,
  size bigint not null,
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

create table tracking_datasets (
  id text not null,
  project_id text not null,
  experiment_id bigint not null,
  name text not null,
  digest text not null,
  source_type text not null,
  source text not null,
  schema text,
  profile text,
  primary key (id),
  unique (project_id, experiment_id, name, digest)
);

create table tracking_experiment_tags (
  project_id text not null,
  experiment_id bigint not null,
  key text not null,
  value text not null,
  primary key (project_id, experiment_id, key)
);

create table tracking_experiments (
  project_id text not null,
  id bigint not null,
  name text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  deleted bigint not null,
  restores bigint not null,
  runs bigint not null,
  deleted_runs bigint not null,
  primary key (project_id, id),
  unique (project_id, name)
);
create index tracking_experiments_by_time on tracking_experiments (project_id, created_ms desc, id desc);

create table tracking_inputs (
  run_id text not null,
  dataset_id text not null,
  context text not null,
  tags text not null,
  primary key (run_id, dataset_id)
);
create index tracking_inputs_by_dataset on tracking_inputs (dataset_id);

create table tracking_logged_models (
  id text not null,
  project_id text not null,
  experiment_id bigint not null,
  name text not null,
  model_type text not null,
  status text not null,
  status_message text not null,
  source_run_id text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  deleted bigint not null,
  primary key (id)
);
create index tracking_logged_models_by_experiment on tracking_logged_models (project_id, experiment_id, created_ms desc, id);
create index tracking_logged_models_by_name on tracking_logged_models (project_id, name);
create index tracking_logged_models_by_run on tracking_logged_models (project_id, source_run_id);
create index tracking_logged_models_by_time on tracking_logged_models (project_id, created_ms desc, id);

create table tracking_model_metrics (
  model_id text not null,
  key text not null,
  dataset_name text not null,
  dataset_digest text not null,
  run_id text not null,
  value double not null,
  is_nan bigint not null,
  step bigint not null,
  at_ms bigint not null,
  primary key (model_id, key, dataset_name, dataset_digest)
);

create table tracking_model_params (
  model_id text not null,
  key text not null,
  value text not null,
  primary key (model_id, key)
);

create table tracking_model_tags (
  model_id text not null,
  key text not null,
  value text not null,
  primary key (model_id, key)
);

create table tracking_params (
  run_id text not null,
  key text not null,
  value text not null,
  primary key (run_id, key)
);

create table tracking_run_models (
  run_id text not null,
  direction text not null,
  model_id text not null,
  step bigint not null,
  primary key (run_id, direction, model_id)
);

create table tracking_run_tags (
  run_id text not null,
  key text not null,
  value text not null,
  primary key (run_id, key)
);

create table tracking_runs (
  id text not null,
  project_id text not null,
  experiment_id bigint not null,
  name text not null,
  status text not null,
  owner text not null,
  started_ms bigint not null,
  ended_ms bigint,
  deleted_round bigint not null,
  has_links bigint not null,
  version bigint not null,
  primary key (id)
);
create index tracking_runs_by_experiment on tracking_runs (project_id, experiment_id, started_ms desc, id);
create index tracking_runs_by_start on tracking_runs (project_id, started_ms desc, id);
create index tracking_runs_by_status on tracking_runs (project_id, status, started_ms desc, id);

create table tracking_series (
  run_id text not null,
  key text not null,
  project_id text not null,
  experiment_id bigint not null,
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
