-- Named files. A folder exists as long as something lies below it.
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

-- Each content of a project once, and the sealed object that holds it.
create table artifacts_contents (
  project_id text not null,
  digest text not null,
  object_id text not null unique,
  size_bytes bigint not null,
  -- When something last took this content into use; garbage collection leaves it alone for a while after.
  used_ms bigint not null,
  verified_ms bigint not null default 0,
  -- When it was found damaged; 0 when it is whole as far as is known.
  damaged_ms bigint not null default 0,
  primary key (project_id, digest)
);
create index artifacts_contents_by_use on artifacts_contents (used_ms, project_id, digest);
create index artifacts_contents_by_check on artifacts_contents (verified_ms, project_id, digest);

-- Objects that nothing names any more and that are still to be removed.
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

create table artifacts_parts (
  upload_id text not null,
  number bigint not null,
  project_id text not null,
  digest text not null,
  size_bytes bigint not null,
  primary key (upload_id, number)
);
create index artifacts_parts_by_digest on artifacts_parts (project_id, digest);
