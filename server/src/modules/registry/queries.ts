import type { Stage } from "@atrium/contract/registry";
import type { Updateable } from "kysely";
import { forUpdate, type Tx, tables } from "#ports/database";
import type { ModelRow, RegistryTables, VersionRow } from "./tables.ts";

const db = tables<RegistryTables>();

export const MODEL = [
  "id",
  "project_id",
  "name",
  "description",
  "last_version",
  "versions",
  "created_ms",
  "updated_ms",
] as const;
export const VERSION = [
  "model_id",
  "version",
  "project_id",
  "description",
  "stage",
  "source",
  "artifact_path",
  "run_id",
  "logged_model_id",
  "run_link",
  "created_by",
  "created_ms",
  "updated_ms",
] as const;

const IDS_MAX = 500; // Values of one list: SQL takes 32,766, and a version is named by two.

// Models

export async function modelByName(tx: Tx, projectId: string, name: string): Promise<ModelRow | undefined> {
  const query = db(tx).selectFrom("registry_models").select(MODEL).where("project_id", "=", projectId);
  return query.where("name", "=", name).executeTakeFirst();
}

/** The model for a change: its row stays locked until the transaction ends. */
export async function modelToChange(tx: Tx, id: string): Promise<ModelRow | undefined> {
  const query = db(tx).selectFrom("registry_models").select(MODEL).where("id", "=", id);
  return forUpdate(tx, query).executeTakeFirst();
}

export async function addModel(tx: Tx, row: ModelRow): Promise<void> {
  await db(tx).insertInto("registry_models").values(row).execute();
}

export async function changeModel(
  tx: Tx,
  id: string,
  changes: Updateable<Omit<ModelRow, "id" | "project_id">>,
): Promise<void> {
  await db(tx).updateTable("registry_models").set(changes).where("id", "=", id).execute();
}

/** Removes the model with everything that is its own. */
export async function removeModel(tx: Tx, id: string): Promise<void> {
  await db(tx).deleteFrom("registry_models").where("id", "=", id).execute();
}

/** Removes some models of a project; answers with how many. */
export async function removeModels(tx: Tx, projectId: string, most: number): Promise<number> {
  const some = db(tx).selectFrom("registry_models").select("id").where("project_id", "=", projectId);
  const result = await db(tx)
    .deleteFrom("registry_models")
    .where("id", "in", some.limit(most))
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** Projects that have models here. */
export async function projectsWithModels(tx: Tx): Promise<string[]> {
  const rows = await db(tx).selectFrom("registry_models").select("project_id").distinct().execute();
  return rows.map((row) => row.project_id);
}

/** Moves the time of change of all versions, as a new name of their model is a change of theirs. */
export async function touchVersions(tx: Tx, modelId: string, updatedMs: number): Promise<void> {
  const query = db(tx).updateTable("registry_versions").set({ updated_ms: updatedMs });
  await query.where("model_id", "=", modelId).execute();
}

export async function modelTags(
  tx: Tx,
  ids: readonly string[],
): Promise<RegistryTables["registry_model_tags"][]> {
  return inParts(ids, (part) =>
    db(tx)
      .selectFrom("registry_model_tags")
      .select(["model_id", "key", "value"])
      .where("model_id", "in", part)
      .orderBy("model_id")
      .orderBy("key")
      .execute(),
  );
}

export async function saveModelTag(tx: Tx, tag: RegistryTables["registry_model_tags"]): Promise<void> {
  await db(tx)
    .insertInto("registry_model_tags")
    .values(tag)
    .onConflict((conflict) => conflict.columns(["model_id", "key"]).doUpdateSet({ value: tag.value }))
    .execute();
}

export async function removeModelTag(tx: Tx, modelId: string, key: string): Promise<void> {
  const query = db(tx).deleteFrom("registry_model_tags").where("model_id", "=", modelId);
  await query.where("key", "=", key).execute();
}

export async function countModelTags(tx: Tx, modelId: string): Promise<number> {
  const query = db(tx)
    .selectFrom("registry_model_tags")
    .select((of) => of.fn.countAll().as("n"));
  return Number((await query.where("model_id", "=", modelId).executeTakeFirstOrThrow()).n);
}

// Versions

export interface VersionId {
  model_id: string;
  version: number;
}

export async function versionOf(tx: Tx, { model_id, version }: VersionId): Promise<VersionRow | undefined> {
  const query = db(tx).selectFrom("registry_versions").select(VERSION).where("model_id", "=", model_id);
  return query.where("version", "=", version).executeTakeFirst();
}

export async function versionsAmong(tx: Tx, ids: readonly VersionId[]): Promise<VersionRow[]> {
  return inParts(ids, (part) =>
    db(tx)
      .selectFrom("registry_versions")
      .select(VERSION)
      .where((of) =>
        of(
          of.refTuple("model_id", "version"),
          "in",
          part.map((id) => of.tuple(id.model_id, id.version)),
        ),
      )
      .orderBy("model_id")
      .orderBy("version", "desc")
      .execute(),
  );
}

/** The newest version of each stage of each model: one step into the index for each. */
export async function newestOfStages(
  tx: Tx,
  modelIds: readonly string[],
  stages: readonly Stage[],
): Promise<VersionId[]> {
  const found: VersionId[] = [];
  for (const stage of stages) {
    const rows = await inParts(modelIds, (part) =>
      db(tx)
        .selectFrom("registry_models as m")
        .select((of) => [
          "m.id",
          of
            .selectFrom("registry_versions as v")
            .select((inner) => inner.fn.max("v.version").as("newest"))
            .whereRef("v.model_id", "=", "m.id")
            .where("v.stage", "=", stage)
            .as("newest"),
        ])
        .where("m.id", "in", part)
        .execute(),
    );
    for (const { id, newest } of rows) if (newest !== null) found.push({ model_id: id, version: newest });
  }
  return found;
}

export async function newestVersion(tx: Tx, modelId: string): Promise<VersionRow | undefined> {
  const query = db(tx).selectFrom("registry_versions").select(VERSION).where("model_id", "=", modelId);
  return query.orderBy("version", "desc").limit(1).executeTakeFirst();
}

export async function addVersion(tx: Tx, row: VersionRow): Promise<void> {
  await db(tx).insertInto("registry_versions").values(row).execute();
}

export async function changeVersion(
  tx: Tx,
  { model_id, version }: VersionId,
  changes: Partial<Pick<VersionRow, "description" | "stage" | "updated_ms">>,
): Promise<void> {
  const query = db(tx).updateTable("registry_versions").set(changes).where("model_id", "=", model_id);
  await query.where("version", "=", version).execute();
}

/** Archives the other versions of a stage; answers with how many there were. */
export async function archiveOthers(
  tx: Tx,
  kept: VersionId & { stage: Stage },
  updatedMs: number,
): Promise<number> {
  const result = await db(tx)
    .updateTable("registry_versions")
    .set({ stage: "Archived", updated_ms: updatedMs })
    .where("model_id", "=", kept.model_id)
    .where("stage", "=", kept.stage)
    .where("version", "<>", kept.version)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

export async function removeVersion(tx: Tx, { model_id, version }: VersionId): Promise<void> {
  const query = db(tx).deleteFrom("registry_versions").where("model_id", "=", model_id);
  await query.where("version", "=", version).execute();
}

export async function versionTags(
  tx: Tx,
  ids: readonly VersionId[],
): Promise<RegistryTables["registry_version_tags"][]> {
  return inParts(ids, (part) =>
    db(tx)
      .selectFrom("registry_version_tags")
      .select(["model_id", "version", "key", "value"])
      .where((of) =>
        of(
          of.refTuple("model_id", "version"),
          "in",
          part.map((id) => of.tuple(id.model_id, id.version)),
        ),
      )
      .orderBy("model_id")
      .orderBy("version")
      .orderBy("key")
      .execute(),
  );
}

export async function saveVersionTag(tx: Tx, tag: RegistryTables["registry_version_tags"]): Promise<void> {
  await db(tx)
    .insertInto("registry_version_tags")
    .values(tag)
    .onConflict((conflict) =>
      conflict.columns(["model_id", "version", "key"]).doUpdateSet({ value: tag.value }),
    )
    .execute();
}

export async function removeVersionTag(tx: Tx, of: VersionId, key: string): Promise<void> {
  const query = db(tx).deleteFrom("registry_version_tags").where("model_id", "=", of.model_id);
  await query.where("version", "=", of.version).where("key", "=", key).execute();
}

export async function countVersionTags(tx: Tx, of: VersionId): Promise<number> {
  const query = db(tx)
    .selectFrom("registry_version_tags")
    .select((row) => row.fn.countAll().as("n"));
  const own = query.where("model_id", "=", of.model_id).where("version", "=", of.version);
  return Number((await own.executeTakeFirstOrThrow()).n);
}

export async function inParts<Id, Row>(
  ids: readonly Id[],
  ask: (part: readonly Id[]) => Promise<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let at = 0; at < ids.length; at += IDS_MAX) rows.push(...(await ask(ids.slice(at, at + IDS_MAX))));
  return rows;
}
