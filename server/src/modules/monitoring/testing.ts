import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { OfflineColumn, OfflineTable } from "#ports/offline-engine";
import { seeded } from "../../testing/bad-requests.ts";
import type { Rows } from "./deps.ts";

export const HOUR_MS = 3600 * 1000;

/** One answered request of a generated log. */
export interface LoggedRow {
  prediction_id: string;
  at_ms: number;
  cohort: "known" | "new";
  served_by: string;
  status: number;
  latency_ms: number;
  input_distance: number | null;
  input_carrier: string | null;
  output_delay: number;
}

export interface LabelledRow {
  prediction_id: string;
  received_ms: number;
  label: string;
  label_number: number;
}

export const LOG_COLUMNS: readonly OfflineColumn[] = [
  { name: "prediction_id", type: "VARCHAR" },
  { name: "at_ms", type: "BIGINT" },
  { name: "cohort", type: "VARCHAR" },
  { name: "served_by", type: "VARCHAR" },
  { name: "status", type: "BIGINT" },
  { name: "latency_ms", type: "DOUBLE" },
  { name: "input_distance", type: "DOUBLE" },
  { name: "input_carrier", type: "VARCHAR" },
  { name: "output_delay", type: "DOUBLE" },
];
const LABEL_COLUMNS: readonly OfflineColumn[] = [
  { name: "prediction_id", type: "VARCHAR" },
  { name: "received_ms", type: "BIGINT" },
  { name: "label", type: "VARCHAR" },
  { name: "label_number", type: "DOUBLE" },
];

/** Rows of one window: `shift` moves the distances, in standard deviations; the same seed gives the same rows. */
export function generateRows(of: {
  startMs: number;
  rows: number;
  seed: number;
  shift?: number;
  lengthMs?: number;
}): LoggedRow[] {
  const random = seeded(of.seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const lengthMs = of.lengthMs ?? HOUR_MS;
  return Array.from({ length: of.rows }, (_, i) => {
    const distance = 800 + 300 * (normal() + (of.shift ?? 0));
    const carrier = ["AA", "DL", "UA", "WN"][Math.floor(random() ** 2 * 4)] ?? "AA";
    return {
      prediction_id: `p-${of.startMs}-${of.seed}-${i}`,
      at_ms: of.startMs + Math.floor((i * lengthMs) / of.rows),
      cohort: random() < 0.8 ? "known" : "new",
      served_by: random() < 0.95 ? "model" : "defaults",
      status: random() < 0.99 ? 200 : 500,
      latency_ms: 5 + 10 * random(),
      input_distance: random() < 0.02 ? null : distance,
      input_carrier: carrier,
      output_delay: distance / 100 + normal(),
    };
  });
}

/** Labels for rows, `error` away from what was predicted. */
export function labelsOf(
  rows: readonly LoggedRow[],
  given: { receivedMs: number; error: number },
): LabelledRow[] {
  return rows.map((row) => {
    const actual = row.output_delay - given.error;
    return {
      prediction_id: row.prediction_id,
      received_ms: given.receivedMs,
      label: String(actual),
      label_number: actual,
    };
  });
}

/** A table as CSV, with the digest of its bytes. */
export function tableOf(
  columns: readonly OfflineColumn[],
  rows: readonly object[],
): Rows & { table: OfflineTable } {
  const names = columns.map(({ name }) => name);
  const lines = rows.map((row) =>
    names.map((name) => (row as Record<string, unknown>)[name] ?? "").join(","),
  );
  const bytes = Buffer.from([names.join(","), ...lines, ""].join("\n"));
  const digest = createHash("sha256").update(bytes).digest("hex");
  const file = { digest, sizeBytes: bytes.length, open: async () => Readable.from([bytes]) };
  return { table: { format: "csv", files: [file] }, columns, rowCount: rows.length };
}

export const logTable = (rows: readonly LoggedRow[]) => tableOf(LOG_COLUMNS, rows);
export const labelTable = (rows: readonly LabelledRow[]) => tableOf(LABEL_COLUMNS, rows);
