create table samples_steps (
  position bigint not null primary key,
  name text not null,
  state text not null,
  note text not null,
  cursor text not null,
  tries bigint not null,
  started_ms bigint,
  ended_ms bigint
);
