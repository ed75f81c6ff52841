import { choice, flag, list, message, required, text, whole } from "./decode.ts";
import type { WireMetric } from "./runs.ts";
import { keyValue, type WireKeyValue } from "./shared.ts";

export const createLoggedModel = message({
  experiment_id: required(text),
  name: text,
  model_type: text,
  source_run_id: text,
  params: list(keyValue),
  tags: list(keyValue),
});
export const byModelId = message({ model_id: required(text) });
export const getLoggedModel = message({ model_id: required(text), allow_deleted: flag });
export const finalizeLoggedModel = message({
  model_id: required(text),
  status: required(choice({ LOGGED_MODEL_READY: 2, LOGGED_MODEL_UPLOAD_FAILED: 3 })),
});
export const logLoggedModelParams = message({ model_id: required(text), params: list(keyValue) });
export const setLoggedModelTags = message({ model_id: required(text), tags: list(keyValue) });
export const deleteLoggedModelTag = message({ model_id: required(text), tag_key: required(text) });
export const searchLoggedModels = message({
  experiment_ids: required(list(text)),
  filter: text,
  datasets: list(message({ dataset_name: required(text), dataset_digest: text })),
  max_results: whole,
  order_by: list(
    message({ field_name: required(text), ascending: flag, dataset_name: text, dataset_digest: text }),
  ),
  page_token: text,
});
export const listLoggedModelArtifacts = message({
  model_id: required(text),
  artifact_directory_path: text,
  page_token: text,
});
export const loggedModelFile = message({ model_id: required(text), artifact_file_path: required(text) });

export interface WireLoggedModel {
  info: {
    model_id: string;
    experiment_id: string;
    name: string;
    creation_timestamp_ms: number;
    last_updated_timestamp_ms: number;
    artifact_uri: string;
    status: string;
    model_type: string;
    source_run_id: string;
    status_message?: string | undefined;
    tags?: WireKeyValue[] | undefined;
  };
  data: { params?: WireKeyValue[] | undefined; metrics?: WireMetric[] | undefined };
}
