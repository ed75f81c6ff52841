import { AppError } from "#lib/errors";
import {
  type Comparison,
  NUMBER_OPERATORS,
  type NumberOperator,
  parseFilter,
  parseOrder,
  requireNumber,
  requireOperator,
  requireText,
  TEXT_OPERATORS,
  type TextOperator,
} from "#lib/filter";

export type ExperimentCondition =
  | { on: "name"; operator: TextOperator; text: string }
  | { on: "created_ms" | "updated_ms"; operator: NumberOperator; number: number }
  | { on: "tag"; key: string; operator: TextOperator; text: string }
  | { on: "tag"; key: string; operator: "missing" | "present" };

export interface ExperimentOrder {
  column: "name" | "id" | "created_ms" | "updated_ms";
  direction: "ASC" | "DESC";
}

const TIMES: Readonly<Record<string, "created_ms" | "updated_ms">> = {
  creation_time: "created_ms",
  last_update_time: "updated_ms",
};
const ATTRIBUTES = ["", "attribute", "attributes", "attr"];
const TAGS = ["tag", "tags"];
const FILTER_KEYS = "name, creation_time, last_update_time";

/** Reads a filter on experiments. @throws AppError `invalid` */
export function experimentConditions(filter: string): ExperimentCondition[] {
  return parseFilter(filter).map((comparison): ExperimentCondition => {
    const { entity, key } = comparison;
    if (TAGS.includes(entity)) return tagOf(comparison);
    if (!ATTRIBUTES.includes(entity)) throw noEntity(entity);
    const time = Object.hasOwn(TIMES, key) ? TIMES[key] : undefined;
    if (time !== undefined) {
      const operator = requireOperator(comparison, NUMBER_OPERATORS);
      return { on: time, operator, number: requireNumber(comparison, `numeric attribute: ${key}`) };
    }
    if (key !== "name") throw noAttribute(key, FILTER_KEYS);
    const operator = requireOperator(comparison, TEXT_OPERATORS);
    return { on: "name", operator, text: requireText(comparison, "attributes") };
  });
}

function tagOf(comparison: Comparison): ExperimentCondition {
  const { key } = comparison;
  const operator = requireOperator(comparison, [...TEXT_OPERATORS, "IS NULL", "IS NOT NULL"]);
  if (operator === "IS NULL") return { on: "tag", key, operator: "missing" };
  if (operator === "IS NOT NULL") return { on: "tag", key, operator: "present" };
  return { on: "tag", key, operator, text: requireText(comparison, "tag") };
}

/** Reads how experiments are to be ordered; newest first when nothing is said. @throws AppError `invalid` */
export function experimentOrders(orderBy: readonly string[]): ExperimentOrder[] {
  if (orderBy.length === 0) {
    return [
      { column: "created_ms", direction: "DESC" },
      { column: "id", direction: "ASC" },
    ];
  }
  const given = orderBy.map((text): ExperimentOrder => {
    const { entity, key, direction } = parseOrder(text);
    if (!ATTRIBUTES.includes(entity)) throw noEntity(entity);
    if (key === "name") return { column: "name", direction };
    if (key === "experiment_id") return { column: "id", direction };
    const time = Object.hasOwn(TIMES, key) ? TIMES[key] : undefined;
    if (time === undefined) throw noAttribute(key, `${FILTER_KEYS}, experiment_id`);
    return { column: time, direction };
  });
  const orders: ExperimentOrder[] = [...given, { column: "id", direction: "DESC" }];
  const first = orders.filter(({ column }, i) => orders.findIndex((order) => order.column === column) === i);
  return first.slice(0, first.findIndex(({ column }) => column === "id") + 1);
}

function noEntity(entity: string): AppError {
  return invalid(`Invalid entity type '${entity}'. Valid values are ['tag', 'attribute']`);
}

function noAttribute(key: string, known: string): AppError {
  return invalid(`Invalid attribute key '${key}' specified. Valid keys are '${known}'`);
}

function invalid(message: string): AppError {
  return new AppError("invalid", message, { at: "filter" });
}
