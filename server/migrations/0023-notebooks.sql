-- Files and folders of a project's notebooks, by path; the bytes lie among the artifacts, sealed.
create table notebooks_files (
  project_id text not null,
  path text not null,
  -- The folder it lies in; empty for the top.
  parent text not null,
  kind text not null check (kind in ('notebook', 'file', 'folder')),
  id text not null unique,
  -- Of the newest version; 0, 0 and empty for a folder.
  version bigint not null,
  size_bytes bigint not null,
  digest text not null,
  created_ms bigint not null,
  modified_ms bigint not null,
  modified_by text not null,
  primary key (project_id, path)
);
create index notebooks_files_parent on notebooks_files (project_id, parent, path);

-- Each save of a file; the oldest go when there are many.
create table notebooks_versions (
  file_id text not null references notebooks_files (id) on delete cascade,
  version bigint not null,
  artifact_path text not null,
  size_bytes bigint not null,
  digest text not null,
  saved_ms bigint not null,
  saved_by text not null,
  primary key (file_id, version)
);

-- Stored bytes that no version names any more and that are still to be removed.
create table notebooks_leftovers (
  artifact_path text not null primary key,
  project_id text not null
);

-- Jupyter servers, each a job. The newest of a person in a project is the one that counts.
create table notebooks_servers (
  id text not null primary key,
  project_id text not null,
  user_id text not null,
  user_name text not null,
  job_id text not null,
  -- Lines that its kernels have beside the platform's clients, as JSON.
  requirements text not null,
  started_ms bigint not null,
  stop_asked_ms bigint,
  -- When its job was seen to have ended; null while it counts among those that run.
  ended_ms bigint
);
create index notebooks_servers_person on notebooks_servers (project_id, user_id, started_ms, id);
create index notebooks_servers_project on notebooks_servers (project_id, started_ms, id);
create index notebooks_servers_standing on notebooks_servers (ended_ms, id);

-- Notebooks that ran as jobs, with how far they have come.
create table notebooks_runs (
  id text not null primary key,
  project_id text not null,
  path text not null,
  version bigint not null,
  parameters text not null,
  job_id text not null,
  started_by text not null,
  queued_ms bigint not null,
  cells_total bigint not null,
  cells_done bigint not null,
  -- Where the executed notebook lies; empty before its first save.
  artifact_path text not null,
  size_bytes bigint not null
);
create index notebooks_runs_project on notebooks_runs (project_id, queued_ms, id);
create index notebooks_runs_path on notebooks_runs (project_id, path, queued_ms, id);
