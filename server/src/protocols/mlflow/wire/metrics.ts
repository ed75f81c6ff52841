import { list, message, required, text, whole } from "./decode.ts";

export const getHistory = message({
  run_id: required(text, "run_uuid"),
  metric_key: required(text),
  max_results: whole,
  page_token: text,
});
export const getHistoryBulk = message({
  run_id: required(list(text)),
  metric_key: required(text),
  max_results: whole,
});
export const getHistorySampled = message({
  run_ids: required(list(text)),
  metric_key: required(text),
  start_step: whole,
  end_step: whole,
  max_results: whole,
});
export const searchDatasets = message({ experiment_ids: required(list(text)) });
