import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
  type DuckDBValue,
  DuckDBVariantValue,
} from "@duckdb/node-api";
import type { OfflineValue } from "./offline-engine.ts";

const DATE_MS_MAX = 8.64e15; // What a JavaScript date reaches; DuckDB's years go further.

/** A value as the port promises it. What has no JSON form is text: NaN and the infinities, decimals, intervals, UUIDs. */
export function encodeValue(value: DuckDBValue): OfflineValue {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return encodeWhole(value);
    case "string":
    case "boolean":
      return value;
    default:
      return value === null || value === undefined ? null : encodeObject(value);
  }
}

function encodeWhole(value: bigint): number | string {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : String(value);
}

function encodeObject(value: object): OfflineValue {
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)
    return value.items.map(encodeValue);
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(
      Object.entries(value.entries).map(([name, field]) => [name, encodeValue(field)]),
    );
  }
  if (value instanceof DuckDBMapValue) {
    return value.entries.map((entry) => ({ key: encodeValue(entry.key), value: encodeValue(entry.value) }));
  }
  if (value instanceof DuckDBUnionValue || value instanceof DuckDBVariantValue)
    return encodeValue(value.value);
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString("base64");
  return encodeTime(value) ?? String(value);
}

function encodeTime(value: object): string | undefined {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) {
    return value.isFinite ? iso(value.micros * 1000n, 6) : String(value);
  }
  if (value instanceof DuckDBTimestampMillisecondsValue) {
    return value.isFinite ? iso(value.millis * 1_000_000n, 3) : String(value);
  }
  if (value instanceof DuckDBTimestampSecondsValue) {
    return value.isFinite ? iso(value.seconds * 1_000_000_000n, 0) : String(value);
  }
  if (value instanceof DuckDBTimestampNanosecondsValue) {
    return value.isFinite ? iso(value.nanos, 9) : String(value);
  }
  return undefined;
}

/** ISO 8601 in UTC; a fraction only where there is one, with as many digits as the type has. */
function iso(nanos: bigint, digits: number): string {
  const seconds = nanos / 1_000_000_000n - (nanos % 1_000_000_000n < 0n ? 1n : 0n);
  const fraction = nanos - seconds * 1_000_000_000n;
  const ms = Number(seconds) * 1000;
  if (Math.abs(ms) > DATE_MS_MAX) return `${seconds}s`;
  const whole = new Date(ms).toISOString().slice(0, -5);
  if (fraction === 0n) return `${whole}Z`;
  return `${whole}.${fraction.toString().padStart(9, "0").slice(0, digits)}Z`;
}
