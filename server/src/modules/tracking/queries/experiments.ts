import type { Tx } from "#ports/database";
import type { KeyValue } from "../door.ts";
import type { ExperimentRow } from "../tables.ts";
import { db, prepared } from "./prepared.ts";

const COLUMNS = [
  "project_id",
  "id",
  "name",
  "created_ms",
  "updated_ms",
  "deleted",
  "restores",
  "runs",
  "deleted_runs",
] as const;

interface Ref {
  projectId: string;
  id: number;
}

/** Makes a row unless that id or that name is taken. */
export async function addExperiment(tx: Tx, row: ExperimentRow): Promise<void> {
  await db(tx)
    .insertInto("tracking_experiments")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function greatestExperimentId(tx: Tx, projectId: string): Promise<number | undefined> {
  const row = await db(tx)
    .selectFrom("tracking_experiments")
    .select("id")
    .where("project_id", "=", projectId)
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

const byId = prepared((at, slot: <T>(pick: (ref: Ref) => T) => T) =>
  at
    .selectFrom("tracking_experiments")
    .select(COLUMNS)
    .where(
      "project_id",
      "=",
      slot((ref) => ref.projectId),
    )
    .where(
      "id",
      "=",
      slot((ref) => ref.id),
    ),
);

export async function experimentById(
  tx: Tx,
  projectId: string,
  id: number,
): Promise<ExperimentRow | undefined> {
  return (await byId(tx, { projectId, id })).rows[0];
}

export async function experimentByName(
  tx: Tx,
  projectId: string,
  name: string,
): Promise<ExperimentRow | undefined> {
  return db(tx)
    .selectFrom("tracking_experiments")
    .select(COLUMNS)
    .where("project_id", "=", projectId)
    .where("name", "=", name)
    .executeTakeFirst();
}

export async function experimentNames(
  tx: Tx,
  projectId: string,
  ids: readonly number[],
): Promise<{ id: number; name: string }[]> {
  if (ids.length === 0) return [];
  return db(tx)
    .selectFrom("tracking_experiments")
    .select(["id", "name"])
    .where("project_id", "=", projectId)
    .where("id", "in", ids)
    .limit(ids.length)
    .execute();
}

const count = prepared(
  (at, slot: <T>(pick: (given: Ref & { runs: number; deletedRuns: number }) => T) => T) =>
    at
      .updateTable("tracking_experiments")
      .set((of) => ({
        runs: of(
          "runs",
          "+",
          slot((given) => given.runs),
        ),
        deleted_runs: of(
          "deleted_runs",
          "+",
          slot((given) => given.deletedRuns),
        ),
      }))
      .where(
        "project_id",
        "=",
        slot((given) => given.projectId),
      )
      .where(
        "id",
        "=",
        slot((given) => given.id),
      )
      .returning(COLUMNS),
);

/** Adds to the experiment's counts of runs and answers with its row, held until the transaction ends. */
export async function countRuns(
  tx: Tx,
  ref: Ref,
  adding: { runs?: number; deletedRuns?: number },
): Promise<ExperimentRow | undefined> {
  const given = { ...ref, runs: adding.runs ?? 0, deletedRuns: adding.deletedRuns ?? 0 };
  return (await count(tx, given)).rows[0];
}

export async function saveExperiment(tx: Tx, row: ExperimentRow): Promise<void> {
  const { project_id, id, ...rest } = row;
  await db(tx)
    .updateTable("tracking_experiments")
    .set(rest)
    .where("project_id", "=", project_id)
    .where("id", "=", id)
    .execute();
}

export async function experimentTags(
  tx: Tx,
  projectId: string,
  ids: readonly number[],
): Promise<{ experiment_id: number; key: string; value: string }[]> {
  if (ids.length === 0) return [];
  return db(tx)
    .selectFrom("tracking_experiment_tags")
    .select(["experiment_id", "key", "value"])
    .where("project_id", "=", projectId)
    .where("experiment_id", "in", ids)
    .orderBy("experiment_id")
    .orderBy("key")
    .execute();
}

export async function saveExperimentTags(tx: Tx, ref: Ref, tags: readonly KeyValue[]): Promise<void> {
  if (tags.length === 0) return;
  await db(tx)
    .insertInto("tracking_experiment_tags")
    .values(tags.map((tag) => ({ project_id: ref.projectId, experiment_id: ref.id, ...tag })))
    .onConflict((conflict) =>
      conflict
        .columns(["project_id", "experiment_id", "key"])
        .doUpdateSet((of) => ({ value: of.ref("excluded.value") })),
    )
    .execute();
}

/** Answers with how many there were. */
export async function removeExperimentTags(tx: Tx, ref: Ref, keys: readonly string[]): Promise<number> {
  if (keys.length === 0) return 0;
  const done = await db(tx)
    .deleteFrom("tracking_experiment_tags")
    .where("project_id", "=", ref.projectId)
    .where("experiment_id", "=", ref.id)
    .where("key", "in", keys)
    .executeTakeFirst();
  return Number(done.numDeletedRows);
}

/** How many tags an experiment has, to hold their bound. */
export async function countExperimentTags(tx: Tx, ref: Ref): Promise<number> {
  const row = await db(tx)
    .selectFrom("tracking_experiment_tags")
    .select((of) => of.fn.countAll<number>().as("n"))
    .where("project_id", "=", ref.projectId)
    .where("experiment_id", "=", ref.id)
    .executeTakeFirstOrThrow();
  return Number(row.n);
}
