import type { Actor } from "#modules/identity";
import type { OfflineColumn, OfflineTable } from "#ports/offline-engine";

/** Predictions of one endpoint, made from `fromMs` (it belongs to the range) to `toMs` (it does not). */
export interface PredictionRange {
  projectId: string;
  endpoint: string;
  fromMs: number;
  toMs: number;
}

/** Rows for the offline engine. The table may be opened as often as one likes; it shows what was there when asked for. */
export interface PredictionTable {
  table: OfflineTable;
  columns: readonly OfflineColumn[];
  rowCount: number;
}

/** What monitoring sees of an endpoint's past. The reading is recorded. */
export interface Predictions {
  /**
   * One row a prediction: `prediction_id, at_ms, endpoint, deployment, model, version, cohort, served_by, latency_ms,
   * status`, then `input_<name>` for each input or feature and `output_<name>` for each output.
   * @throws AppError `not_found` (no such endpoint), `exhausted` (more rows than one table holds: ask for less time)
   */
  table(actor: Actor, asked: PredictionRange): Promise<PredictionTable>;
  /** Labels of predictions made in the range: `prediction_id, at_ms, received_ms, label` (text), `label_number`. */
  labels(actor: Actor, asked: PredictionRange): Promise<PredictionTable>;
}
