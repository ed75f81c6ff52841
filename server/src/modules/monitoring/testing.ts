import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { AppError } from "#lib/errors";
import type { OfflineColumn, OfflineEngine } from "#ports/offline-engine";
import { actorNamed } from "../../testing/artifacts.ts";
import { seeded } from "../../testing/bad-requests.ts";
import { openTestDatabase } from "../../testing/database.ts";
import type { MonitoringDeps, Rows } from "./deps.ts";
import { createMonitoring } from "./monitoring.ts";

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

const LOG_COLUMNS: readonly OfflineColumn[] = [
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

/** A real table of the engine, with the digest of its rows. */
async function tableOf(
  engine: OfflineEngine,
  columns: readonly OfflineColumn[],
  rows: readonly object[],
): Promise<Rows> {
  const shape = JSON.stringify([Object.fromEntries(columns.map(({ name, type }) => [name, type]))]);
  const given = JSON.stringify(rows);
  const sql = `SELECT unnest(from_json(CAST($1 AS VARCHAR), '${shape}'), recursive := true)`;
  const made = await engine.export({ tables: {}, sql, parameters: [given] });
  const bytes = await buffer(made.bytes);
  const digest = createHash("sha256").update(given).digest("hex");
  const file = { digest, sizeBytes: bytes.length, open: async () => Readable.from([bytes]) };
  return { table: { format: "parquet", files: [file] }, columns, rowCount: rows.length };
}

export function logTable(engine: OfflineEngine, rows: readonly LoggedRow[]): Promise<Rows> {
  return tableOf(engine, LOG_COLUMNS, rows);
}

export function labelTable(engine: OfflineEngine, rows: readonly LabelledRow[]): Promise<Rows> {
  return tableOf(engine, LABEL_COLUMNS, rows);
}

export const PROJECT = "p1";
export const SECRET = "a secret of the project";

/** Monitoring over a real database and the real engine; time moves by hand, and the log is what a test puts into it. */
export async function openMonitoring(engine: OfflineEngine) {
  const db = await openTestDatabase();
  const time = { nowMs: 0 };
  const told: { kind: string; body: Record<string, unknown> }[] = [];
  const recorded: string[] = [];
  const log: LoggedRow[] = [];
  const labels: LabelledRow[] = [];
  const settings: { privateWebhookHosts?: string[] } = {};
  const inside = (fromMs: number, toMs: number) =>
    log.filter((row) => row.at_ms >= fromMs && row.at_ms < toMs);
  const project = { id: PROJECT, organisationId: "o1", slug: PROJECT, state: "active" as const };
  const missing = async (): Promise<never> => {
    throw new AppError("not_found", "There is no such data.");
  };
  const deps: MonitoringDeps = {
    db,
    engine,
    clock: { now: () => time.nowMs },
    access: {
      require: async (actor) => {
        if (actor.id === "stranger") throw new AppError("not_found", "There is no such project.");
      },
      can: async () => true,
      visible: async () => ({ all: true }),
      visibleProjects: async () => [PROJECT],
    },
    audit: {
      record: async (_tx, _actor, entry) => void recorded.push(entry.action),
      recordAccess: async () => {},
    },
    events: { announce: async (_tx, { kind, body }) => void told.push({ kind, body }) },
    projects: {
      all: async () => [project],
      byId: async () => project,
      get: async () => ({ ...project, name: "", description: "", settings, createdMs: 0, updatedMs: 0 }),
      secretValues: async (_actor, _projectId, names) =>
        Object.fromEntries(names.map((name) => [name, SECRET])),
      keys: { keyOf: async (id) => createHash("sha256").update(id).digest() },
    },
    sources: {
      dataset: missing,
      trainingSet: missing,
      // As a log's segments do, the table also holds rows from before and after the range.
      predictions: (_actor, { fromMs, toMs }) =>
        logTable(engine, inside(fromMs - HOUR_MS / 6, toMs + HOUR_MS / 6)),
      labels: (_actor, { fromMs, toMs }) => {
        const ids = new Set(inside(fromMs, toMs).map((row) => row.prediction_id));
        return labelTable(
          engine,
          labels.filter((row) => ids.has(row.prediction_id)),
        );
      },
    },
  };
  const open = () => createMonitoring(deps);
  const monitoring = open();
  const runJob = (name: string) =>
    monitoring.jobs.find((job) => job.name === name)?.run(new AbortController().signal);
  return { db, time, told, recorded, log, labels, settings, monitoring, runJob, owner: actorNamed("owner") };
}
