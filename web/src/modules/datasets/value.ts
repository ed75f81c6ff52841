import type { DatasetHistogram, DatasetValue } from "@atrium/contract/datasets";
import { formatNumber, formatTime } from "../../lib/format.ts";

/** A cell as text; what has fields is written as JSON. */
export function plainText(value: DatasetValue): string {
  if (value === null) return "null";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Where an edge of a histogram lies, in the column's own words. */
export function edgeText(kind: DatasetHistogram["kind"], edge: number): string {
  if (kind === "times") return formatTimeShort(edge);
  return kind === "lengths" ? `${formatNumber(edge)} characters` : formatNumber(edge);
}

function formatTimeShort(atMs: number): string {
  return new Date(atMs).toLocaleDateString(undefined, { year: "numeric", month: "short", day: "numeric" });
}

/** What to write beside the two ends of a histogram; of times, the whole time on hover. */
export function edgeTitle(kind: DatasetHistogram["kind"], edge: number): string {
  return kind === "times" ? formatTime(edge) : String(edge);
}

// Dates and times in UTC as the server writes them.
const TIME = /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z?)?$/;

/** A quantile's place on a line: numbers as they are, times as milliseconds; undefined for what has no place. */
export function placeOf(value: DatasetValue): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  const number = TIME.test(value) ? Date.parse(value) : Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A quantile, short. */
export function shortValue(value: DatasetValue | undefined): string {
  if (value === undefined) return "–";
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "string" && TIME.test(value)) return formatTimeShort(Date.parse(value));
  return plainText(value);
}
