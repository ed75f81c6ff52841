import type { RunStatus } from "@atrium/contract/tracking";
import { type RawBuilder, sql } from "kysely";
import { rowSlots, type Tx } from "#ports/database";
import type { RunRow, StandingRunRow } from "../tables.ts";
import { db, prepared } from "./prepared.ts";

export const RUN_COLUMNS = [
  "id",
  "project_id",
  "experiment_id",
  "name",
  "status",
  "owner",
  "started_ms",
  "ended_ms",
  "deleted_round",
  "has_links",
  "version",
] as const satisfies readonly (keyof RunRow)[];

/**
 * 1 for runs that are deleted, by themselves in their experiment's present round or with their experiment. So an
 * experiment with any number of runs is deleted and restored by changing its one row. `runs` names the table of runs.
 */
function isDeleted(runs: "r" | "tracking_runs"): RawBuilder<number> {
  const run = (column: keyof RunRow) => sql.ref(`${runs}.${column}`);
  return sql<number>`(
    select case when e.deleted = 1 or e.restores = ${run("deleted_round")} then 1 else 0 end
    from tracking_experiments as e where e.project_id = ${run("project_id")} and e.id = ${run("experiment_id")})`;
}

/** The same, where the table of runs is called `r`. */
export const IS_DELETED = isDeleted("r");

const add = prepared((at, slot: <T>(pick: (rows: readonly RunRow[]) => T) => T) =>
  at.insertInto("tracking_runs").values(rowSlots(slot, 1, RUN_COLUMNS)),
);

export async function addRun(tx: Tx, row: RunRow): Promise<void> {
  await add(tx, [row]);
}

const byId = prepared((at, slot: <T>(pick: (given: { id: string; projectId: string }) => T) => T) =>
  at
    .selectFrom("tracking_runs as r")
    .select([...RUN_COLUMNS, IS_DELETED.as("is_deleted")])
    .where(
      "id",
      "=",
      slot((given) => given.id),
    )
    .where(
      "project_id",
      "=",
      slot((given) => given.projectId),
    ),
);

export async function runById(tx: Tx, projectId: string, id: string): Promise<StandingRunRow | undefined> {
  return (await byId(tx, { id, projectId })).rows[0];
}

const touch = prepared((at, slot: <T>(pick: (given: { id: string }) => T) => T) =>
  at
    .updateTable("tracking_runs")
    .set((of) => ({ version: of("version", "+", 1) }))
    .where(
      "id",
      "=",
      slot((given) => given.id),
    )
    .returning([...RUN_COLUMNS, isDeleted("tracking_runs").as("is_deleted")]),
);

/** Raises the run's version and answers with its row, held until the transaction ends: no other change comes between. */
export async function runToChange(tx: Tx, id: string): Promise<StandingRunRow | undefined> {
  return (await touch(tx, { id })).rows[0];
}

export async function saveRun(
  tx: Tx,
  id: string,
  changes: Partial<Pick<RunRow, "name" | "status" | "ended_ms" | "deleted_round" | "has_links">>,
): Promise<void> {
  await db(tx).updateTable("tracking_runs").set(changes).where("id", "=", id).execute();
}

/** Counts of runs that are not deleted, by status. */
export async function countByStatus(
  tx: Tx,
  where: { projectId: string; experimentIds: readonly number[] | undefined },
): Promise<{ status: RunStatus; n: number; newestMs: number }[]> {
  let query = db(tx)
    .selectFrom("tracking_runs as r")
    .select((of) => ["status", of.fn.countAll<number>().as("n"), of.fn.max("started_ms").as("newestMs")])
    .where("project_id", "=", where.projectId)
    .where(IS_DELETED, "=", 0)
    .groupBy("status");
  if (where.experimentIds !== undefined) query = query.where("experiment_id", "in", where.experimentIds);
  const rows = await query.execute();
  return rows.map((row) => ({ ...row, n: Number(row.n), newestMs: Number(row.newestMs) }));
}

export async function countSince(
  tx: Tx,
  where: { projectId: string; experimentIds: readonly number[] | undefined },
  sinceMs: number,
): Promise<number> {
  let query = db(tx)
    .selectFrom("tracking_runs as r")
    .select((of) => of.fn.countAll<number>().as("n"))
    .where("project_id", "=", where.projectId)
    .where("started_ms", ">=", sinceMs)
    .where(IS_DELETED, "=", 0);
  if (where.experimentIds !== undefined) query = query.where("experiment_id", "in", where.experimentIds);
  return Number((await query.executeTakeFirstOrThrow()).n);
}
