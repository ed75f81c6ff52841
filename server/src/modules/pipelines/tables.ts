import type { Command, NodeState, Phase, RunEvent } from "./engine/state.ts";

export interface PipelineTables {
  pipelines_specs: { project_id: string; digest: string; spec: string; created_ms: number };
  pipelines_pipelines: {
    id: string;
    project_id: string;
    name: string;
    display_name: string;
    description: string;
    tags: string;
    versions: number;
    created_by: string;
    created_ms: number;
  };
  pipelines_versions: {
    id: string;
    pipeline_id: string;
    project_id: string;
    name: string;
    display_name: string;
    description: string;
    digest: string;
    parameters: string;
    code_source: string;
    tags: string;
    created_by: string;
    created_ms: number;
  };
  pipelines_runs: {
    id: string;
    project_id: string;
    name: string;
    description: string;
    pipeline_name: string;
    pipeline_id: string;
    version_id: string;
    experiment_id: string;
    digest: string;
    phase: Phase;
    reason: string;
    archived: number;
    cache: "as-compiled" | "off";
    parameters: string;
    actor: string;
    started_by: string;
    sequence: number;
    retries: number;
    created_ms: number;
    ended_ms: number;
    origin_type: string;
    origin_id: string;
    start_key: string;
  };
  pipelines_run_events: {
    run_id: string;
    sequence: number;
    at_ms: number;
    kind: RunEvent["kind"];
    path: string;
    attempt: number;
    body: string;
  };
  pipelines_steps: {
    run_id: string;
    path: string;
    position: number;
    kind: "code" | "importer" | "dag" | "loop";
    state: NodeState;
    attempt: number;
    body: string;
  };
  pipelines_commands: {
    id: string;
    run_id: string;
    kind: Command["kind"];
    path: string;
    attempt: number;
    job_id: string;
    due_ms: number;
    tries: number;
  };
  pipelines_cache: {
    project_id: string;
    pipeline_name: string;
    fingerprint: string;
    run_id: string;
    path: string;
    outputs: string;
    created_ms: number;
  };
}

export type PipelineRow = PipelineTables["pipelines_pipelines"];
export type VersionRow = PipelineTables["pipelines_versions"];
export type RunRow = PipelineTables["pipelines_runs"];
export type EventRow = PipelineTables["pipelines_run_events"];
export type StepRow = PipelineTables["pipelines_steps"];
export type CommandRow = PipelineTables["pipelines_commands"];
export type CacheRow = PipelineTables["pipelines_cache"];
