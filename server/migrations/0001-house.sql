-- News of changes, each written in the transaction of its change. Positions rise; a rolled back one stays empty.
create table events_outbox (
  position bigint not null identity primary key,
  kind text not null,
  project_id text,
  key text not null,
  body text not null,
  at_ms bigint not null
);

-- How far each durable subscriber has come: everything up to here was handled, or is parked.
create table events_cursors (
  subscriber text not null primary key,
  position bigint not null,
  moved_ms bigint not null
);

-- Events that a subscriber could not take: they are tried again until `set_aside_ms`, and the later ones of their
-- key wait behind them. Each is a copy, so that the outbox may forget.
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

-- Who may do what only one may do at a time. The row stays, because its fence must never fall.
create table leases_leases (
  name text not null primary key,
  holder text not null,
  process text not null,
  fence bigint not null,
  until_ms bigint not null
);
