-- Spans of traces lie beside log lines, in sealed rows of the same form; a stream holds one kind only.
alter table telemetry_logs add column kind text not null default 'log' check (kind in ('log', 'span'));
drop index telemetry_logs_by_time;
create index telemetry_logs_by_kind on telemetry_logs (kind, to_ms, stream, first_line);

-- Where a trace's spans lie: the row as it was stored first, for rows that were joined are found by their first line.
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

-- Series of the instance's own processes have no project. A total is what a counter that is sent as increments has come to.
alter table telemetry_series add column project_id text not null default '';
alter table telemetry_series add column unit text not null default '';
alter table telemetry_series add column help text not null default '';
alter table telemetry_series add column total double not null default 0;
drop index telemetry_series_by_name;
create index telemetry_series_by_name on telemetry_series (project_id, name, id);

-- What one sender brought at once, for one project; many of them become one chunk a series.
create table telemetry_points (
  id text not null primary key,
  project_id text not null,
  from_ms bigint not null,
  to_ms bigint not null,
  stored_ms bigint not null,
  size_bytes bigint not null,
  body bytes not null
);
create index telemetry_points_by_project on telemetry_points (project_id, stored_ms, id);
create index telemetry_points_by_end on telemetry_points (project_id, to_ms);
