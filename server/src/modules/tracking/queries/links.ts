import type { Tx } from "#ports/database";
import type { DatasetRow, InputRow, RunModelRow } from "../tables.ts";
import { db } from "./prepared.ts";

const DATASET = [
  "id",
  "project_id",
  "experiment_id",
  "name",
  "digest",
  "source_type",
  "source",
  "schema",
  "profile",
] as const;

/** Stores datasets that the experiment does not know yet; the first description of one stands. */
export async function addDatasets(tx: Tx, rows: readonly DatasetRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db(tx)
    .insertInto("tracking_datasets")
    .values([...rows])
    .onConflict((conflict) => conflict.columns(["project_id", "experiment_id", "name", "digest"]).doNothing())
    .execute();
}

export async function datasetIds(
  tx: Tx,
  of: { projectId: string; experimentId: number; names: readonly string[] },
): Promise<Pick<DatasetRow, "id" | "name" | "digest">[]> {
  if (of.names.length === 0) return [];
  return db(tx)
    .selectFrom("tracking_datasets")
    .select(["id", "name", "digest"])
    .where("project_id", "=", of.projectId)
    .where("experiment_id", "=", of.experimentId)
    .where("name", "in", of.names)
    .execute();
}

export async function addInputs(tx: Tx, rows: readonly InputRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db(tx)
    .insertInto("tracking_inputs")
    .values([...rows])
    .onConflict((conflict) => conflict.columns(["run_id", "dataset_id"]).doNothing())
    .execute();
}

export async function addRunModels(tx: Tx, rows: readonly RunModelRow[]): Promise<void> {
  if (rows.length === 0) return;
  await db(tx)
    .insertInto("tracking_run_models")
    .values([...rows])
    .onConflict((conflict) =>
      conflict
        .columns(["run_id", "direction", "model_id"])
        .doUpdateSet((of) => ({ step: of.ref("excluded.step") })),
    )
    .execute();
}

/** How much is linked to a run, to hold its bound. */
export async function countLinks(tx: Tx, runId: string): Promise<number> {
  const inputs = await db(tx)
    .selectFrom("tracking_inputs")
    .select((of) => of.fn.countAll<number>().as("n"))
    .where("run_id", "=", runId)
    .executeTakeFirstOrThrow();
  const models = await db(tx)
    .selectFrom("tracking_run_models")
    .select((of) => of.fn.countAll<number>().as("n"))
    .where("run_id", "=", runId)
    .executeTakeFirstOrThrow();
  return Number(inputs.n) + Number(models.n);
}

export type InputWithDataset = InputRow & Omit<DatasetRow, "id" | "project_id" | "experiment_id">;

export async function inputsOfRuns(tx: Tx, runIds: readonly string[]): Promise<InputWithDataset[]> {
  if (runIds.length === 0) return [];
  return db(tx)
    .selectFrom("tracking_inputs as i")
    .innerJoin("tracking_datasets as d", "d.id", "i.dataset_id")
    .select(["i.run_id", "i.dataset_id", "i.context", "i.tags"])
    .select(DATASET.slice(3).map((column) => `d.${column}` as `d.${(typeof DATASET)[number]}`))
    .where("i.run_id", "in", runIds)
    .orderBy("i.run_id")
    .orderBy("d.name")
    .orderBy("d.digest")
    .execute() as Promise<InputWithDataset[]>;
}

export async function modelsOfRuns(tx: Tx, runIds: readonly string[]): Promise<RunModelRow[]> {
  if (runIds.length === 0) return [];
  return db(tx)
    .selectFrom("tracking_run_models")
    .select(["run_id", "direction", "model_id", "step"])
    .where("run_id", "in", runIds)
    .orderBy("run_id")
    .orderBy("direction")
    .orderBy("step")
    .orderBy("model_id")
    .execute();
}
