import { choice, list, message, nested, real, required, text, whole } from "./decode.ts";
import { keyValue, viewType, type WireKeyValue } from "./shared.ts";

const runId = required(text, "run_uuid");
const runStatus = choice({ RUNNING: 1, SCHEDULED: 2, FINISHED: 3, FAILED: 4, KILLED: 5 });

export const createRun = message({
  experiment_id: text,
  user_id: text,
  run_name: text,
  start_time: whole,
  tags: list(keyValue),
});
export const byRunId = message({ run_id: runId });
export const updateRun = message({ run_id: runId, status: runStatus, end_time: whole, run_name: text });
export const searchRuns = message({
  experiment_ids: list(text),
  filter: text,
  run_view_type: viewType,
  max_results: whole,
  order_by: list(text),
  page_token: text,
});

const point = {
  key: required(text),
  value: required(real),
  timestamp: required(whole),
  step: whole,
  model_id: text,
  dataset_name: text,
  dataset_digest: text,
};
export const logMetric = message({ run_id: runId, ...point });
export const logParam = message({ run_id: runId, key: required(text), value: text });
export const setRunTag = message({ run_id: runId, key: required(text), value: text });
export const deleteRunTag = message({ run_id: runId, key: required(text) });
export const logBatch = message({
  run_id: runId,
  metrics: list(message(point)),
  params: list(keyValue),
  tags: list(keyValue),
});

const dataset = message({
  name: required(text),
  digest: required(text),
  source_type: text,
  source: text,
  schema: text,
  profile: text,
});
const datasetInput = message({ tags: list(keyValue), dataset: required(nested(dataset)) });
export const logInputs = message({
  run_id: runId,
  datasets: list(datasetInput),
  models: list(message({ model_id: required(text) })),
});
export const logOutputs = message({
  run_id: runId,
  models: required(list(message({ model_id: required(text), step: whole }))),
});
export const logModel = message({ run_id: runId, model_json: required(text) });

export interface WireRunInfo {
  run_uuid: string;
  experiment_id: string;
  run_name: string;
  user_id: string;
  status: string;
  start_time: number;
  end_time?: number | undefined;
  artifact_uri: string;
  lifecycle_stage: string;
  run_id: string;
}

export interface WireMetric {
  key: string;
  value: number | string;
  timestamp: number;
  step: number;
  model_id?: string | undefined;
  dataset_name?: string | undefined;
  dataset_digest?: string | undefined;
  run_id?: string | undefined;
}

export interface WireRun {
  info: WireRunInfo;
  data: {
    metrics?: WireMetric[] | undefined;
    params?: WireKeyValue[] | undefined;
    tags?: WireKeyValue[] | undefined;
  };
  inputs: {
    dataset_inputs?: { tags?: WireKeyValue[] | undefined; dataset: WireDataset }[] | undefined;
    model_inputs?: { model_id: string }[] | undefined;
  };
  outputs: { model_outputs?: { model_id: string; step: number }[] | undefined };
}

export interface WireDataset {
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema?: string | undefined;
  profile?: string | undefined;
}
