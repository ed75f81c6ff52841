import type { DeploymentState, Revision, ServingEngine } from "@atrium/contract/serving";

export interface ServingTables {
  serving_endpoints: EndpointRow;
  serving_deployments: DeploymentRow;
  serving_revisions: RevisionRow;
  serving_segments: SegmentRow;
  serving_minutes: MinuteRow;
  serving_labels: LabelRow;
  serving_cold_tables: ColdTableRow;
}

export interface EndpointRow {
  id: string;
  project_id: string;
  name: string;
  description: string;
  input: string;
  revision: number;
  last_deployment: number;
  example: string;
  created_by: string;
  created_ms: number;
  updated_ms: number;
}

export interface DeploymentRow {
  id: string;
  endpoint_id: string;
  project_id: string;
  number: number;
  model_name: string;
  model_version: number;
  model_alias: string;
  artifact_path: string;
  engine: ServingEngine;
  settings: string;
  weight: number;
  state: DeploymentState;
  reason: string;
  signature: string;
  created_by: string;
  created_ms: number;
  ready_ms: number | null;
  warm_until_ms: number | null;
}

export interface RevisionRow {
  endpoint_id: string;
  number: number;
  routes: string;
  why: Revision["why"];
  at_ms: number;
  made_by: string;
}

export interface SegmentRow {
  endpoint_id: string;
  number: number;
  project_id: string;
  journal: string;
  object_id: string;
  digest: string;
  size_bytes: number;
  predictions: number;
  from_ms: number;
  to_ms: number;
  columns: string;
}

export interface MinuteRow {
  endpoint_id: string;
  minute_ms: number;
  deployment_id: string;
  served_by: string;
  cohort: string;
  predictions: number;
  errors: number;
  latencies: string;
}

export interface LabelRow {
  endpoint_id: string;
  prediction_id: string;
  predicted_ms: number;
  at_ms: number;
  received_ms: number;
  label: string;
}

export interface ColdTableRow {
  endpoint_id: string;
  step: number;
  question: string;
  version: number | null;
  row_count: number;
  sealed: Buffer | null;
  refreshed_ms: number | null;
  error: string;
}
