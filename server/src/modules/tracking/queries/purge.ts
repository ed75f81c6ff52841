import { sql } from "kysely";
import type { Tx } from "#ports/database";
import { db } from "./prepared.ts";

const OF_RUNS = [
  "tracking_params",
  "tracking_run_tags",
  "tracking_series",
  "tracking_chunks",
  "tracking_inputs",
  "tracking_run_models",
] as const;

/** Projects that have experiments here. */
export async function projectsWithExperiments(tx: Tx): Promise<string[]> {
  const rows = await db(tx).selectFrom("tracking_experiments").select("project_id").distinct().execute();
  return rows.map((row) => row.project_id);
}

/** Removes up to `limit` runs of a project with everything of theirs; answers with how many. */
export async function removeRuns(tx: Tx, projectId: string, limit: number): Promise<number> {
  const runs = await db(tx)
    .selectFrom("tracking_runs")
    .select("id")
    .where("project_id", "=", projectId)
    .limit(limit)
    .execute();
  if (runs.length === 0) return 0;
  const ids = sql.join(runs.map(({ id }) => id));
  for (const table of OF_RUNS) {
    await sql`delete from ${sql.ref(table)} where run_id in (${ids})`.execute(tx.kysely);
  }
  await sql`delete from tracking_runs where id in (${ids})`.execute(tx.kysely);
  return runs.length;
}

/** Removes what a project without runs has left. */
export async function removeExperiments(tx: Tx, projectId: string): Promise<void> {
  await db(tx).deleteFrom("tracking_datasets").where("project_id", "=", projectId).execute();
  await db(tx).deleteFrom("tracking_experiment_tags").where("project_id", "=", projectId).execute();
  await db(tx).deleteFrom("tracking_experiments").where("project_id", "=", projectId).execute();
}
