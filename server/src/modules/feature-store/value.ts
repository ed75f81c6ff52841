import type { FeatureType, KeyType } from "@atrium/contract/feature-store";
import { AppError } from "#lib/errors";
import type { FeatureValue, KeyRow } from "./door.ts";

const WHOLE = /^-?(0|[1-9][0-9]{0,18})$/;
const INT64_MAX = 9_223_372_036_854_775_807n;
const TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2}|\+00)?$/;

/** Whether a value is of a type as JSON carries it. */
export function fits(value: FeatureValue, type: FeatureType): boolean {
  if (type.endsWith("[]")) {
    const item = type.slice(0, -2) as FeatureType;
    return Array.isArray(value) && value.every((one: FeatureValue) => one === null || fits(one, item));
  }
  if (type === "int64") return wholeText(value) !== undefined;
  if (type === "float64") return typeof value === "number";
  if (type === "bool") return typeof value === "boolean";
  return typeof value === "string" && (type === "string" || parseTime(value) !== undefined);
}

/** The same value in the one form that is stored: small whole numbers are numbers, times are ISO 8601 in UTC. */
export function normal(value: FeatureValue, type: FeatureType): FeatureValue {
  if (value === null) return null;
  if (Array.isArray(value)) {
    const item = type.slice(0, -2) as FeatureType;
    return value.map((one: FeatureValue) => normal(one, item));
  }
  if (type === "int64") {
    const whole = Number(value);
    return Number.isSafeInteger(whole) ? whole : String(value);
  }
  if (type === "timestamp") return new Date(parseTime(String(value)) ?? 0).toISOString();
  // What is no number has no place in JSON; engines write it as a word.
  if (type === "float64" && !Number.isFinite(value)) return null;
  return value;
}

function wholeText(value: FeatureValue): string | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : undefined;
  if (typeof value !== "string" || !WHOLE.test(value) || value === "-0") return undefined;
  const whole = BigInt(value);
  return whole <= INT64_MAX && whole >= -INT64_MAX - 1n ? value : undefined;
}

/** ISO 8601, UTC when it names no zone: milliseconds since 1970 with microseconds behind the point. */
export function parseTime(text: string): number | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, date, clock = "00:00:00", fraction = "", zone = "Z"] = match;
  const ms = Date.parse(`${date}T${clock}${zone === "+00" ? "Z" : zone}`);
  if (Number.isNaN(ms)) return undefined;
  return ms + Number(fraction.padEnd(6, "0").slice(0, 6)) / 1000;
}

/** The entity as one text: the values of the join keys, in the view's order. @throws AppError `invalid` */
export function entityText(
  joinKeys: readonly { name: string; type: KeyType }[],
  row: KeyRow,
  at: string,
): string {
  return JSON.stringify(joinKeys.map((key) => keyText(key, row[key.name], `${at}.${key.name}`)));
}

function keyText({ name, type }: { name: string; type: KeyType }, value: unknown, at: string): string {
  if (value === undefined || value === null)
    throw new AppError("invalid", `The join key ${name} is missing.`, { at });
  if (type === "string" && typeof value === "string") return value;
  const whole =
    type === "int64" && (typeof value === "number" || typeof value === "string")
      ? wholeText(value)
      : undefined;
  if (whole !== undefined) return whole;
  throw new AppError("invalid", `The join key ${name} takes a value of the type ${type}.`, { at });
}
