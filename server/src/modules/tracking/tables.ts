import type { RunStatus } from "@atrium/contract/tracking";

export interface TrackingTables {
  tracking_experiments: ExperimentRow;
  tracking_experiment_tags: { project_id: string; experiment_id: number; key: string; value: string };
  tracking_runs: RunRow;
  tracking_params: ValueRow;
  tracking_run_tags: ValueRow;
  tracking_series: SeriesRow;
  tracking_chunks: ChunkRow;
  tracking_datasets: DatasetRow;
  tracking_inputs: InputRow;
  tracking_run_models: RunModelRow;
}

export interface ExperimentRow {
  project_id: string;
  id: number;
  name: string;
  created_ms: number;
  updated_ms: number;
  deleted: number;
  restores: number;
  runs: number;
  deleted_runs: number;
}

export interface RunRow {
  id: string;
  project_id: string;
  experiment_id: number;
  name: string;
  status: RunStatus;
  owner: string;
  started_ms: number;
  ended_ms: number | null;
  deleted_round: number;
  has_links: number;
  version: number;
}

/** A run's row with what its experiment makes of it: 1 when it is deleted, by itself or with its experiment. */
export type StandingRunRow = RunRow & { is_deleted: number };

export interface ValueRow {
  run_id: string;
  key: string;
  value: string;
}

export interface SeriesRow {
  run_id: string;
  key: string;
  project_id: string;
  experiment_id: number;
  value: number;
  is_nan: number;
  step: number;
  at_ms: number;
  first_ms: number;
  chunks: number;
  tail: Buffer;
}

/** What is known of a chunk without its points. */
export interface ChunkHead {
  number: number;
  size: number;
  in_order: number;
  first_ms: number;
  first_step: number;
  last_ms: number;
  last_step: number;
  min_step: number;
  max_step: number;
  min_value: number | null;
  max_value: number | null;
  last_value: number | null;
}

export interface ChunkRow extends ChunkHead {
  run_id: string;
  key: string;
  points: Buffer;
}

export interface DatasetRow {
  id: string;
  project_id: string;
  experiment_id: number;
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
}

export interface InputRow {
  run_id: string;
  dataset_id: string;
  context: string;
  tags: string;
}

export interface RunModelRow {
  run_id: string;
  direction: "input" | "output";
  model_id: string;
  step: number;
}
