import type { JobState } from "@atrium/contract/compute";

export interface ComputeTables {
  compute_locks: { requirements_digest: string; lock_text: string; created_ms: number };
  compute_environments: {
    project_id: string;
    digest: string;
    requirements: string;
    packages: string;
    python: string;
    created_ms: number;
    used_ms: number;
  };
  compute_jobs: {
    id: string;
    project_id: string;
    name: string;
    origin_type: string;
    origin_id: string;
    state: JobState;
    attempt: number;
    failures: number;
    fence: number;
    machine: string;
    due_ms: number;
    cancel_asked_ms: number | null;
    exit_code: number | null;
    reason: string | null;
    queued_ms: number;
    started_ms: number | null;
    ended_ms: number | null;
    environment_digest: string | null;
    cores: number;
    memory_mib: number;
    submitted_by: string;
    submitter: string;
    spec: string;
  };
  compute_attempts: {
    job_id: string;
    number: number;
    state: JobState;
    machine: string;
    token_id: string | null;
    executor_id: string;
    logged_bytes: number;
    exit_code: number | null;
    reason: string | null;
    begun_ms: number;
    started_ms: number | null;
    ended_ms: number | null;
  };
}

export type EnvironmentRow = ComputeTables["compute_environments"];
export type JobRow = ComputeTables["compute_jobs"];
export type AttemptRow = ComputeTables["compute_attempts"];
