import type { Updateable } from "kysely";
import { type Tx, tables } from "#ports/database";
import type { DeliveryRow, MonitoringTables } from "../tables.ts";

const db = tables<MonitoringTables>();

/** Newest first: ids rise with time. */
export async function deliveriesPage(
  tx: Tx,
  at: { projectId: string; channelId: string | undefined; incidentId: string | undefined },
  part: { before: string | undefined; limit: number },
): Promise<DeliveryRow[]> {
  let query = db(tx).selectFrom("monitoring_deliveries").selectAll().where("project_id", "=", at.projectId);
  if (at.channelId !== undefined) query = query.where("target_id", "=", at.channelId);
  if (at.incidentId !== undefined) query = query.where("incident_id", "=", at.incidentId);
  if (part.before !== undefined) query = query.where("id", "<", part.before);
  return query.orderBy("id", "desc").limit(part.limit).execute();
}

export async function delivery(tx: Tx, projectId: string, id: string): Promise<DeliveryRow | undefined> {
  const query = db(tx).selectFrom("monitoring_deliveries").selectAll().where("id", "=", id);
  return query.where("project_id", "=", projectId).executeTakeFirst();
}

export async function addDelivery(tx: Tx, row: DeliveryRow): Promise<void> {
  await db(tx).insertInto("monitoring_deliveries").values(row).execute();
}

export async function dueDeliveries(tx: Tx, nowMs: number, limit: number): Promise<DeliveryRow[]> {
  const query = db(tx).selectFrom("monitoring_deliveries").selectAll().where("state", "=", "pending");
  return query.where("next_ms", "<=", nowMs).orderBy("next_ms").orderBy("id").limit(limit).execute();
}

/** Changes it if nothing has happened to it since it was read. */
export async function changeDelivery(
  tx: Tx,
  read: Pick<DeliveryRow, "id" | "state" | "attempts">,
  changes: Updateable<Omit<DeliveryRow, "id" | "project_id">>,
): Promise<boolean> {
  const result = await db(tx)
    .updateTable("monitoring_deliveries")
    .set(changes)
    .where("id", "=", read.id)
    .where("state", "=", read.state)
    .where("attempts", "=", read.attempts)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Of a channel that goes: what waits for it is not sent, and its log goes with it. */
export async function removeDeliveriesTo(tx: Tx, targetId: string): Promise<void> {
  await db(tx).deleteFrom("monitoring_deliveries").where("target_id", "=", targetId).execute();
}

/** Removes some of those that ended before a moment; answers with how many. */
export async function removeEndedBefore(tx: Tx, beforeMs: number, most: number): Promise<number> {
  const some = db(tx).selectFrom("monitoring_deliveries").select("id").where("created_ms", "<", beforeMs);
  const result = await db(tx)
    .deleteFrom("monitoring_deliveries")
    .where("id", "in", some.where("state", "!=", "pending").orderBy("id").limit(most))
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
