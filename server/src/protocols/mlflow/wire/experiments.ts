import { list, message, required, text, whole } from "./decode.ts";
import { keyValue, viewType, type WireKeyValue } from "./shared.ts";

export const createExperiment = message({
  name: required(text),
  artifact_location: text,
  tags: list(keyValue),
});
export const searchExperiments = message({
  max_results: whole,
  page_token: text,
  filter: text,
  order_by: list(text),
  view_type: viewType,
});
export const byExperimentId = message({ experiment_id: required(text) });
export const byExperimentName = message({ experiment_name: required(text) });
export const updateExperiment = message({ experiment_id: required(text), new_name: required(text) });
export const setExperimentTag = message({ experiment_id: required(text), key: required(text), value: text });
export const deleteExperimentTag = message({ experiment_id: required(text), key: required(text) });

export interface WireExperiment {
  experiment_id: string;
  name: string;
  artifact_location: string;
  lifecycle_stage: string;
  last_update_time: number;
  creation_time: number;
  tags?: WireKeyValue[] | undefined;
  workspace?: string | undefined;
}
