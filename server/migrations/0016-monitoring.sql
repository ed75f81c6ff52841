-- What is watched. `settings` is what its people wrote, as JSON; the columns beside it are what the worker looks for.
create table monitoring_monitors (
  id text not null primary key,
  project_id text not null,
  name text not null,
  settings text not null,
  -- The endpoint it watches; empty when it watches a dataset.
  endpoint text not null,
  state text not null check (state in ('active', 'paused')),
  -- Rises when what is computed changes; windows of an earlier one are computed anew.
  revision bigint not null,
  start_ms bigint not null,
  -- The first window that is not computed yet.
  next_ms bigint not null,
  -- When the worker shall look at it again.
  wake_ms bigint not null,
  -- The revision that the stored reference belongs to; 0 when there is none.
  reference_revision bigint not null,
  reference_rows bigint not null,
  problem text not null,
  created_by text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  unique (project_id, name)
);
create index monitoring_monitors_wake on monitoring_monitors (state, wake_ms);

-- A column of the reference: edges, counts and a sample. They are users' data and sealed with the project's key.
create table monitoring_references (
  monitor_id text not null references monitoring_monitors (id) on delete cascade,
  column_name text not null,
  profile bytes not null,
  primary key (monitor_id, column_name)
);

create table monitoring_windows (
  monitor_id text not null references monitoring_monitors (id) on delete cascade,
  start_ms bigint not null,
  end_ms bigint not null,
  state text not null check (state in ('sealed', 'final')),
  row_count bigint not null,
  insufficient bigint not null check (insufficient in (0, 1)),
  revision bigint not null,
  monitor_revision bigint not null,
  computed_ms bigint not null,
  -- SHA-256 over the files that labels were read from: the same ones need no second look.
  labels_digest text not null,
  digest text not null,
  primary key (monitor_id, start_ms)
);
create index monitoring_windows_state on monitoring_windows (monitor_id, state, start_ms);

-- Ordered so that a chart, which is one column of one segment over time, reads one range.
create table monitoring_results (
  monitor_id text not null references monitoring_monitors (id) on delete cascade,
  segment text not null,
  -- Empty for what is about the segment as a whole.
  column_name text not null,
  start_ms bigint not null,
  row_count bigint not null,
  insufficient bigint not null check (insufficient in (0, 1)),
  -- How many rows were drawn for what is not computed from all; 0 when all were taken.
  sampled_rows bigint not null,
  metrics text not null,
  -- Rows of each bin of the reference's histogram.
  bins text not null,
  primary key (monitor_id, segment, column_name, start_ms)
);
create index monitoring_results_window on monitoring_results (monitor_id, start_ms);

create table monitoring_rules (
  id text not null primary key,
  project_id text not null,
  monitor_id text not null references monitoring_monitors (id) on delete cascade,
  name text not null,
  settings text not null,
  -- Windows up to this one have been dealt with: an incident that they opened has ended.
  settled_ms bigint not null,
  created_by text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  unique (monitor_id, name)
);
create index monitoring_rules_project on monitoring_rules (project_id, id);

create table monitoring_incidents (
  id text not null primary key,
  project_id text not null,
  monitor_id text not null references monitoring_monitors (id) on delete cascade,
  rule_id text not null references monitoring_rules (id) on delete cascade,
  state text not null check (state in ('open', 'acknowledged', 'resolved')),
  -- What the rule said when it opened, as JSON, and the names of rule and monitor.
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
  -- When its channels were told; null while a silence keeps it quiet.
  told_ms bigint
);
create index monitoring_incidents_project on monitoring_incidents (project_id, id);
create index monitoring_incidents_state on monitoring_incidents (project_id, state, id);
create index monitoring_incidents_rule on monitoring_incidents (rule_id, state);
create index monitoring_incidents_monitor on monitoring_incidents (monitor_id, id);
create index monitoring_incidents_untold on monitoring_incidents (told_ms, state, id);

create table monitoring_silences (
  id text not null primary key,
  project_id text not null,
  matchers text not null,
  starts_ms bigint not null,
  ends_ms bigint not null,
  comment text not null,
  created_by text not null,
  created_ms bigint not null
);
create index monitoring_silences_project on monitoring_silences (project_id, ends_ms, id);

create table monitoring_channels (
  id text not null primary key,
  project_id text not null,
  name text not null,
  settings text not null,
  created_by text not null,
  created_ms bigint not null,
  updated_ms bigint not null,
  unique (project_id, name)
);

-- One message to one place. It stands in the transaction that causes it, and is tried until it arrives or is given up.
create table monitoring_deliveries (
  id text not null primary key,
  project_id text not null,
  target text not null check (target in ('webhook', 'pipeline')),
  -- The channel's id, or the pipeline's name.
  target_id text not null,
  -- Empty for a test of a channel.
  incident_id text not null,
  event text not null,
  body text not null,
  state text not null check (state in ('pending', 'delivered', 'failed')),
  attempts bigint not null,
  created_ms bigint not null,
  next_ms bigint not null,
  ended_ms bigint,
  last_status bigint,
  last_error text not null
);
create index monitoring_deliveries_project on monitoring_deliveries (project_id, id);
create index monitoring_deliveries_due on monitoring_deliveries (state, next_ms, id);
create index monitoring_deliveries_incident on monitoring_deliveries (incident_id, id);
create index monitoring_deliveries_target on monitoring_deliveries (target_id, id);
