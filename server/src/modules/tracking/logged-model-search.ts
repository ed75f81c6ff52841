import { AppError } from "#lib/errors";
import {
  type Comparison,
  NUMBER_OPERATORS,
  type NumberOperator,
  parseFilter,
  requireList,
  requireNumber,
  requireOperator,
  requireText,
  TEXT_OPERATORS,
  type TextOperator,
} from "#lib/filter";
import type { ModelOrder } from "./door.ts";

export type ModelColumn =
  | "id"
  | "name"
  | "model_type"
  | "status"
  | "source_run_id"
  | "created_ms"
  | "updated_ms";
type TextTest =
  | { operator: TextOperator; text: string }
  | { operator: "IN" | "NOT IN"; texts: readonly string[] };

/** What a logged model must fulfil. A missing value fulfils nothing. */
export type ModelCondition =
  | { on: "metric"; key: string; operator: NumberOperator; number: number }
  | { on: "number"; column: ModelColumn; operator: NumberOperator; number: number }
  | ({ on: "text"; column: ModelColumn } & TextTest)
  | ({ on: "param" | "tag"; key: string } & TextTest);

export interface DatasetAsked {
  name: string;
  digest?: string | undefined;
}

export type ModelSort = { direction: "ASC" | "DESC" } & (
  | { on: "column"; column: ModelColumn }
  /** The newest point of the metric, on the dataset if one is named. */
  | { on: "metric"; key: string; datasetName?: string | undefined; datasetDigest?: string | undefined }
);

const SORTS_MAX = 8; // Each looks for one more value of every row.
const DATASETS_MAX = 100;

const TEXTS: Readonly<Record<string, ModelColumn>> = {
  name: "name",
  model_id: "id",
  model_type: "model_type",
  status: "status",
  source_run_id: "source_run_id",
};
const TIMES: Readonly<Record<string, ModelColumn>> = {
  creation_timestamp: "created_ms",
  creation_timestamp_ms: "created_ms",
  creation_time: "created_ms",
  last_updated_timestamp: "updated_ms",
  last_updated_timestamp_ms: "updated_ms",
  last_updated_time: "updated_ms",
};

/** Reads a filter on logged models; when a run is given, only those that it logged. @throws AppError `invalid` */
export function modelConditions(filter: string, sourceRunId?: string): ModelCondition[] {
  const conditions = parseFilter(filter).map(conditionOf);
  if (sourceRunId === undefined) return conditions;
  if (sourceRunId.includes("\0")) throw invalid("A run's id must not contain NUL.", "run_id");
  return [{ on: "text", column: "source_run_id", operator: "=", text: sourceRunId }, ...conditions];
}

function conditionOf(comparison: Comparison): ModelCondition {
  const { entity, key } = comparison;
  if (entity === "metrics") {
    const operator = requireOperator(comparison, NUMBER_OPERATORS);
    return { on: "metric", key, operator, number: requireNumber(comparison, "metric") };
  }
  if (entity === "params") return { on: "param", key, ...textTest(comparison, "parameter") };
  if (entity === "tags") return { on: "tag", key, ...textTest(comparison, "tag") };
  if (entity !== "" && entity !== "attributes") {
    const known = "['attributes', 'metrics', 'params', 'tags']";
    throw invalid(`Invalid entity type: '${entity}'. Expected one of ${known}.`, "filter");
  }
  const time = own(TIMES, key);
  if (time !== undefined) {
    const operator = requireOperator(comparison, NUMBER_OPERATORS);
    const number = requireNumber(comparison, `numeric attribute: ${key}`);
    return { on: "number", column: time, operator, number };
  }
  const column = own(TEXTS, key);
  if (column === undefined) {
    const known = [...Object.keys(TEXTS), ...Object.keys(TIMES)].join(", ");
    throw invalid(`Invalid attribute key '${key}' specified. Valid keys are '${known}'`, "filter");
  }
  const test = textTest(comparison, "attributes");
  return { on: "text", column, ...(column === "status" ? inOurWords(test) : test) };
}

function textTest(comparison: Comparison, kind: string): TextTest {
  const operator = requireOperator(comparison, [...TEXT_OPERATORS, "IN", "NOT IN"]);
  if (operator === "IN" || operator === "NOT IN") return { operator, texts: requireList(comparison, kind) };
  return { operator, text: requireText(comparison, kind) };
}

/** Clients know each status by a longer name, too. */
function inOurWords(test: TextTest): TextTest {
  const short = (text: string) => text.replace(/^LOGGED_MODEL_(UPLOAD_)?/, "");
  return "texts" in test ? { ...test, texts: test.texts.map(short) } : { ...test, text: short(test.text) };
}

/** @throws AppError `invalid` */
export function checkDatasets(datasets: readonly DatasetAsked[]): readonly DatasetAsked[] {
  if (datasets.length > DATASETS_MAX) {
    throw invalid(`At most ${DATASETS_MAX} datasets are asked for at once.`, "datasets");
  }
  if (datasets.every(({ name }) => name !== "")) return datasets;
  throw invalid("`dataset_name` in the `datasets` clause must be specified.", "datasets");
}

/** Reads how logged models are to be ordered: as asked, then newest first, then by id. @throws AppError `invalid` */
export function modelSorts(asked: readonly ModelOrder[]): ModelSort[] {
  if (asked.length > SORTS_MAX) {
    throw invalid(`Logged models are ordered by at most ${SORTS_MAX} values.`, "order_by");
  }
  const given = asked.map(sortOf);
  const has = (column: ModelColumn) => given.some((sort) => sort.on === "column" && sort.column === column);
  if (!has("created_ms")) given.push({ on: "column", column: "created_ms", direction: "DESC" });
  if (!has("id")) given.push({ on: "column", column: "id", direction: "ASC" });
  return given;
}

function sortOf({ field, ascending = true, datasetName, datasetDigest }: ModelOrder): ModelSort {
  const direction = ascending ? "ASC" : "DESC";
  const dot = field.indexOf(".");
  if (dot < 0) {
    const column = own(TEXTS, field) ?? own(TIMES, field);
    if (column === undefined) throw invalid(`Invalid order by field name: ${field}`, "order_by");
    return { on: "column", column, direction };
  }
  if (field.slice(0, dot) !== "metrics") {
    throw invalid(`Invalid order by field name: ${field}. Only metrics are supported.`, "order_by");
  }
  const key = field.slice(dot + 1).replace(/^`(.*)`$/s, "$1");
  return { on: "metric", key, direction, datasetName, datasetDigest };
}

/** A name that callers made up may be one that every object inherits. */
function own<T>(names: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(names, name) ? names[name] : undefined;
}

function invalid(message: string, at: string): AppError {
  return new AppError("invalid", message, { at });
}
