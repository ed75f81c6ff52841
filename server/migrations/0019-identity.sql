-- A job's token works for the job that names it and is not one of its owner's own.
alter table identity_tokens add column job_id text;
create index identity_tokens_job on identity_tokens (job_id);
