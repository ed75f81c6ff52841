import type { Updateable } from "kysely";
import { forUpdate, type Tx, tables } from "#ports/database";
import type { MonitoringTables, MonitorRow, ReferenceRow } from "../tables.ts";

const db = tables<MonitoringTables>();

export async function monitorsPage(
  tx: Tx,
  at: { projectId: string; endpoint: string | undefined },
  part: { after: string | undefined; limit: number },
): Promise<MonitorRow[]> {
  let query = db(tx).selectFrom("monitoring_monitors").selectAll().where("project_id", "=", at.projectId);
  if (at.endpoint !== undefined) query = query.where("endpoint", "=", at.endpoint);
  if (part.after !== undefined) query = query.where("name", ">", part.after);
  return query.orderBy("name").limit(part.limit).execute();
}

export async function monitorByIdOrName(
  tx: Tx,
  projectId: string,
  idOrName: string,
): Promise<MonitorRow | undefined> {
  const rows = await db(tx)
    .selectFrom("monitoring_monitors")
    .selectAll()
    .where("project_id", "=", projectId)
    .where((of) => of.or([of("id", "=", idOrName), of("name", "=", idOrName)]))
    .limit(2)
    .execute();
  return rows.find((row) => row.id === idOrName) ?? rows[0];
}

/** Its row stays locked until the transaction ends. */
export async function monitorToChange(tx: Tx, id: string): Promise<MonitorRow | undefined> {
  const query = db(tx).selectFrom("monitoring_monitors").selectAll().where("id", "=", id);
  return forUpdate(tx, query).executeTakeFirst();
}

export async function countMonitors(tx: Tx, projectId: string): Promise<number> {
  const query = db(tx).selectFrom("monitoring_monitors").where("project_id", "=", projectId);
  const counted = await query.select((of) => of.fn.countAll().as("n")).executeTakeFirstOrThrow();
  return Number(counted.n);
}

export async function addMonitor(tx: Tx, row: MonitorRow): Promise<void> {
  await db(tx).insertInto("monitoring_monitors").values(row).execute();
}

export async function changeMonitor(
  tx: Tx,
  id: string,
  changes: Updateable<Omit<MonitorRow, "id" | "project_id">>,
): Promise<void> {
  await db(tx).updateTable("monitoring_monitors").set(changes).where("id", "=", id).execute();
}

/** Removes the monitor with everything that is its own. */
export async function removeMonitor(tx: Tx, id: string): Promise<void> {
  await db(tx).deleteFrom("monitoring_monitors").where("id", "=", id).execute();
}

/** Those that the worker shall look at, longest waiting first. */
export async function dueMonitors(tx: Tx, nowMs: number, limit: number): Promise<MonitorRow[]> {
  const query = db(tx).selectFrom("monitoring_monitors").selectAll().where("state", "=", "active");
  return query.where("wake_ms", "<=", nowMs).orderBy("wake_ms").limit(limit).execute();
}

// References

export async function reference(
  tx: Tx,
  monitorId: string,
  column: string,
): Promise<ReferenceRow | undefined> {
  const query = db(tx).selectFrom("monitoring_references").selectAll().where("monitor_id", "=", monitorId);
  return query.where("column_name", "=", column).executeTakeFirst();
}

/** Puts a whole reference in the place of what was there. */
export async function replaceReferences(
  tx: Tx,
  monitorId: string,
  rows: readonly ReferenceRow[],
): Promise<void> {
  await db(tx).deleteFrom("monitoring_references").where("monitor_id", "=", monitorId).execute();
  for (const row of rows) await db(tx).insertInto("monitoring_references").values(row).execute();
}

// What purged projects leave

export async function projectsWithRows(tx: Tx): Promise<string[]> {
  const found = new Set<string>();
  for (const table of ["monitoring_monitors", "monitoring_silences", "monitoring_channels"] as const) {
    const rows = await db(tx).selectFrom(table).select("project_id").distinct().execute();
    for (const row of rows) found.add(row.project_id);
  }
  return [...found];
}

export async function removeProject(tx: Tx, projectId: string): Promise<void> {
  for (const table of [
    "monitoring_deliveries",
    "monitoring_silences",
    "monitoring_channels",
    "monitoring_monitors",
  ] as const) {
    await db(tx).deleteFrom(table).where("project_id", "=", projectId).execute();
  }
}
