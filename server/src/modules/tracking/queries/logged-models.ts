import { sql } from "kysely";
import { forUpdate, type Tx, tables } from "#ports/database";
import type {
  LoggedModelRow,
  LoggedModelTables,
  ModelMetricRow,
  ModelValueRow,
} from "../logged-model-tables.ts";

const db = tables<LoggedModelTables>();

export const LOGGED_MODEL = [
  "id",
  "project_id",
  "experiment_id",
  "name",
  "model_type",
  "status",
  "status_message",
  "source_run_id",
  "created_ms",
  "updated_ms",
  "deleted",
] as const;

const ROWS_MAX = 1000; // Of one insert or list: the widest row has nine values, and SQL takes 32,766.

type ValueTable = "tracking_model_params" | "tracking_model_tags";

export async function loggedModelById(
  tx: Tx,
  projectId: string,
  id: string,
): Promise<LoggedModelRow | undefined> {
  const query = db(tx).selectFrom("tracking_logged_models").select(LOGGED_MODEL).where("id", "=", id);
  return query.where("project_id", "=", projectId).executeTakeFirst();
}

/** The model for a change: its row stays locked until the transaction ends. */
export async function loggedModelToChange(
  tx: Tx,
  projectId: string,
  id: string,
): Promise<LoggedModelRow | undefined> {
  const query = db(tx)
    .selectFrom("tracking_logged_models")
    .select(LOGGED_MODEL)
    .where("id", "=", id)
    .where("project_id", "=", projectId);
  return forUpdate(tx, query).executeTakeFirst();
}

/** Which of these models the project has. */
export async function knownLoggedModels(
  tx: Tx,
  projectId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await inParts(ids, (part) =>
    db(tx)
      .selectFrom("tracking_logged_models")
      .select("id")
      .where("project_id", "=", projectId)
      .where("id", "in", part)
      .execute(),
  );
  return new Set(rows.map(({ id }) => id));
}

export async function addLoggedModel(tx: Tx, row: LoggedModelRow): Promise<void> {
  await db(tx).insertInto("tracking_logged_models").values(row).execute();
}

export async function changeLoggedModel(
  tx: Tx,
  id: string,
  changes: Partial<Pick<LoggedModelRow, "status" | "status_message" | "updated_ms" | "deleted">>,
): Promise<void> {
  await db(tx).updateTable("tracking_logged_models").set(changes).where("id", "=", id).execute();
}

/** Params or tags of the models, by model and key; how many one has is bounded where they are written. */
export async function modelValues(
  tx: Tx,
  table: ValueTable,
  modelIds: readonly string[],
): Promise<ModelValueRow[]> {
  return inParts(modelIds, (part) =>
    db(tx)
      .selectFrom(table)
      .select(["model_id", "key", "value"])
      .where("model_id", "in", part)
      .orderBy("model_id")
      .orderBy("key")
      .execute(),
  );
}

export async function modelValuesByKey(
  tx: Tx,
  of: { table: ValueTable; modelId: string; keys: readonly string[] },
): Promise<ModelValueRow[]> {
  return inParts(of.keys, (part) =>
    db(tx)
      .selectFrom(of.table)
      .select(["model_id", "key", "value"])
      .where("model_id", "=", of.modelId)
      .where("key", "in", part)
      .execute(),
  );
}

/** Adds values whose keys are free, or replaces those that are taken. */
export async function saveModelValues(
  tx: Tx,
  table: ValueTable,
  { rows, taken }: { rows: readonly ModelValueRow[]; taken: "kept" | "replaced" },
): Promise<void> {
  await inParts(rows, async (part) => {
    await db(tx)
      .insertInto(table)
      .values([...part])
      .onConflict((conflict) => {
        const key = conflict.columns(["model_id", "key"]);
        return taken === "kept"
          ? key.doNothing()
          : key.doUpdateSet((of) => ({ value: of.ref("excluded.value") }));
      })
      .execute();
    return [];
  });
}

export async function countModelValues(tx: Tx, table: ValueTable, modelId: string): Promise<number> {
  const query = db(tx)
    .selectFrom(table)
    .select((of) => of.fn.countAll().as("n"));
  return Number((await query.where("model_id", "=", modelId).executeTakeFirstOrThrow()).n);
}

/** @returns false when there was no such tag */
export async function removeModelTag(tx: Tx, modelId: string, key: string): Promise<boolean> {
  const query = db(tx).deleteFrom("tracking_model_tags").where("model_id", "=", modelId);
  return (await query.where("key", "=", key).executeTakeFirst()).numDeletedRows > 0n;
}

export async function modelMetrics(tx: Tx, modelIds: readonly string[]): Promise<ModelMetricRow[]> {
  return inParts(modelIds, (part) =>
    db(tx)
      .selectFrom("tracking_model_metrics")
      .select(["model_id", "key", "dataset_name", "dataset_digest"])
      .select(["run_id", "value", "is_nan", "step", "at_ms"])
      .where("model_id", "in", part)
      .orderBy("model_id")
      .orderBy("key")
      .orderBy("dataset_name")
      .orderBy("dataset_digest")
      .execute(),
  );
}

/** Keeps points that are newer than those that stand: by time, then step, then value. */
export async function saveModelMetrics(tx: Tx, rows: readonly ModelMetricRow[]): Promise<void> {
  await inParts(rows, async (part) => {
    await db(tx)
      .insertInto("tracking_model_metrics")
      .values([...part])
      .onConflict((conflict) =>
        conflict
          .columns(["model_id", "key", "dataset_name", "dataset_digest"])
          .doUpdateSet((of) => ({
            run_id: of.ref("excluded.run_id"),
            value: of.ref("excluded.value"),
            is_nan: of.ref("excluded.is_nan"),
            step: of.ref("excluded.step"),
            at_ms: of.ref("excluded.at_ms"),
          }))
          .where(
            sql<boolean>`(excluded.at_ms, excluded.step, excluded.value) >
              (tracking_model_metrics.at_ms, tracking_model_metrics.step, tracking_model_metrics.value)`,
          ),
      )
      .execute();
    return [];
  });
}

/** The greatest number of metrics that one of the models has. */
export async function mostModelMetrics(tx: Tx, modelIds: readonly string[]): Promise<number> {
  const counts = await inParts(modelIds, (part) =>
    db(tx)
      .selectFrom("tracking_model_metrics")
      .select((of) => of.fn.countAll().as("n"))
      .where("model_id", "in", part)
      .groupBy("model_id")
      .execute(),
  );
  return Math.max(0, ...counts.map(({ n }) => Number(n)));
}

/** Removes some logged models of a project with all that is theirs; answers with how many. */
export async function removeLoggedModels(tx: Tx, projectId: string, most: number): Promise<number> {
  const some = db(tx)
    .selectFrom("tracking_logged_models")
    .select("id")
    .where("project_id", "=", projectId)
    .limit(most);
  const result = await db(tx).deleteFrom("tracking_logged_models").where("id", "in", some).executeTakeFirst();
  return Number(result.numDeletedRows);
}

async function inParts<T, Row>(
  all: readonly T[],
  ask: (part: readonly T[]) => Promise<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let at = 0; at < all.length; at += ROWS_MAX) rows.push(...(await ask(all.slice(at, at + ROWS_MAX))));
  return rows;
}
