import { AppError } from "#lib/errors";
import {
  type Comparison,
  NUMBER_OPERATORS,
  type NumberOperator,
  parseFilter,
  parseOrder,
  requireList,
  requireNumber,
  requireOperator,
  requireText,
  TEXT_OPERATORS,
  type TextOperator,
} from "#lib/filter";
import type { Search } from "./door.ts";

/** What a run must fulfil, as the database will be asked. A missing value fulfils nothing but `missing`. */
export type RunCondition =
  | { on: "metric"; key: string; operator: NumberOperator; number: number }
  | { on: "param" | "tag"; key: string; operator: TextOperator; text: string }
  | { on: "param" | "tag"; key: string; operator: "missing" | "present" }
  | { on: "number"; column: NumberColumn; operator: NumberOperator; number: number }
  | { on: "text"; column: TextColumn; operator: TextOperator; text: string }
  | { on: "id"; operator: "IN" | "NOT IN"; texts: readonly string[] }
  | { on: "dataset"; column: DatasetColumn; operator: TextOperator; text: string }
  | { on: "dataset"; column: DatasetColumn; operator: "IN" | "NOT IN"; texts: readonly string[] };

export type NumberColumn = "started_ms" | "ended_ms";
export type TextColumn = "id" | "name" | "owner" | "status" | "artifact_path";
export type DatasetColumn = "name" | "digest" | "context";

export type RunOrder = { direction: "ASC" | "DESC" } & (
  | { on: "metric" | "param" | "tag"; key: string }
  | { on: "column"; column: NumberColumn | TextColumn | "took_ms" }
);

const ORDERS_MAX = 8; // Each joins one more table and adds its last value to the page token.

type Entity = "metric" | "parameter" | "tag" | "attribute" | "dataset";
const ENTITIES: Readonly<Record<string, Entity>> = {
  "": "attribute",
  ...named("metric", ["metric", "metrics"]),
  ...named("parameter", ["param", "params", "parameter", "parameters"]),
  ...named("tag", ["tag", "tags"]),
  ...named("attribute", ["attribute", "attributes", "attr", "run"]),
  ...named("dataset", ["dataset", "datasets"]),
};
const NUMBERS: Readonly<Record<string, NumberColumn>> = {
  start_time: "started_ms",
  created: "started_ms",
  Created: "started_ms",
  end_time: "ended_ms",
};
const TEXTS: Readonly<Record<string, TextColumn>> = {
  run_id: "id",
  run_name: "name",
  "run name": "name",
  "Run name": "name",
  "Run Name": "name",
  user_id: "owner",
  status: "status",
  artifact_uri: "artifact_path",
};
const ATTRIBUTE_KEYS = ["run_id", "run_name", "user_id", "status", "artifact_uri", "start_time", "end_time"];
const DATASET_KEYS = ["name", "digest", "context"] as const;
/** As columns of our own tables of runs are named. */
const SORT_COLUMNS: Readonly<Record<string, NumberColumn | TextColumn | "took_ms">> = {
  name: "name",
  status: "status",
  started: "started_ms",
  ended: "ended_ms",
  took: "took_ms",
  owner: "owner",
};

/** Reads a filter on runs. @throws AppError `invalid` */
export function runConditions(filter: string): RunCondition[] {
  return parseFilter(filter).map((comparison) => CONDITION_OF[entityOf(comparison.entity)](comparison));
}

const CONDITION_OF: Record<Entity, (comparison: Comparison) => RunCondition> = {
  metric: (comparison) => ({
    on: "metric",
    key: comparison.key,
    operator: requireOperator(comparison, NUMBER_OPERATORS),
    number: requireNumber(comparison, "metric"),
  }),
  parameter: (comparison) => textOf("param", "parameter", comparison),
  tag: (comparison) => textOf("tag", "tag", comparison),
  dataset: datasetOf,
  attribute: attributeOf,
};

function textOf(on: "param" | "tag", kind: string, comparison: Comparison): RunCondition {
  const { key } = comparison;
  const operator = requireOperator(comparison, [...TEXT_OPERATORS, "IS NULL", "IS NOT NULL"]);
  if (operator === "IS NULL") return { on, key, operator: "missing" };
  if (operator === "IS NOT NULL") return { on, key, operator: "present" };
  return { on, key, operator, text: requireText(comparison, kind) };
}

function datasetOf(comparison: Comparison): RunCondition {
  const column = DATASET_KEYS.find((key) => key === comparison.key);
  if (column === undefined) {
    throw invalid(
      `Invalid dataset key '${comparison.key}' specified. Valid keys are '${DATASET_KEYS.join(", ")}'`,
    );
  }
  const operator = requireOperator(comparison, [...TEXT_OPERATORS, "IN", "NOT IN"]);
  if (operator === "IN" || operator === "NOT IN") {
    return { on: "dataset", column, operator, texts: requireList(comparison, "dataset") };
  }
  return { on: "dataset", column, operator, text: requireText(comparison, "dataset") };
}

function attributeOf(comparison: Comparison): RunCondition {
  const { key } = comparison;
  const number = own(NUMBERS, key);
  if (number !== undefined) {
    const operator = requireOperator(comparison, NUMBER_OPERATORS);
    const value = requireNumber(comparison, `numeric attribute: ${key}`);
    return { on: "number", column: number, operator, number: value };
  }
  const column = own(TEXTS, key);
  if (column === undefined) throw noAttribute(key);
  if (column === "id" && (comparison.operator === "IN" || comparison.operator === "NOT IN")) {
    return { on: "id", operator: comparison.operator, texts: requireList(comparison, "attributes") };
  }
  if (comparison.value.kind === "list") {
    throw invalid("Only the 'run_id' attribute supports comparison with a list of quoted string values.");
  }
  const operator = requireOperator(comparison, TEXT_OPERATORS);
  const text = requireText(comparison, "attributes");
  return { on: "text", column, operator, text: column === "artifact_path" ? withoutScheme(text) : text };
}

/** Protocols show a file's place as a URI of theirs; the path below the project is what all of them agree on. */
function withoutScheme(text: string): string {
  return text.replace(/^[a-z][a-z0-9+.-]*:\/+/, "");
}

/** Reads how runs are to be ordered: as asked, then newest first, then by id. @throws AppError `invalid` */
export function runOrders(asked: Pick<Search, "orderBy"> & { sort?: string | undefined }): RunOrder[] {
  const given = [...(asked.orderBy ?? []).map(orderOf), ...(asked.sort ? [sortOf(asked.sort)] : [])];
  if (given.length > ORDERS_MAX) {
    throw invalid(`Runs are ordered by at most ${ORDERS_MAX} values.`, "order_by");
  }
  const orders: RunOrder[] = [
    ...given,
    { on: "column", column: "started_ms", direction: "DESC" },
    { on: "column", column: "id", direction: "ASC" },
  ];
  const names = orders.map(nameOf);
  const first = orders.filter((_, i) => names.indexOf(names[i] ?? "") === i);
  return first.slice(0, first.findIndex((order) => nameOf(order) === "column id") + 1); // Behind the id nothing counts.
}

function orderOf(text: string): RunOrder {
  const { entity, key, direction } = parseOrder(text);
  const kind = entityOf(entity);
  if (kind === "metric" || kind === "tag") return { on: kind, key, direction };
  if (kind === "parameter") return { on: "param", key, direction };
  const column = own(NUMBERS, key) ?? own(TEXTS, key);
  if (kind === "dataset" || column === undefined) throw noAttribute(key);
  return { on: "column", column, direction };
}

function sortOf(sort: string): RunOrder {
  const direction = sort.startsWith("-") ? "DESC" : "ASC";
  const name = direction === "DESC" ? sort.slice(1) : sort;
  const column = own(SORT_COLUMNS, name);
  if (column !== undefined) return { on: "column", column, direction };
  const dot = name.indexOf(".");
  const entity = own(ENTITIES, name.slice(0, Math.max(dot, 0)));
  const key = name.slice(dot + 1);
  if (entity === "metric" || entity === "tag") return { on: entity, key, direction };
  if (entity === "parameter") return { on: "param", key, direction };
  const known = Object.keys(SORT_COLUMNS).join(", ");
  throw invalid(
    `Runs cannot be sorted by '${name}'; there is ${known}, metrics.…, params.… and tags.….`,
    "sort",
  );
}

function nameOf(order: RunOrder): string {
  return order.on === "column" ? `column ${order.column}` : `${order.on} ${order.key}`;
}

function entityOf(given: string): Entity {
  const entity = own(ENTITIES, given);
  if (entity !== undefined) return entity;
  const valid = "['metric', 'parameter', 'tag', 'attribute', 'dataset']";
  throw invalid(`Invalid entity type '${given}'. Valid values are ${valid}`);
}

/** A name that callers made up may be one that every object inherits. */
function own<T>(names: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(names, name) ? names[name] : undefined;
}

function noAttribute(key: string): AppError {
  return invalid(`Invalid attribute key '${key}' specified. Valid keys are '${ATTRIBUTE_KEYS.join(", ")}'`);
}

function named(entity: Entity, names: readonly string[]): Record<string, Entity> {
  return Object.fromEntries(names.map((name) => [name, entity]));
}

function invalid(message: string, at = "filter"): AppError {
  return new AppError("invalid", message, { at });
}
