import { type SqlBool, sql } from "kysely";
import { after, orderBy } from "#lib/keyset-queries";
import type { Position } from "#lib/paging";
import { forUpdate, type Tx, tables } from "#ports/database";
import type { RunCondition } from "./door.ts";
import { contains, type NamedSort, namedKeys } from "./queries.ts";
import type { CacheRow, CommandRow, EventRow, PipelineTables, RunRow, StepRow } from "./tables.ts";

const db = tables<PipelineTables>();

const RUN = [
  "id",
  "project_id",
  "name",
  "description",
  "pipeline_name",
  "pipeline_id",
  "version_id",
  "experiment_id",
  "digest",
  "phase",
  "reason",
  "archived",
  "cache",
  "parameters",
  "actor",
  "started_by",
  "sequence",
  "retries",
  "created_ms",
  "ended_ms",
  "origin_type",
  "origin_id",
  "start_key",
] as const;
const STEP = ["run_id", "path", "position", "kind", "state", "attempt", "body"] as const;
const COMMAND = ["id", "run_id", "kind", "path", "attempt", "job_id", "due_ms", "tries"] as const;

const ROWS_MAX = 500; // Of one statement: a row has up to 8 values, and SQL takes 32,766.

export async function addRun(tx: Tx, row: RunRow): Promise<void> {
  await db(tx).insertInto("pipelines_runs").values(row).execute();
}

export async function runById(tx: Tx, id: string): Promise<RunRow | undefined> {
  return db(tx).selectFrom("pipelines_runs").select(RUN).where("id", "=", id).executeTakeFirst();
}

/** The run that was started under a key, if there is one. */
export async function runByKey(tx: Tx, projectId: string, key: string): Promise<RunRow | undefined> {
  const query = db(tx).selectFrom("pipelines_runs").select(RUN).where("project_id", "=", projectId);
  return query.where("start_key", "=", key).where("start_key", "<>", "").executeTakeFirst();
}

/** The run for a change: its row stays locked until the transaction ends. */
export async function runToChange(tx: Tx, id: string): Promise<RunRow | undefined> {
  return forUpdate(
    tx,
    db(tx).selectFrom("pipelines_runs").select(RUN).where("id", "=", id),
  ).executeTakeFirst();
}

export async function changeRun(
  tx: Tx,
  id: string,
  changes: Partial<Pick<RunRow, "phase" | "reason" | "archived" | "sequence" | "retries" | "ended_ms">>,
): Promise<void> {
  await db(tx).updateTable("pipelines_runs").set(changes).where("id", "=", id).execute();
}

export async function removeRun(tx: Tx, id: string): Promise<void> {
  await db(tx).deleteFrom("pipelines_runs").where("id", "=", id).execute();
}

export interface RunPage {
  projectId: string;
  conditions: readonly RunCondition[];
  sort: NamedSort;
  after?: Position | undefined;
  limit: number;
}

const COLUMNS = {
  name: "name",
  state: "phase",
  experimentId: "experiment_id",
  pipelineId: "pipeline_id",
  versionId: "version_id",
  createdMs: "created_ms",
  endedMs: "ended_ms",
  archived: "archived",
} as const satisfies Record<RunCondition["field"], keyof RunRow>;

export async function runPage(tx: Tx, asked: RunPage): Promise<RunRow[]> {
  let query = db(tx).selectFrom("pipelines_runs").select(RUN).where("project_id", "=", asked.projectId);
  for (const condition of asked.conditions) query = query.where(fulfils(condition));
  const keys = namedKeys(asked.sort);
  if (asked.after !== undefined) query = query.where(after(keys, asked.after));
  return query.orderBy(orderBy(keys)).limit(asked.limit).execute();
}

function fulfils({ field, operation, value }: RunCondition) {
  const column = sql.ref(COLUMNS[field]);
  if (operation === "contains") return contains(column, String(value));
  if (operation === "in") {
    const values = Array.isArray(value) ? value : [value];
    return values.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`${column} in (${sql.join(values)})`;
  }
  const given = typeof value === "boolean" ? Number(value) : (value as string | number);
  return sql<SqlBool>`${column} ${sql.raw(operation)} ${given}`;
}

/** How many steps of each state the runs have, of those that run code. */
export async function stepCounts(
  tx: Tx,
  runIds: readonly string[],
): Promise<{ run_id: string; state: StepRow["state"]; count: number }[]> {
  if (runIds.length === 0) return [];
  const rows = await db(tx)
    .selectFrom("pipelines_steps")
    .select((of) => ["run_id", "state", of.fn.countAll().as("count")])
    .where("run_id", "in", runIds)
    .where("kind", "=", "code")
    .groupBy(["run_id", "state"])
    .execute();
  return rows.map(({ run_id, state, count }) => ({ run_id, state, count: Number(count) }));
}

// Events, steps and commands of a run

export async function addEvent(tx: Tx, row: EventRow): Promise<void> {
  await db(tx).insertInto("pipelines_run_events").values(row).execute();
}

export async function eventPage(
  tx: Tx,
  asked: { runId: string; after: number; limit: number },
): Promise<EventRow[]> {
  return db(tx)
    .selectFrom("pipelines_run_events")
    .select(["run_id", "sequence", "at_ms", "kind", "path", "attempt", "body"])
    .where("run_id", "=", asked.runId)
    .where("sequence", ">", asked.after)
    .orderBy("sequence")
    .limit(asked.limit)
    .execute();
}

/** All steps of a run, in the order of their creation. */
export async function stepsOf(tx: Tx, runId: string): Promise<StepRow[]> {
  const query = db(tx).selectFrom("pipelines_steps").select(STEP).where("run_id", "=", runId);
  return query.orderBy("position").execute();
}

export async function saveSteps(tx: Tx, rows: readonly StepRow[]): Promise<void> {
  for (let i = 0; i < rows.length; i += ROWS_MAX) {
    await db(tx)
      .insertInto("pipelines_steps")
      .values(rows.slice(i, i + ROWS_MAX))
      .onConflict((conflict) =>
        conflict.columns(["run_id", "path"]).doUpdateSet((of) => ({
          position: of.ref("excluded.position"),
          kind: of.ref("excluded.kind"),
          state: of.ref("excluded.state"),
          attempt: of.ref("excluded.attempt"),
          body: of.ref("excluded.body"),
        })),
      )
      .execute();
  }
}

export async function removeSteps(tx: Tx, runId: string, paths: readonly string[]): Promise<void> {
  for (let i = 0; i < paths.length; i += ROWS_MAX) {
    const query = db(tx).deleteFrom("pipelines_steps").where("run_id", "=", runId);
    await query.where("path", "in", paths.slice(i, i + ROWS_MAX)).execute();
  }
}

export async function addCommands(tx: Tx, rows: readonly CommandRow[]): Promise<void> {
  for (let i = 0; i < rows.length; i += ROWS_MAX)
    await db(tx)
      .insertInto("pipelines_commands")
      .values(rows.slice(i, i + ROWS_MAX))
      .execute();
}

export async function dueCommands(tx: Tx, nowMs: number, limit: number): Promise<CommandRow[]> {
  const query = db(tx).selectFrom("pipelines_commands").select(COMMAND).where("due_ms", "<=", nowMs);
  return query.orderBy("due_ms").orderBy("id").limit(limit).execute();
}

/** When the next command is due that is not due yet. */
export async function nextDueMs(tx: Tx, nowMs: number): Promise<number | undefined> {
  const query = db(tx).selectFrom("pipelines_commands").select("due_ms").where("due_ms", ">", nowMs);
  return (await query.orderBy("due_ms").limit(1).executeTakeFirst())?.due_ms;
}

/** True for the one who takes it. */
export async function takeCommand(tx: Tx, id: string): Promise<boolean> {
  const result = await db(tx).deleteFrom("pipelines_commands").where("id", "=", id).executeTakeFirst();
  return Number(result.numDeletedRows) > 0;
}

export async function postponeCommand(
  tx: Tx,
  id: string,
  of: { dueMs: number; tries: number },
): Promise<void> {
  const query = db(tx).updateTable("pipelines_commands").set({ due_ms: of.dueMs, tries: of.tries });
  await query.where("id", "=", id).execute();
}

// Cache

export async function cached(
  tx: Tx,
  of: { projectId: string; pipelineName: string; fingerprint: string },
): Promise<CacheRow | undefined> {
  return db(tx)
    .selectFrom("pipelines_cache")
    .select(["project_id", "pipeline_name", "fingerprint", "run_id", "path", "outputs", "created_ms"])
    .where("project_id", "=", of.projectId)
    .where("pipeline_name", "=", of.pipelineName)
    .where("fingerprint", "=", of.fingerprint)
    .executeTakeFirst();
}

export async function keepOutputs(tx: Tx, row: CacheRow): Promise<void> {
  const { run_id, path, outputs, created_ms } = row;
  await db(tx)
    .insertInto("pipelines_cache")
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(["project_id", "pipeline_name", "fingerprint"])
        .doUpdateSet({ run_id, path, outputs, created_ms }),
    )
    .execute();
}

export async function forgetOutputs(
  tx: Tx,
  of: { projectId: string; pipelineName: string; fingerprint: string },
): Promise<void> {
  const query = db(tx).deleteFrom("pipelines_cache").where("project_id", "=", of.projectId);
  await query
    .where("pipeline_name", "=", of.pipelineName)
    .where("fingerprint", "=", of.fingerprint)
    .execute();
}

// What the worker sweeps

/** Projects that have anything here. */
export async function projectsWithPipelines(tx: Tx): Promise<string[]> {
  const found = new Set<string>();
  for (const table of [
    "pipelines_specs",
    "pipelines_pipelines",
    "pipelines_runs",
    "pipelines_cache",
  ] as const) {
    const rows = await db(tx).selectFrom(table).select("project_id").distinct().execute();
    for (const { project_id } of rows) found.add(project_id);
  }
  return [...found];
}

/** Removes all of a project that is gone, some runs at a time; true when nothing is left. */
export async function removeSome(tx: Tx, projectId: string, most: number): Promise<boolean> {
  const some = db(tx)
    .selectFrom("pipelines_runs")
    .select("id")
    .where("project_id", "=", projectId)
    .limit(most);
  const runs = await db(tx).deleteFrom("pipelines_runs").where("id", "in", some).executeTakeFirst();
  if (Number(runs.numDeletedRows) > 0) return false;
  for (const table of [
    "pipelines_versions",
    "pipelines_pipelines",
    "pipelines_specs",
    "pipelines_cache",
  ] as const)
    await db(tx).deleteFrom(table).where("project_id", "=", projectId).execute();
  return true;
}
