import type {
  KeyType,
  Materialization,
  NewEntity,
  NewTrainingSet,
  NewView,
  TrainingSet,
} from "@atrium/contract/feature-store";

export type Kind = "entity" | "view" | "service";

export interface FeatureStoreTables {
  feature_store_definitions: DefinitionRow;
  feature_store_freshness: FreshnessRow;
  feature_store_segments: SegmentRow;
  feature_store_materializations: MaterializationRow;
  feature_store_training_sets: TrainingSetRow;
}

export interface DefinitionRow {
  id: string;
  project_id: string;
  kind: Kind;
  name: string;
  version: number;
  state: "newest" | "older" | "deleted";
  /** JSON: an `EntitySpec`, `ViewSpec` or `ServiceSpec`. */
  spec: string;
  created_by: string;
  created_ms: number;
}

export type EntitySpec = NewEntity;

/** A view with its entities' keys as they were: a later version of an entity does not change it. */
export interface ViewSpec extends NewView {
  joinKeys: { name: string; type: KeyType }[];
}

export interface ServiceSpec {
  name: string;
  description: string;
  views: { view: string; version: number; features: string[] }[];
  joinKeys: { name: string; type: KeyType }[];
}

export interface FreshnessRow {
  view_id: string;
  project_id: string;
  materialized_to_ms: number | null;
  newest_event_ms: number | null;
  written_ms: number | null;
}

export interface SegmentRow {
  id: string;
  project_id: string;
  dataset_id: string;
  dataset_version: number;
  rows_digest: string;
  artifact_path: string;
  file_digest: string;
  size_bytes: number;
  row_count: number;
  created_by: string;
  created_ms: number;
}

/** What a view's rows were read from, fixed when something was asked for. */
export interface HistoryInput {
  dataset: string;
  version: number;
  digest: string;
  /** Ids of pushed segments. */
  segments: string[];
}

export interface MaterializationRow {
  id: string;
  project_id: string;
  view_id: string;
  view_name: string;
  view_version: number;
  state: Materialization["state"];
  mode: Materialization["mode"];
  as_of_ms: number;
  from_ms: number | null;
  /** JSON: a `HistoryInput` and, for an incremental run, the segments that arrived since. */
  inputs: string;
  parts_done: number;
  parts: number | null;
  rows_read: number;
  rows_written: number;
  tries: number;
  error: string | null;
  created_by: string;
  created_ms: number;
  started_ms: number | null;
  ended_ms: number | null;
}

export interface MaterializationInputs extends HistoryInput {
  arrived: string[];
}

export interface TrainingSetRow {
  id: string;
  project_id: string;
  name: string;
  number: number;
  state: TrainingSet["state"];
  /** JSON: a `TrainingSpec`. */
  spec: string;
  /** JSON: a `TrainingResult`, or empty. */
  result: string;
  artifact_path: string | null;
  digest: string | null;
  size_bytes: number | null;
  row_count: number | null;
  tries: number;
  error: string | null;
  created_by: string;
  created_ms: number;
  ended_ms: number | null;
}

export interface TrainingSpec {
  asked: NewTrainingSet;
  serviceVersion: number;
  frame: { dataset: string; version: number; digest: string };
  views: { viewId: string; view: string; version: number; features: string[]; input: HistoryInput }[];
}

export interface TrainingResult {
  sql: string;
  plans: Record<string, string>;
  columns: TrainingSet["columns"];
}
