import { AppError } from "#lib/errors";
import { checkKey } from "./batch.ts";
import type { KeyValue, LoggedModel, NewLoggedModel, Point } from "./door.ts";
import type { LoggedModelRow, ModelMetricRow, ModelValueRow } from "./logged-model-tables.ts";
import { asNumber, compareValues } from "./points.ts";
import { randomRunName } from "./run-name.ts";

const NAME_CHARS_MAX = 1000; // Clients send up to 500; names go into page tokens.
const TYPE_CHARS_MAX = 500;
const MESSAGE_CHARS_MAX = 1000;
const RUN_ID_CHARS_MAX = 256;
const VALUE_CHARS_MAX = 65_535;
const DATASET_NAME_CHARS_MAX = 500;
const DATASET_DIGEST_CHARS_MAX = 36;
const VALUES_A_CALL_MAX = 1000; // Clients send a hundred.
const BAD_IN_NAMES = ["/", ":", ".", "%", '"', "'"]; // Names stand in addresses and in file names.

/** What one logged model holds; all of it comes with each list that it is in. */
export const PARAMS_MAX = 10_000;
export const TAGS_MAX = 1000;
export const METRICS_MAX = 10_000;

/** @throws AppError `invalid` */
export function makeLoggedModel(
  given: Omit<NewLoggedModel, "experimentId" | "params" | "tags">,
  of: { id: string; projectId: string; experimentId: number },
  nowMs: number,
): LoggedModelRow {
  const name = given.name || randomRunName();
  if (BAD_IN_NAMES.some((bad) => name.includes(bad))) {
    throw invalid(
      `Invalid model name ('${name}') provided. Model name must be a non-empty string and cannot contain the ` +
        `following characters: ('/', ':', '.', '%', '"', "'")`,
      "name",
    );
  }
  return {
    id: of.id,
    project_id: of.projectId,
    experiment_id: of.experimentId,
    name: checkText(name, "name", NAME_CHARS_MAX),
    model_type: checkText(given.modelType ?? "", "model_type", TYPE_CHARS_MAX),
    status: "PENDING",
    status_message: "",
    source_run_id: checkText(given.sourceRunId ?? "", "source_run_id", RUN_ID_CHARS_MAX),
    created_ms: nowMs,
    updated_ms: nowMs,
    deleted: 0,
  };
}

/** A message about how logging ended; a long one loses its end. */
export function checkMessage(message: string): string {
  return message.replaceAll("\0", "\ufffd").toWellFormed().slice(0, MESSAGE_CHARS_MAX).toWellFormed();
}

/** Params to add, each once. @throws AppError `invalid` */
export function checkModelParams(params: readonly KeyValue[]): KeyValue[] {
  const checked = checkValues(params, "params");
  const keys = new Set(checked.map(({ key }) => key));
  if (keys.size === checked.length) return checked;
  throw invalid("Duplicate parameter keys have been submitted; give each key once.", "params");
}

/** Tags to set: of several values of one key the last counts. @throws AppError `invalid` */
export function checkModelTags(tags: readonly KeyValue[]): KeyValue[] {
  const byKey = new Map(checkValues(tags, "tags").map(({ key, value }) => [key, value]));
  return [...byKey].map(([key, value]) => ({ key, value }));
}

/** @throws AppError `invalid` with reason `param_changed` */
export function assertParamsStand(
  modelId: string,
  given: readonly KeyValue[],
  standing: readonly KeyValue[],
): void {
  const before = new Map(standing.map(({ key, value }) => [key, value]));
  for (const { key, value } of given) {
    const old = before.get(key);
    if (old === undefined || old === value) continue;
    throw new AppError(
      "invalid",
      `Changing param values is not allowed. Param with key='${key}' was already logged with value='${old}' for model ` +
        `ID='${modelId}'. Attempted logging new value '${value}'.`,
      { reason: "param_changed" },
    );
  }
}

/** Of the points about logged models the newest of each metric on each dataset. @throws AppError `invalid` */
export function newestPoints(runId: string, points: readonly Point[]): ModelMetricRow[] {
  const newest = new Map<string, ModelMetricRow>();
  for (const point of points) {
    const row = metricRow(runId, point);
    const name = JSON.stringify([row.model_id, row.key, row.dataset_name, row.dataset_digest]);
    const before = newest.get(name);
    if (before === undefined || isNewer(row, before)) newest.set(name, row);
  }
  return [...newest.values()];
}

function metricRow(runId: string, point: Point): ModelMetricRow {
  return {
    model_id: point.modelId ?? "",
    key: point.key,
    dataset_name: checkText(point.datasetName ?? "", "dataset_name", DATASET_NAME_CHARS_MAX),
    dataset_digest: checkText(point.datasetDigest ?? "", "dataset_digest", DATASET_DIGEST_CHARS_MAX),
    run_id: runId,
    value: asNumber(point.value),
    is_nan: Number.isNaN(point.value) ? 1 : 0,
    step: point.step,
    at_ms: point.timestampMs,
  };
}

/** By time, then step; of points at the same moment and step the greater counts, in whichever order they come. */
function isNewer(row: ModelMetricRow, than: ModelMetricRow): boolean {
  if (row.at_ms !== than.at_ms) return row.at_ms > than.at_ms;
  if (row.step !== than.step) return row.step > than.step;
  return compareValues(row.value, than.value) > 0;
}

/** The model as it is shown. */
export function toLoggedModel(
  row: LoggedModelRow,
  of: {
    params: readonly ModelValueRow[];
    tags: readonly ModelValueRow[];
    metrics: readonly ModelMetricRow[];
  },
): LoggedModel {
  return {
    id: row.id,
    projectId: row.project_id,
    experimentId: String(row.experiment_id),
    name: row.name,
    modelType: row.model_type,
    status: row.status,
    statusMessage: row.status_message,
    sourceRunId: row.source_run_id === "" ? undefined : row.source_run_id,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    artifactPath: `${row.experiment_id}/models/${row.id}/artifacts`,
    params: of.params.map(({ key, value }) => ({ key, value })),
    tags: of.tags.map(({ key, value }) => ({ key, value })),
    metrics: of.metrics.map((metric) => ({
      key: metric.key,
      value: metric.is_nan === 1 ? Number.NaN : metric.value,
      timestampMs: metric.at_ms,
      step: metric.step,
      modelId: row.id,
      ...(metric.dataset_name === "" ? {} : { datasetName: metric.dataset_name }),
      ...(metric.dataset_digest === "" ? {} : { datasetDigest: metric.dataset_digest }),
      runId: metric.run_id,
    })),
  };
}

export function noLoggedModel(id: string): AppError {
  return new AppError("not_found", `Logged model with ID '${id.slice(0, RUN_ID_CHARS_MAX)}' not found.`);
}

export function noModelTag(id: string, key: string): AppError {
  return new AppError("not_found", `No tag with key '${key}' found for model with ID '${id}'.`);
}

/** A logged model is full. */
export function tooManyOfModel(what: string, most: number): AppError {
  return new AppError("invalid", `A logged model holds at most ${most} ${what}.`, { reason: "too_many" });
}

function checkValues(values: readonly KeyValue[], at: string): KeyValue[] {
  if (values.length > VALUES_A_CALL_MAX) {
    throw invalid(`At most ${VALUES_A_CALL_MAX} ${at} are taken at once; ${values.length} were given.`, at);
  }
  return values.map(({ key, value }, i) => {
    checkKey(key, `${at}[${i}].key`);
    return { key, value: checkText(value, `${at}[${i}].value`, VALUE_CHARS_MAX) };
  });
}

function checkText(text: string, at: string, charsMax: number): string {
  if (text.length > charsMax)
    throw invalid(`'${at}' exceeds the maximum length of ${charsMax} characters`, at);
  if (text.includes("\0")) throw invalid(`'${at}' must not contain NUL.`, at);
  return text.toWellFormed();
}

function invalid(message: string, at: string): AppError {
  return new AppError("invalid", message, { at });
}
