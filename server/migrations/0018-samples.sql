create table samples_steps (
  position integer not null primary key,
  name text not null,
  state text not null,
  note text not null,
  cursor text not null,
  tries integer not null,
  started_ms bigint,
  ended_ms bigint
);
