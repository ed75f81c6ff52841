import type { Updateable } from "kysely";
import { forUpdate, type Tx, tables } from "#ports/database";
import type { ChannelRow, IncidentRow, MonitoringTables, RuleRow, SilenceRow } from "../tables.ts";

const db = tables<MonitoringTables>();

const RULES_OF_MONITOR_MAX = 500; // More than one is allowed to have.
const SILENCES_MAX = 1000; // That hold at the same time in one project.

export interface Part {
  after: string | undefined;
  limit: number;
}

// Rules

export async function rulesPage(
  tx: Tx,
  at: { projectId: string; monitorId: string | undefined },
  part: Part,
): Promise<RuleRow[]> {
  let query = db(tx).selectFrom("monitoring_rules").selectAll().where("project_id", "=", at.projectId);
  if (at.monitorId !== undefined) query = query.where("monitor_id", "=", at.monitorId);
  if (part.after !== undefined) query = query.where("id", ">", part.after);
  return query.orderBy("id").limit(part.limit).execute();
}

export async function rulesOf(tx: Tx, monitorId: string): Promise<RuleRow[]> {
  const query = db(tx).selectFrom("monitoring_rules").selectAll().where("monitor_id", "=", monitorId);
  return query.orderBy("id").limit(RULES_OF_MONITOR_MAX).execute();
}

export async function rule(tx: Tx, projectId: string, id: string): Promise<RuleRow | undefined> {
  const query = db(tx).selectFrom("monitoring_rules").selectAll().where("id", "=", id);
  return query.where("project_id", "=", projectId).executeTakeFirst();
}

export async function addRule(tx: Tx, row: RuleRow): Promise<void> {
  await db(tx).insertInto("monitoring_rules").values(row).execute();
}

export async function changeRule(
  tx: Tx,
  id: string,
  changes: Updateable<Omit<RuleRow, "id" | "project_id">>,
): Promise<void> {
  await db(tx).updateTable("monitoring_rules").set(changes).where("id", "=", id).execute();
}

export async function removeRule(tx: Tx, id: string): Promise<void> {
  await db(tx).deleteFrom("monitoring_rules").where("id", "=", id).execute();
}

// Incidents

/** Newest first: ids rise with time. */
export async function incidentsPage(
  tx: Tx,
  at: { projectId: string; monitorId: string | undefined; states: readonly IncidentRow["state"][] },
  part: { before: string | undefined; limit: number },
): Promise<IncidentRow[]> {
  let query = db(tx).selectFrom("monitoring_incidents").selectAll().where("project_id", "=", at.projectId);
  query = query.where("state", "in", at.states);
  if (at.monitorId !== undefined) query = query.where("monitor_id", "=", at.monitorId);
  if (part.before !== undefined) query = query.where("id", "<", part.before);
  return query.orderBy("id", "desc").limit(part.limit).execute();
}

export async function incident(tx: Tx, projectId: string, id: string): Promise<IncidentRow | undefined> {
  const query = db(tx).selectFrom("monitoring_incidents").selectAll().where("id", "=", id);
  return query.where("project_id", "=", projectId).executeTakeFirst();
}

export async function incidentToChange(tx: Tx, id: string): Promise<IncidentRow | undefined> {
  const query = db(tx).selectFrom("monitoring_incidents").selectAll().where("id", "=", id);
  return forUpdate(tx, query).executeTakeFirst();
}

/** The one that a rule has open, if any. */
export async function standingIncident(tx: Tx, ruleId: string): Promise<IncidentRow | undefined> {
  const query = db(tx).selectFrom("monitoring_incidents").selectAll().where("rule_id", "=", ruleId);
  return query.where("state", "!=", "resolved").orderBy("id").executeTakeFirst();
}

export async function countUnresolved(tx: Tx, monitorIds: readonly string[]): Promise<Map<string, number>> {
  if (monitorIds.length === 0) return new Map();
  const rows = await db(tx)
    .selectFrom("monitoring_incidents")
    .select(["monitor_id", (of) => of.fn.countAll().as("n")])
    .where("monitor_id", "in", monitorIds)
    .where("state", "!=", "resolved")
    .groupBy("monitor_id")
    .execute();
  return new Map(rows.map((row) => [row.monitor_id, Number(row.n)]));
}

export async function addIncident(tx: Tx, row: IncidentRow): Promise<void> {
  await db(tx).insertInto("monitoring_incidents").values(row).execute();
}

export async function changeIncident(
  tx: Tx,
  id: string,
  changes: Updateable<Omit<IncidentRow, "id" | "project_id">>,
): Promise<void> {
  await db(tx).updateTable("monitoring_incidents").set(changes).where("id", "=", id).execute();
}

/** Those that nobody was told of yet, oldest first. */
export async function untold(tx: Tx, after: string, limit: number): Promise<IncidentRow[]> {
  const query = db(tx).selectFrom("monitoring_incidents").selectAll().where("told_ms", "is", null);
  const standing = query.where("state", "in", ["open", "acknowledged"]).where("id", ">", after);
  return standing.orderBy("id").limit(limit).execute();
}

// Silences

export async function silencesPage(
  tx: Tx,
  at: { projectId: string; endingAfterMs: number },
  part: { before: string | undefined; limit: number },
): Promise<SilenceRow[]> {
  let query = db(tx).selectFrom("monitoring_silences").selectAll().where("project_id", "=", at.projectId);
  query = query.where("ends_ms", ">", at.endingAfterMs);
  if (part.before !== undefined) query = query.where("id", "<", part.before);
  return query.orderBy("id", "desc").limit(part.limit).execute();
}

/** Those that hold at a moment. */
export async function silencesAt(tx: Tx, projectId: string, nowMs: number): Promise<SilenceRow[]> {
  const query = db(tx).selectFrom("monitoring_silences").selectAll().where("project_id", "=", projectId);
  const holding = query.where("ends_ms", ">", nowMs).where("starts_ms", "<=", nowMs);
  return holding.orderBy("id").limit(SILENCES_MAX).execute();
}

export async function silenceToChange(
  tx: Tx,
  projectId: string,
  id: string,
): Promise<SilenceRow | undefined> {
  const query = db(tx).selectFrom("monitoring_silences").selectAll().where("id", "=", id);
  return forUpdate(tx, query.where("project_id", "=", projectId)).executeTakeFirst();
}

export async function addSilence(tx: Tx, row: SilenceRow): Promise<void> {
  await db(tx).insertInto("monitoring_silences").values(row).execute();
}

export async function endSilence(tx: Tx, id: string, endsMs: number): Promise<void> {
  const query = db(tx).updateTable("monitoring_silences").set({ ends_ms: endsMs });
  await query.where("id", "=", id).execute();
}

// Channels

export async function channelsPage(tx: Tx, projectId: string, part: Part): Promise<ChannelRow[]> {
  let query = db(tx).selectFrom("monitoring_channels").selectAll().where("project_id", "=", projectId);
  if (part.after !== undefined) query = query.where("name", ">", part.after);
  return query.orderBy("name").limit(part.limit).execute();
}

export async function channels(tx: Tx, projectId: string, ids: readonly string[]): Promise<ChannelRow[]> {
  if (ids.length === 0) return [];
  const query = db(tx).selectFrom("monitoring_channels").selectAll().where("project_id", "=", projectId);
  return query.where("id", "in", ids).orderBy("id").execute();
}

export async function countChannels(tx: Tx, projectId: string): Promise<number> {
  const query = db(tx).selectFrom("monitoring_channels").where("project_id", "=", projectId);
  const counted = await query.select((of) => of.fn.countAll().as("n")).executeTakeFirstOrThrow();
  return Number(counted.n);
}

export async function addChannel(tx: Tx, row: ChannelRow): Promise<void> {
  await db(tx).insertInto("monitoring_channels").values(row).execute();
}

export async function changeChannel(
  tx: Tx,
  id: string,
  changes: Pick<ChannelRow, "name" | "settings" | "updated_ms">,
): Promise<void> {
  await db(tx).updateTable("monitoring_channels").set(changes).where("id", "=", id).execute();
}

export async function removeChannel(tx: Tx, id: string): Promise<void> {
  await db(tx).deleteFrom("monitoring_channels").where("id", "=", id).execute();
}
