import { z } from "zod";
import { AppError } from "#lib/errors";
import type { RunCondition } from "#modules/pipelines";

export interface Predicate {
  key: string;
  operation: RunCondition["operation"];
  value: string | number | readonly (string | number)[];
}

/** Their numbers and names of operations. @remarks Wire format: backend/api/v2beta1/filter.proto. */
const OPERATIONS: Readonly<Record<string, Predicate["operation"]>> = {
  1: "=",
  EQUALS: "=",
  2: "!=",
  NOT_EQUALS: "!=",
  3: ">",
  GREATER_THAN: ">",
  5: ">=",
  GREATER_THAN_EQUALS: ">=",
  6: "<",
  LESS_THAN: "<",
  7: "<=",
  LESS_THAN_EQUALS: "<=",
  8: "in",
  IN: "in",
  9: "contains",
  IS_SUBSTRING: "contains",
};

const PREDICATES_MAX = 20; // People write one or two.
const VALUES_MAX = 200;
const text = z.string().max(1000);
const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d{1,15}$/)
    .transform(Number),
]);
const texts = z.object({ values: z.array(text).max(VALUES_MAX) });
const numbers = z.object({ values: z.array(number).max(VALUES_MAX) });

// Both spellings of each field are sent: the client writes one and people the other.
const predicate = z.strictObject({
  operation: z.union([z.number(), z.string()]).transform(String),
  key: z.string().min(1).max(200),
  stringValue: text.optional(),
  string_value: text.optional(),
  intValue: number.optional(),
  int_value: number.optional(),
  longValue: number.optional(),
  long_value: number.optional(),
  timestampValue: text.optional(),
  timestamp_value: text.optional(),
  stringValues: texts.optional(),
  string_values: texts.optional(),
  intValues: numbers.optional(),
  int_values: numbers.optional(),
  longValues: numbers.optional(),
  long_values: numbers.optional(),
});
const filter = z.strictObject({ predicates: z.array(predicate).max(PREDICATES_MAX).default([]) });

/** @throws AppError `invalid` */
export function readFilter(given: string | undefined): Predicate[] {
  if (given === undefined || given === "") return [];
  const parsed = filter.safeParse(jsonIn(given));
  const [issue] = parsed.error?.issues ?? [];
  if (issue !== undefined || !parsed.success)
    throw bad(`${issue?.path.join(".") ?? ""} ${issue?.message ?? "is not understood"}`.trim());
  return parsed.data.predicates.map(({ operation, key, ...values }) => {
    const known = OPERATIONS[operation];
    if (known === undefined) throw bad(`the operation ${operation} does not exist`);
    const [[name, value] = ["", undefined], ...more] = Object.entries(values).filter(
      ([, one]) => one !== undefined,
    );
    if (value === undefined || more.length > 0) throw bad(`the predicate on ${key} needs one value`);
    return { key, operation: known, value: valueIn(name, value) };
  });
}

function valueIn(name: string, value: unknown): Predicate["value"] {
  if (typeof value === "object" && value !== null && "values" in value)
    return value.values as (string | number)[];
  if (!name.startsWith("timestamp")) return value as string | number;
  const ms = Date.parse(String(value));
  if (Number.isNaN(ms)) throw bad(`${String(value).slice(0, 100)} is no time`);
  return ms;
}

const SORT = /^([a-z_]{1,40})(?: (asc|desc))?$/i;

/** `created_at desc`; ascending when it does not say. @throws AppError `invalid` for a field that does not sort here */
export function readSort(
  given: string | undefined,
  fields: Readonly<Record<string, "createdMs" | "name">>,
): { field: "createdMs" | "name"; direction: "asc" | "desc" } | undefined {
  if (given === undefined || given === "") return undefined;
  const [, name = "", direction = "asc"] = SORT.exec(given.trim()) ?? [];
  const field = fields[name.toLowerCase()];
  if (field === undefined)
    throw new AppError(
      "invalid",
      `Invalid input error: cannot sort by '${given}'; sort by ${Object.keys(fields).join(" or ")}.`,
      { at: "sort_by" },
    );
  return { field, direction: direction.toLowerCase() === "desc" ? "desc" : "asc" };
}

function jsonIn(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    throw bad("it is not JSON");
  }
}

function bad(what: string): AppError {
  return new AppError("invalid", `Invalid input error: the filter cannot be used: ${what}.`, {
    at: "filter",
  });
}
