import { sql } from "kysely";
import { type Tx, tables } from "#ports/database";
import type { ChunkRow, PointsRow, SeriesRow, TelemetryTables } from "./tables.ts";

const db = tables<TelemetryTables>();

const PROJECTS_MAX = 100_000;

/** Finds or makes a project's series; what is known of it stays as it was told first. */
export async function projectSeriesId(tx: Tx, series: Omit<SeriesRow, "id">): Promise<number> {
  const row = await db(tx)
    .insertInto("telemetry_series")
    .values(series)
    .onConflict((conflict) => conflict.column("identity_text").doUpdateSet({ name: series.name }))
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function countSeries(tx: Tx, projectId: string): Promise<number> {
  const row = await db(tx)
    .selectFrom("telemetry_series")
    .select((expression) => expression.fn.countAll<number | string>().as("count"))
    .where("project_id", "=", projectId)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** How a series moves on: what it grows by, and the times of the points that come. */
export interface SeriesStep {
  id: number;
  amount: number;
  firstMs: number;
  lastMs: number;
  /** Only increments must be newer than all before them: a total does not care. */
  counts: "total" | "increment";
}

/**
 * Moves series on and answers what each has come to. A series that is not answered is gone, or its increments are not
 * newer than those it has: nothing of it was changed.
 */
export async function moveSeries(
  tx: Tx,
  steps: readonly SeriesStep[],
): Promise<{ id: number; total: number }[]> {
  if (steps.length === 0) return [];
  const values = sql.join(
    steps.map(
      ({ id, amount, firstMs, lastMs, counts }) =>
        sql`(cast(${id} as bigint), cast(${amount} as double precision), cast(${counts === "increment" ? firstMs : Number.MAX_SAFE_INTEGER} as bigint), cast(${lastMs} as bigint))`,
    ),
  );
  // Both engines call the columns of VALUES column1, column2, …
  const { rows } = await sql<{ id: number; total: number }>`
    update telemetry_series
    set total = telemetry_series.total + step.column2,
      last_ms = case when telemetry_series.last_ms < step.column4 then step.column4 else telemetry_series.last_ms end
    from (values ${values}) as step
    where telemetry_series.id = step.column1 and telemetry_series.last_ms < step.column3
    returning telemetry_series.id, telemetry_series.total`.execute(tx.kysely);
  return rows.map(({ id, total }) => ({ id: Number(id), total: Number(total) }));
}

export async function addPoints(tx: Tx, row: PointsRow): Promise<void> {
  await db(tx).insertInto("telemetry_points").values(row).execute();
}

/** What was brought and is no chunk yet, in the order of storing; times are inclusive. */
export async function pointsWithin(
  tx: Tx,
  asked: {
    projectId: string;
    fromMs: number;
    toMs: number;
    after: Pick<PointsRow, "stored_ms" | "id">;
    limit: number;
  },
): Promise<PointsRow[]> {
  return db(tx)
    .selectFrom("telemetry_points")
    .selectAll()
    .where("project_id", "=", asked.projectId)
    .where("to_ms", ">=", asked.fromMs)
    .where("from_ms", "<=", asked.toMs)
    .where(sql<boolean>`(stored_ms, id) > (${asked.after.stored_ms}, ${asked.after.id})`)
    .orderBy("stored_ms")
    .orderBy("id")
    .limit(asked.limit)
    .execute();
}

export async function removePoints(tx: Tx, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const result = await db(tx).deleteFrom("telemetry_points").where("id", "in", ids).executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** How much of each project waits to become chunks, and since when. */
export async function waitingPoints(
  tx: Tx,
): Promise<{ projectId: string; rows: number; oldestMs: number }[]> {
  const rows = await db(tx)
    .selectFrom("telemetry_points")
    .select((expression) => [
      "project_id",
      expression.fn.countAll<number | string>().as("rows"),
      expression.fn.min<number | string>("stored_ms").as("oldest"),
    ])
    .groupBy("project_id")
    .limit(PROJECTS_MAX)
    .execute();
  return rows.map((row) => ({
    projectId: row.project_id,
    rows: Number(row.rows),
    oldestMs: Number(row.oldest),
  }));
}

/** Chunks that begin where those of a list would. */
export async function chunksAt(
  tx: Tx,
  places: readonly Pick<ChunkRow, "series_id" | "from_ms">[],
): Promise<ChunkRow[]> {
  if (places.length === 0) return [];
  const rows = await db(tx)
    .selectFrom("telemetry_chunks")
    .select(["series_id", "from_ms", "to_ms", "body"])
    .where(
      sql<boolean>`(series_id, from_ms) in (${sql.join(places.map((place) => sql`(${place.series_id}, ${place.from_ms})`))})`,
    )
    .execute();
  return rows;
}

/** Puts chunks in the place of those that begin at the same time. */
export async function putChunks(tx: Tx, rows: readonly ChunkRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db(tx)
    .insertInto("telemetry_chunks")
    .values([...rows])
    .onConflict((conflict) =>
      conflict.columns(["series_id", "from_ms"]).doUpdateSet((expression) => ({
        to_ms: expression.ref("excluded.to_ms"),
        body: expression.ref("excluded.body"),
      })),
    )
    .execute();
}

export async function projectsWithSeries(tx: Tx): Promise<string[]> {
  const rows = await db(tx)
    .selectFrom("telemetry_series")
    .select("project_id")
    .distinct()
    .where("project_id", "!=", "")
    .limit(PROJECTS_MAX)
    .execute();
  return rows.map((row) => row.project_id);
}

/** A project's chunks that ended before a moment, with their sizes. */
export async function oldChunks(
  tx: Tx,
  asked: { projectId: string; beforeMs: number; limit: number },
): Promise<(Pick<ChunkRow, "series_id" | "from_ms"> & { bytes: number })[]> {
  const rows = await db(tx)
    .selectFrom("telemetry_chunks")
    .innerJoin("telemetry_series", "telemetry_series.id", "telemetry_chunks.series_id")
    .select([
      "telemetry_chunks.series_id",
      "telemetry_chunks.from_ms",
      sql<number | string>`length(telemetry_chunks.body)`.as("bytes"),
    ])
    .where("telemetry_series.project_id", "=", asked.projectId)
    .where("telemetry_chunks.to_ms", "<", asked.beforeMs)
    .limit(asked.limit)
    .execute();
  return rows.map((row) => ({ ...row, bytes: Number(row.bytes) }));
}

export async function removeChunks(
  tx: Tx,
  places: readonly Pick<ChunkRow, "series_id" | "from_ms">[],
): Promise<void> {
  for (const { series_id, from_ms } of places)
    await db(tx)
      .deleteFrom("telemetry_chunks")
      .where("series_id", "=", series_id)
      .where("from_ms", "=", from_ms)
      .execute();
}

export async function oldPoints(
  tx: Tx,
  asked: { projectId: string; beforeMs: number; limit: number },
): Promise<{ id: string; bytes: number }[]> {
  const rows = await db(tx)
    .selectFrom("telemetry_points")
    .select(["id", "size_bytes"])
    .where("project_id", "=", asked.projectId)
    .where("to_ms", "<", asked.beforeMs)
    .limit(asked.limit)
    .execute();
  return rows.map(({ id, size_bytes }) => ({ id, bytes: size_bytes }));
}

/** Forgets a project's series that had no point since a moment. */
export async function removeOldSeries(tx: Tx, projectId: string, beforeMs: number): Promise<void> {
  await db(tx)
    .deleteFrom("telemetry_series")
    .where("project_id", "=", projectId)
    .where("last_ms", "<", beforeMs)
    .execute();
}
