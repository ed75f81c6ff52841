import type { LoggedModel } from "./door.ts";

export interface LoggedModelTables {
  tracking_logged_models: LoggedModelRow;
  tracking_model_params: ModelValueRow;
  tracking_model_tags: ModelValueRow;
  tracking_model_metrics: ModelMetricRow;
}

export interface LoggedModelRow {
  id: string;
  project_id: string;
  experiment_id: number;
  name: string;
  model_type: string;
  status: LoggedModel["status"];
  status_message: string;
  source_run_id: string;
  created_ms: number;
  updated_ms: number;
  deleted: number;
}

export interface ModelValueRow {
  model_id: string;
  key: string;
  value: string;
}

export interface ModelMetricRow {
  model_id: string;
  key: string;
  dataset_name: string;
  dataset_digest: string;
  run_id: string;
  value: number;
  is_nan: number;
  step: number;
  at_ms: number;
}
