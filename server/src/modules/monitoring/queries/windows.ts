import { type Tx, tables } from "#ports/database";
import type { MonitoringTables, ResultRow, WindowRow } from "../tables.ts";

const db = tables<MonitoringTables>();

const RESULTS_BATCH = 200; // Rows of one statement; each has nine values, and SQL takes 32,766.
const RESULTS_OF_WINDOW_MAX = 2000; // 13 segments of 100 columns, and each as a whole.

export async function windowsPage(
  tx: Tx,
  monitorId: string,
  part: { before: number | undefined; limit: number },
): Promise<WindowRow[]> {
  let query = db(tx).selectFrom("monitoring_windows").selectAll().where("monitor_id", "=", monitorId);
  if (part.before !== undefined) query = query.where("start_ms", "<", part.before);
  return query.orderBy("start_ms", "desc").limit(part.limit).execute();
}

export async function window(tx: Tx, monitorId: string, startMs: number): Promise<WindowRow | undefined> {
  const query = db(tx).selectFrom("monitoring_windows").selectAll().where("monitor_id", "=", monitorId);
  return query.where("start_ms", "=", startMs).executeTakeFirst();
}

/** The newest window of each monitor. */
export async function newestWindows(tx: Tx, monitorIds: readonly string[]): Promise<WindowRow[]> {
  const found = await Promise.all(
    monitorIds.map((id) => windowsPage(tx, id, { before: undefined, limit: 1 })),
  );
  return found.flat();
}

/** Windows whose labels may still come, oldest first. */
export async function openWindows(
  tx: Tx,
  monitorId: string,
  part: { after: number; limit: number },
): Promise<WindowRow[]> {
  const query = db(tx).selectFrom("monitoring_windows").selectAll().where("monitor_id", "=", monitorId);
  const open = query.where("state", "=", "sealed").where("start_ms", ">", part.after);
  return open.orderBy("start_ms").limit(part.limit).execute();
}

/** Stores a window whole, in the place of an earlier computation. */
export async function saveWindow(tx: Tx, row: WindowRow, results: readonly ResultRow[]): Promise<void> {
  const { monitor_id, start_ms, ...changes } = row;
  await db(tx)
    .insertInto("monitoring_windows")
    .values(row)
    .onConflict((conflict) => conflict.columns(["monitor_id", "start_ms"]).doUpdateSet(changes))
    .execute();
  const standing = db(tx).deleteFrom("monitoring_results").where("monitor_id", "=", monitor_id);
  await standing.where("start_ms", "=", start_ms).execute();
  for (let i = 0; i < results.length; i += RESULTS_BATCH) {
    const batch = results.slice(i, i + RESULTS_BATCH);
    await db(tx).insertInto("monitoring_results").values(batch).execute();
  }
}

export async function resultsOfWindow(tx: Tx, monitorId: string, startMs: number): Promise<ResultRow[]> {
  const query = db(tx).selectFrom("monitoring_results").selectAll().where("monitor_id", "=", monitorId);
  const ordered = query.where("start_ms", "=", startMs).orderBy("segment").orderBy("column_name");
  return ordered.limit(RESULTS_OF_WINDOW_MAX).execute();
}

export type PointRow = Omit<ResultRow, "bins" | "sampled_rows"> & Pick<WindowRow, "end_ms" | "state">;

/** One column of one segment, newest first. */
export async function series(
  tx: Tx,
  at: { monitorId: string; segment: string; column: string },
  part: { fromMs: number; toMs: number; limit: number },
): Promise<PointRow[]> {
  return db(tx)
    .selectFrom("monitoring_results as r")
    .innerJoin("monitoring_windows as w", (join) =>
      join.onRef("w.monitor_id", "=", "r.monitor_id").onRef("w.start_ms", "=", "r.start_ms"),
    )
    .select(["r.monitor_id", "r.segment", "r.column_name", "r.start_ms", "r.row_count", "r.insufficient"])
    .select(["r.metrics", "w.end_ms", "w.state"])
    .where("r.monitor_id", "=", at.monitorId)
    .where("r.segment", "=", at.segment)
    .where("r.column_name", "=", at.column)
    .where("r.start_ms", ">=", part.fromMs)
    .where("r.start_ms", "<", part.toMs)
    .orderBy("r.start_ms", "desc")
    .limit(part.limit)
    .execute();
}

/** What a rule judges: metrics of the newest windows of this revision, newest first; `column` empty for the segment. */
export async function judged(
  tx: Tx,
  at: { monitorId: string; segment: string; columns: readonly string[]; revision: number },
  part: { after: number; windows: number },
): Promise<Pick<ResultRow, "start_ms" | "column_name" | "metrics">[]> {
  const starts = db(tx)
    .selectFrom("monitoring_windows")
    .select("start_ms")
    .where("monitor_id", "=", at.monitorId)
    .where("monitor_revision", "=", at.revision)
    .where("start_ms", ">", part.after)
    .orderBy("start_ms", "desc")
    .limit(part.windows);
  return db(tx)
    .selectFrom("monitoring_results")
    .select(["start_ms", "column_name", "metrics"])
    .where("monitor_id", "=", at.monitorId)
    .where("segment", "=", at.segment)
    .where("column_name", "in", at.columns)
    .where("start_ms", "in", starts)
    .orderBy("start_ms", "desc")
    .orderBy("column_name")
    .execute();
}
