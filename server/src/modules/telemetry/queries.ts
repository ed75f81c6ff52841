import { sql } from "kysely";
import { type Tx, tables } from "#ports/database";
import type { ChunkRow, LogFacts, LogKind, LogRow, SampleRow, SeriesRow, TelemetryTables } from "./tables.ts";

const db = tables<TelemetryTables>();

const PROJECTS_MAX = 100_000;
const FACTS = [
  "kind",
  "stream",
  "first_line",
  "project_id",
  "from_ms",
  "to_ms",
  "stored_ms",
  "lines",
  "debug_lines",
  "info_lines",
  "warn_lines",
  "error_lines",
  "text_bytes",
  "size_bytes",
] as const;

/** A row's place in the order of searching: newest end first. */
export type RowPlace = Pick<LogFacts, "to_ms" | "stream" | "first_line">;
type RowKey = Pick<LogFacts, "stream" | "first_line">;

// Logs

export async function addLogs(tx: Tx, row: LogRow): Promise<void> {
  await db(tx).insertInto("telemetry_logs").values(row).execute();
}

/** Rows that reach into a range of time, by their newest line, newest first; `projectIds` undefined means all. */
export async function logsWithin(
  tx: Tx,
  asked: {
    kind: LogKind;
    projectIds: readonly string[] | undefined;
    fromMs: number;
    toMs: number;
    after?: RowPlace | undefined;
    limit: number;
  },
): Promise<LogFacts[]> {
  let query = db(tx)
    .selectFrom("telemetry_logs")
    .select(FACTS)
    .where("kind", "=", asked.kind)
    .where("to_ms", ">=", asked.fromMs)
    .where("from_ms", "<", asked.toMs);
  if (asked.projectIds !== undefined) query = query.where("project_id", "in", asked.projectIds);
  const { after } = asked;
  if (after !== undefined)
    query = query.where(
      sql<boolean>`(to_ms, stream, first_line) < (${after.to_ms}, ${after.stream}, ${after.first_line})`,
    );
  return query
    .orderBy("to_ms", "desc")
    .orderBy("stream", "desc")
    .orderBy("first_line", "desc")
    .limit(asked.limit)
    .execute();
}

/** The row that holds a line now: joining may have given it a larger one since it was looked up. */
export async function logHolding(
  tx: Tx,
  key: RowKey,
  part: "head" | "head and body",
): Promise<(LogFacts & { head: Buffer; body?: Buffer }) | undefined> {
  const query = db(tx)
    .selectFrom("telemetry_logs")
    .select(part === "head" ? [...FACTS, "head"] : [...FACTS, "head", "body"])
    .where("stream", "=", key.stream)
    .where("first_line", "<=", key.first_line)
    .orderBy("first_line", "desc");
  return query.limit(1).executeTakeFirst();
}

/** Rows of log lines stored at or after a moment, oldest first: what other processes wrote. */
export async function logsStoredSince(tx: Tx, sinceMs: number, limit: number): Promise<RowKey[]> {
  return db(tx)
    .selectFrom("telemetry_logs")
    .select(["stream", "first_line"])
    .where("stored_ms", ">=", sinceMs)
    .where("kind", "=", "log")
    .orderBy("stored_ms")
    .limit(limit)
    .execute();
}

/** Small rows in the order of their streams, for joining. */
export async function smallLogs(
  tx: Tx,
  asked: { textBytesBelow: number; storedBeforeMs: number; after: RowKey; limit: number },
): Promise<LogFacts[]> {
  return db(tx)
    .selectFrom("telemetry_logs")
    .select(FACTS)
    .where("text_bytes", "<", asked.textBytesBelow)
    .where("stored_ms", "<", asked.storedBeforeMs)
    .where(sql<boolean>`(stream, first_line) > (${asked.after.stream}, ${asked.after.first_line})`)
    .orderBy("stream")
    .orderBy("first_line")
    .limit(asked.limit)
    .execute();
}

export async function removeLogs(tx: Tx, keys: readonly RowKey[]): Promise<number> {
  let removed = 0;
  for (const key of keys) {
    const result = await db(tx)
      .deleteFrom("telemetry_logs")
      .where("stream", "=", key.stream)
      .where("first_line", "=", key.first_line)
      .executeTakeFirst();
    removed += Number(result.numDeletedRows);
  }
  return removed;
}

/** A project's oldest rows. */
export async function oldestLogs(
  tx: Tx,
  projectId: string,
  asked: { endedBeforeMs?: number; limit: number },
): Promise<LogFacts[]> {
  let query = db(tx).selectFrom("telemetry_logs").select(FACTS).where("project_id", "=", projectId);
  if (asked.endedBeforeMs !== undefined) query = query.where("to_ms", "<", asked.endedBeforeMs);
  return query.orderBy("to_ms").orderBy("stream").orderBy("first_line").limit(asked.limit).execute();
}

export async function logBytes(tx: Tx, projectId: string): Promise<number> {
  const row = await db(tx)
    .selectFrom("telemetry_logs")
    .select((expression) => expression.fn.sum<number | string | null>("size_bytes").as("bytes"))
    .where("project_id", "=", projectId)
    .executeTakeFirst();
  return Number(row?.bytes ?? 0);
}

export async function projectsWithLogs(tx: Tx): Promise<string[]> {
  const rows = await db(tx)
    .selectFrom("telemetry_logs")
    .select("project_id")
    .distinct()
    .limit(PROJECTS_MAX)
    .execute();
  return rows.map((row) => row.project_id);
}

// Metrics

/** The series' id; it is made when there is none. */
export async function seriesId(tx: Tx, series: Omit<SeriesRow, "id">): Promise<number> {
  const row = await db(tx)
    .insertInto("telemetry_series")
    .values(series)
    .onConflict((conflict) => conflict.column("identity_text").doUpdateSet({ last_ms: series.last_ms }))
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function seriesNamed(
  tx: Tx,
  { projectId, name }: { projectId: string; name: string | undefined },
  limit: number,
): Promise<SeriesRow[]> {
  let query = db(tx).selectFrom("telemetry_series").selectAll().where("project_id", "=", projectId);
  if (name !== undefined) query = query.where("name", "=", name);
  return query.orderBy("name").orderBy("id").limit(limit).execute();
}

export async function markSeriesUsed(tx: Tx, ids: readonly number[], atMs: number): Promise<void> {
  if (ids.length === 0) return;
  await db(tx).updateTable("telemetry_series").set({ last_ms: atMs }).where("id", "in", ids).execute();
}

export async function addSample(tx: Tx, row: SampleRow): Promise<void> {
  await db(tx)
    .insertInto("telemetry_samples")
    .values(row)
    .onConflict((conflict) => conflict.columns(["writer", "at_ms"]).doNothing())
    .execute();
}

export async function samplesOf(tx: Tx, writer: string, limit: number): Promise<SampleRow[]> {
  const query = db(tx).selectFrom("telemetry_samples").select(["writer", "at_ms", "body"]);
  return query.where("writer", "=", writer).orderBy("at_ms").limit(limit).execute();
}

export async function samplesWithin(
  tx: Tx,
  fromMs: number,
  toMs: number,
  limit: number,
): Promise<SampleRow[]> {
  return db(tx)
    .selectFrom("telemetry_samples")
    .select(["writer", "at_ms", "body"])
    .where("at_ms", ">=", fromMs)
    .where("at_ms", "<", toMs)
    .orderBy("at_ms")
    .orderBy("writer")
    .limit(limit)
    .execute();
}

export async function removeSamples(tx: Tx, writer: string, untilMs: number): Promise<void> {
  await db(tx)
    .deleteFrom("telemetry_samples")
    .where("writer", "=", writer)
    .where("at_ms", "<=", untilMs)
    .execute();
}

/** Adding the same chunk again changes nothing, so a killed round can be done again. */
export async function addChunks(tx: Tx, rows: readonly ChunkRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db(tx)
    .insertInto("telemetry_chunks")
    .values([...rows])
    .onConflict((conflict) => conflict.columns(["series_id", "from_ms"]).doNothing())
    .execute();
}

/** Chunks of some series that reach into a range, by series and time, after a position. */
export async function chunksWithin(
  tx: Tx,
  asked: {
    seriesIds: readonly number[];
    fromMs: number;
    toMs: number;
    after: Pick<ChunkRow, "series_id" | "from_ms">;
    limit: number;
  },
): Promise<ChunkRow[]> {
  if (asked.seriesIds.length === 0) return [];
  return db(tx)
    .selectFrom("telemetry_chunks")
    .select(["series_id", "from_ms", "to_ms", "body"])
    .where("series_id", "in", asked.seriesIds)
    .where("to_ms", ">=", asked.fromMs)
    .where("from_ms", "<", asked.toMs)
    .where(sql<boolean>`(series_id, from_ms) > (${asked.after.series_id}, ${asked.after.from_ms})`)
    .orderBy("series_id")
    .orderBy("from_ms")
    .limit(asked.limit)
    .execute();
}

/** Forgets the instance's metrics older than a moment, a bounded handful at a time. @returns how many rows went */
export async function removeOldMetrics(tx: Tx, beforeMs: number, limit: number): Promise<number> {
  const old = await db(tx)
    .selectFrom("telemetry_chunks")
    .select(["series_id", "from_ms"])
    .where("to_ms", "<", beforeMs)
    .where("series_id", "in", (query) =>
      query.selectFrom("telemetry_series").select("id").where("project_id", "=", ""),
    )
    .orderBy("to_ms")
    .limit(limit)
    .execute();
  for (const { series_id, from_ms } of old) {
    await db(tx)
      .deleteFrom("telemetry_chunks")
      .where("series_id", "=", series_id)
      .where("from_ms", "=", from_ms)
      .execute();
  }
  const samples = await db(tx)
    .deleteFrom("telemetry_samples")
    .where("at_ms", "<", beforeMs)
    .executeTakeFirst();
  const series = await db(tx)
    .deleteFrom("telemetry_series")
    .where("project_id", "=", "")
    .where("last_ms", "<", beforeMs)
    .executeTakeFirst();
  return old.length + Number(samples.numDeletedRows) + Number(series.numDeletedRows);
}
