-- Log lines in sealed rows. A stream is what one process writes for one project; its lines are numbered, so a line keeps
-- its place when rows of a stream are joined into larger ones.
create table telemetry_logs (
  stream text not null,
  first_line bigint not null,
  -- Empty for lines of the instance itself.
  project_id text not null,
  from_ms bigint not null,
  to_ms bigint not null,
  stored_ms bigint not null,
  lines bigint not null,
  debug_lines bigint not null,
  info_lines bigint not null,
  warn_lines bigint not null,
  error_lines bigint not null,
  -- Bytes of text before compression, and bytes of both sealed parts.
  text_bytes bigint not null,
  size_bytes bigint not null,
  -- Labels, times and levels; then the texts. Most questions are answered by the first, without touching the second.
  head bytes not null,
  body bytes not null,
  primary key (stream, first_line)
);
create index telemetry_logs_by_project on telemetry_logs (project_id, to_ms, stream, first_line);
create index telemetry_logs_by_time on telemetry_logs (to_ms, stream, first_line);
create index telemetry_logs_by_storing on telemetry_logs (stored_ms);
create index telemetry_logs_by_size on telemetry_logs (text_bytes, stream, first_line);

create table telemetry_series (
  id bigint not null identity primary key,
  identity_text text not null unique,
  name text not null,
  kind text not null,
  labels text not null,
  last_ms bigint not null
);
create index telemetry_series_by_name on telemetry_series (name, id);
create index telemetry_series_by_use on telemetry_series (last_ms);

-- One reading of all series of a process; a hundred and more of them become one chunk a series.
create table telemetry_samples (
  writer text not null,
  at_ms bigint not null,
  body bytes not null,
  primary key (writer, at_ms)
);

create table telemetry_chunks (
  series_id bigint not null,
  from_ms bigint not null,
  to_ms bigint not null,
  body bytes not null,
  primary key (series_id, from_ms)
);
create index telemetry_chunks_by_time on telemetry_chunks (to_ms);
