import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { Cell, Cohort, LoggedPrediction, ServedBy } from "@atrium/contract/serving";
import { AppError } from "#lib/errors";
import { decodePageTokenFor, encodePageTokenFor, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { OfflineFile, OfflineTable, OfflineValue } from "#ports/offline-engine";
import type { ServingDeps } from "./deps.ts";
import type { PageAsked, Serving } from "./door.ts";
import { createGate, type EndpointAt } from "./gate.ts";
import * as logQueries from "./log-queries.ts";
import { writeParquet } from "./parquet.ts";
import { idKeyOf, readPredictionId } from "./prediction-id.ts";
import type { PredictionLog } from "./prediction-log.ts";
import { type Columns, FIXED_COLUMNS, unite } from "./prediction-rows.ts";
import type { PredictionRange, PredictionTable } from "./predictions-door.ts";
import type { LabelRow, SegmentRow } from "./tables.ts";

const SEGMENTS_MAX = 20_000; // A fortnight of a busy endpoint, a segment a minute.
const LABELS_MAX = 1_000_000; // They are held in memory while a question is asked of them.
const MERGED_BYTES_MAX = 1024 * 1024 * 1024;
const SLACK_MS = 60_000; // An id's time is taken a moment after the request's own.

/** Reads the prediction log: as tables for the offline engine, and one by one for people. */
export function createPredictions(
  deps: ServingDeps,
  predictionLog: Pick<PredictionLog, "settle">,
): Omit<Serving["predictions"], "origin"> {
  const { db, offline, projects } = deps;
  const gate = createGate(deps);
  return { table, labels, list, get };

  async function table(actor: Actor, asked: PredictionRange): Promise<PredictionTable> {
    const { id, name } = await gate.admit(actor, "endpoint:read", asked);
    const waits = await predictionLog.settle(id);
    if (waits !== undefined) throw waits; // A table that lacks rows would be taken for the whole.
    const limit = SEGMENTS_MAX + 1;
    const rows = await logQueries.segmentsWithin(db.longReader, id, { ...asked, limit });
    if (rows.length > SEGMENTS_MAX)
      throw new AppError("exhausted", `That is too much of the log of ${name} at once; ask for less time.`);
    const edges = rows.some((row) => row.from_ms < asked.fromMs || row.to_ms >= asked.toMs);
    return tableOf(rows, edges ? asked : undefined);
  }

  /** Segments of one schema that lie whole in the range are read as they stand; else they are made one table first. */
  async function tableOf(
    rows: readonly SegmentRow[],
    cut: PredictionRange | undefined,
  ): Promise<PredictionTable> {
    const united = unite([FIXED_COLUMNS, ...rows.map(columnsOf)]);
    const whole = Object.entries(united);
    const same = new Set(rows.map((row) => row.columns)).size <= 1;
    if (rows.length > 0 && same && cut === undefined) {
      const rowCount = rows.reduce((sum, row) => sum + row.predictions, 0);
      return shown(rows.map(fileOf), whole, rowCount);
    }
    const files: OfflineFile[] = [];
    let rowCount = 0;
    for (const own of Map.groupBy(rows, (row) => row.columns).values()) {
      const [first] = own;
      if (first === undefined) continue;
      const merged = await merge(own, { columns: columnsOf(first), united, cut });
      rowCount += merged.rowCount;
      if (merged.rowCount > 0) files.push(memoryFile(merged.bytes));
    }
    if (files.length === 0) files.push(memoryFile(emptyTable(whole)));
    return shown(files, whole, rowCount);
  }

  async function merge(
    own: readonly SegmentRow[],
    of: { columns: Columns; united: Columns; cut: PredictionRange | undefined },
  ): Promise<{ bytes: Buffer; rowCount: number }> {
    const select = Object.entries(of.united).map(([name, type]) => {
      const column = `"${name.replaceAll('"', '""')}"`;
      if (of.columns[name] === undefined) return `NULL::${type} AS ${column}`;
      return of.columns[name] === type ? column : `CAST(${column} AS ${type}) AS ${column}`;
    });
    const where = of.cut === undefined ? "" : " WHERE at_ms >= $1 AND at_ms < $2";
    const exported = await deps.offline.export({
      tables: { log: { format: "parquet", files: own.map(fileOf) } },
      sql: `SELECT ${select.join(", ")} FROM log${where}`,
      parameters: of.cut === undefined ? [] : [of.cut.fromMs, of.cut.toMs],
    });
    return { bytes: await collect(exported.bytes), rowCount: exported.rowCount };
  }

  async function labels(actor: Actor, asked: PredictionRange): Promise<PredictionTable> {
    const { id, name } = await gate.admit(actor, "endpoint:read", asked);
    const rows = await logQueries.labelsWithin(db.longReader, id, { ...asked, limit: LABELS_MAX + 1 });
    if (rows.length > LABELS_MAX)
      throw new AppError(
        "exhausted",
        `${name} has more labels in that time than one table holds; ask for less.`,
      );
    const values = rows.map((row) => JSON.parse(row.label) as Cell);
    const columns = [
      { name: "prediction_id", type: "VARCHAR", values: rows.map((row) => row.prediction_id) },
      { name: "at_ms", type: "BIGINT", values: rows.map((row) => row.at_ms) },
      { name: "received_ms", type: "BIGINT", values: rows.map((row) => row.received_ms) },
      {
        name: "label",
        type: "VARCHAR",
        values: values.map((value) => (value === null ? null : String(value))),
      },
      { name: "label_number", type: "DOUBLE", values: values.map(numberOf) },
    ] as const;
    const bytes = writeParquet(columns, rows.length);
    return shown(
      [memoryFile(bytes)],
      columns.map(({ name: column, type }) => [column, type] as const),
      rows.length,
    );
  }

  async function list(actor: Actor, at: EndpointAt, asked: PageAsked): Promise<Page<LoggedPrediction>> {
    const { id } = await gate.admit(actor, "endpoint:read", at);
    await predictionLog.settle(id);
    const question = ["predictions of", id];
    // A place is a segment's number and how many of its rows were shown.
    const [numberAt, shownRows] =
      asked.pageToken === undefined ? [] : decodePageTokenFor(question, asked.pageToken, ["whole", "whole"]);
    const before = numberAt === undefined ? undefined : Number(numberAt) + 1;
    const items: LoggedPrediction[] = [];
    let skip = Number(shownRows ?? 0);
    for (const segment of await logQueries.newestSegments(db.reader, id, {
      before,
      limit: asked.pageSize + 1,
    })) {
      const wanted = asked.pageSize - items.length;
      if (wanted === 0) return { items, nextToken: encodePageTokenFor(question, [segment.number, 0]) };
      const rows = await rowsOf(id, segment, { where: "", parameters: [], limit: wanted, skip });
      items.push(...rows);
      if (skip + rows.length < segment.predictions && items.length === asked.pageSize)
        return { items, nextToken: encodePageTokenFor(question, [segment.number, skip + rows.length]) };
      skip = 0;
    }
    return { items };
  }

  async function get(actor: Actor, at: EndpointAt, predictionId: string): Promise<LoggedPrediction> {
    const { id } = await gate.admit(actor, "endpoint:read", at);
    const key = idKeyOf(await projects.keys.keyOf(at.projectId));
    const atMs = readPredictionId(key, id, predictionId);
    if (atMs === undefined) throw unknownPrediction(predictionId);
    const waits = await predictionLog.settle(id);
    const range = { fromMs: atMs - SLACK_MS, toMs: atMs + SLACK_MS, limit: SEGMENTS_MAX };
    for (const segment of await logQueries.segmentsWithin(db.reader, id, range)) {
      const only = { where: "WHERE prediction_id = $1", parameters: [predictionId], limit: 1, skip: 0 };
      const [found] = await rowsOf(id, segment, only);
      if (found !== undefined) return found;
    }
    if (waits !== undefined) throw waits;
    throw new AppError("not_found", "That prediction is no longer in the log, or was never written to it.");
  }

  async function rowsOf(
    endpointId: string,
    segment: SegmentRow,
    asked: { where: string; parameters: string[]; limit: number; skip: number },
  ): Promise<LoggedPrediction[]> {
    const { columns, rows } = await offline.query({
      tables: { log: { format: "parquet", files: [fileOf(segment)] } },
      sql: `SELECT * FROM log ${asked.where} ORDER BY at_ms DESC, prediction_id DESC LIMIT ${asked.limit} OFFSET ${asked.skip}`,
      parameters: asked.parameters,
    });
    const names = columns.map(({ name }) => name);
    const logged = rows.map((row) =>
      loggedOf(Object.fromEntries(names.map((name, i) => [name, row[i] ?? null]))),
    );
    const ids = logged.map((one) => one.predictionId);
    const known = new Map(
      (await logQueries.labelsOf(db.reader, endpointId, ids)).map((row) => [row.prediction_id, row]),
    );
    return logged.map((one) => withLabel(one, known.get(one.predictionId)));
  }

  function fileOf(row: SegmentRow): OfflineFile {
    return {
      digest: row.digest,
      sizeBytes: row.size_bytes,
      open: () => deps.segments.get(row.project_id, row.object_id),
    };
  }
}

export function unknownPrediction(id: string): AppError {
  return new AppError("not_found", `This endpoint made no prediction ${id.slice(0, 100)}.`, {
    reason: "prediction",
  });
}

function shown(
  files: readonly OfflineFile[],
  columns: readonly (readonly [string, string])[],
  rowCount: number,
): PredictionTable {
  const table: OfflineTable = { format: "parquet", files };
  return { table, columns: columns.map(([name, type]) => ({ name, type })), rowCount };
}

function columnsOf(row: SegmentRow): Columns {
  return JSON.parse(row.columns) as Columns;
}

function memoryFile(bytes: Buffer): OfflineFile {
  const digest = createHash("sha256").update(bytes).digest("hex");
  return { digest, sizeBytes: bytes.length, open: async () => Readable.from([bytes]) };
}

function emptyTable(columns: readonly (readonly [string, Columns[string]])[]): Buffer {
  return writeParquet(
    columns.map(([name, type]) => ({ name, type: type ?? "VARCHAR", values: [] })),
    0,
  );
}

async function collect(bytes: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += (chunk as Buffer).length;
    if (size > MERGED_BYTES_MAX)
      throw new AppError("exhausted", "That is too much of the log at once; ask for less time.");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function numberOf(value: Cell): number | null {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

function loggedOf(row: Record<string, OfflineValue>): LoggedPrediction {
  const part = (prefix: string) =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([name, value]) => name.startsWith(prefix) && value !== null)
        .map(([name, value]) => [name.slice(prefix.length), value]),
    );
  return {
    predictionId: String(row.prediction_id),
    atMs: Number(row.at_ms),
    deployment: String(row.deployment),
    model: { name: String(row.model), version: Number(row.version) },
    cohort: row.cohort as Cohort,
    servedBy: row.served_by as ServedBy,
    latencyMs: Number(row.latency_ms),
    status: Number(row.status),
    inputs: part("input_"),
    outputs: part("output_"),
  };
}

function withLabel(one: LoggedPrediction, label: LabelRow | undefined): LoggedPrediction {
  if (label === undefined) return one;
  return { ...one, label: { value: JSON.parse(label.label) as Cell, atMs: label.at_ms } };
}
