-- The event is the truth; the columns beside it exist to be searched and must agree with it, which verify checks.
create table audit_records (
  seq bigint not null primary key,
  event text not null,
  hash bytes not null,
  at_ms bigint not null,
  actor_id text not null,
  action text not null,
  resource_type text not null,
  resource_id text not null,
  organisation_id text,
  project_id text,
  outcome text not null
);
create index audit_records_actor on audit_records (actor_id, seq);
create index audit_records_action on audit_records (action, seq);
create index audit_records_resource on audit_records (resource_type, resource_id, seq);
create index audit_records_project on audit_records (project_id, seq);
create index audit_records_time on audit_records (at_ms, seq);

-- One row: how many records there are, the last hash, and the right edge of the Merkle tree.
create table audit_head (
  id bigint not null primary key check (id = 1),
  size bigint not null,
  hash bytes not null,
  frontier bytes not null
);

-- The root of every full run of 256 records, so that a proof reads hundreds of rows and not all.
create table audit_tiles (
  tile bigint not null primary key,
  hash bytes not null
);

create table audit_checkpoints (
  size bigint not null primary key,
  note text not null,
  at_ms bigint not null
);

create table audit_keys (
  name text not null primary key,
  public_key bytes not null,
  wrapped_private_key text not null,
  created_ms bigint not null
);
