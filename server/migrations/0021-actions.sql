-- Who last saved a rule with an action, as JSON: it is started with their rights. Empty: nobody answers for it.
alter table monitoring_rules add column owner text not null default '';
-- The run that the action started; empty when there is none.
alter table monitoring_incidents add column pipeline_run_id text not null default '';

-- What started a run in its actor's name, and the key under which it is started once. An empty text means that there is none.
alter table pipelines_runs add column origin_type text not null default '';
alter table pipelines_runs add column origin_id text not null default '';
alter table pipelines_runs add column start_key text not null default '';
create unique index pipelines_runs_start_key on pipelines_runs (project_id, start_key) where start_key <> '';
