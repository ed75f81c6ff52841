import type { Updateable } from "kysely";
import { type Tx, tables } from "#ports/database";
import type { DeliveryRow, RegistryTables, WebhookRow } from "./tables.ts";

const db = tables<RegistryTables>();

export async function addWebhook(tx: Tx, row: WebhookRow): Promise<void> {
  await db(tx).insertInto("registry_webhooks").values(row).execute();
}

export async function webhookById(tx: Tx, projectId: string, id: string): Promise<WebhookRow | undefined> {
  const query = db(tx).selectFrom("registry_webhooks").selectAll().where("id", "=", id);
  return query.where("project_id", "=", projectId).executeTakeFirst();
}

/** All of a project: they are few. */
export async function webhooksOf(tx: Tx, projectId: string, limit: number): Promise<WebhookRow[]> {
  const query = db(tx).selectFrom("registry_webhooks").selectAll().where("project_id", "=", projectId);
  return query.orderBy("id").limit(limit).execute();
}

/** Newest first: ids rise with time. */
export async function webhookPage(
  tx: Tx,
  projectId: string,
  part: { before: string | undefined; limit: number },
): Promise<WebhookRow[]> {
  let query = db(tx).selectFrom("registry_webhooks").selectAll().where("project_id", "=", projectId);
  if (part.before !== undefined) query = query.where("id", "<", part.before);
  return query.orderBy("id", "desc").limit(part.limit).execute();
}

export async function changeWebhook(
  tx: Tx,
  id: string,
  changes: Updateable<Omit<WebhookRow, "id" | "project_id">>,
): Promise<void> {
  await db(tx).updateTable("registry_webhooks").set(changes).where("id", "=", id).execute();
}

/** With all that waits for it, and its log. */
export async function removeWebhook(tx: Tx, id: string): Promise<void> {
  await db(tx).deleteFrom("registry_webhooks").where("id", "=", id).execute();
}

/** Of a purged project: they are few. */
export async function removeWebhooks(tx: Tx, projectId: string): Promise<void> {
  await db(tx).deleteFrom("registry_webhooks").where("project_id", "=", projectId).execute();
}

export async function projectsWithWebhooks(tx: Tx): Promise<string[]> {
  const rows = await db(tx).selectFrom("registry_webhooks").select("project_id").distinct().execute();
  return rows.map((row) => row.project_id);
}

// Deliveries

export async function addDeliveries(tx: Tx, rows: readonly DeliveryRow[]): Promise<void> {
  if (rows.length > 0) await db(tx).insertInto("registry_deliveries").values(rows).execute();
}

export async function deliveryPage(
  tx: Tx,
  webhookId: string,
  part: { before: string | undefined; limit: number },
): Promise<DeliveryRow[]> {
  let query = db(tx).selectFrom("registry_deliveries").selectAll().where("webhook_id", "=", webhookId);
  if (part.before !== undefined) query = query.where("id", "<", part.before);
  return query.orderBy("id", "desc").limit(part.limit).execute();
}

export async function dueDeliveries(tx: Tx, nowMs: number, limit: number): Promise<DeliveryRow[]> {
  const query = db(tx).selectFrom("registry_deliveries").selectAll().where("state", "=", "pending");
  return query.where("next_ms", "<=", nowMs).orderBy("next_ms").orderBy("id").limit(limit).execute();
}

/** Changes it if nothing has happened to it since it was read. */
export async function changeDelivery(
  tx: Tx,
  read: Pick<DeliveryRow, "id" | "state" | "attempts">,
  changes: Updateable<Omit<DeliveryRow, "id" | "project_id">>,
): Promise<boolean> {
  const result = await db(tx)
    .updateTable("registry_deliveries")
    .set(changes)
    .where("id", "=", read.id)
    .where("state", "=", read.state)
    .where("attempts", "=", read.attempts)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Removes some of those that ended, made before a moment; answers with how many. */
export async function removeEndedBefore(tx: Tx, beforeMs: number, most: number): Promise<number> {
  const some = db(tx).selectFrom("registry_deliveries").select("id").where("created_ms", "<", beforeMs);
  const result = await db(tx)
    .deleteFrom("registry_deliveries")
    .where("id", "in", some.where("state", "!=", "pending").orderBy("id").limit(most))
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
