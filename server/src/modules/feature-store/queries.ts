import { sql } from "kysely";
import { forUpdate, type Tx, tables } from "#ports/database";
import type {
  DefinitionRow,
  FeatureStoreTables,
  FreshnessRow,
  Kind,
  MaterializationRow,
  SegmentRow,
  TrainingSetRow,
} from "./tables.ts";

const db = tables<FeatureStoreTables>();

export const DEFINITIONS_MAX = 5000; // Live versions of a project, all held in memory: about 10 MiB.
export const SEGMENTS_MAX = 1000; // Files that one statement opens; then the rows belong into a dataset version.

// Definitions

export interface Named {
  project_id: string;
  kind: Kind;
  name: string;
}

export async function definition(
  tx: Tx,
  { project_id, kind, name }: Named,
  version: number | undefined,
): Promise<DefinitionRow | undefined> {
  const query = db(tx)
    .selectFrom("feature_store_definitions")
    .selectAll()
    .where("project_id", "=", project_id)
    .where("kind", "=", kind)
    .where("name", "=", name);
  const one =
    version === undefined
      ? query.where("state", "=", "newest")
      : query.where("version", "=", version).where("state", "<>", "deleted");
  return one.executeTakeFirst();
}

export async function definitionById(tx: Tx, id: string): Promise<DefinitionRow | undefined> {
  const query = db(tx).selectFrom("feature_store_definitions").selectAll().where("id", "=", id);
  return query.executeTakeFirst();
}

/** All that live, of one project. */
export async function definitions(tx: Tx, projectId: string): Promise<DefinitionRow[]> {
  const query = db(tx)
    .selectFrom("feature_store_definitions")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("state", "<>", "deleted");
  return query.orderBy("name").orderBy("version").limit(DEFINITIONS_MAX).execute();
}

export async function newestPage(
  tx: Tx,
  { project_id, kind }: Pick<Named, "project_id" | "kind">,
  page: { after: string | undefined; limit: number },
): Promise<DefinitionRow[]> {
  const query = db(tx)
    .selectFrom("feature_store_definitions")
    .selectAll()
    .where("project_id", "=", project_id)
    .where("kind", "=", kind)
    .where("state", "=", "newest")
    .$if(page.after !== undefined, (all) => all.where("name", ">", page.after ?? ""));
  return query.orderBy("name").limit(page.limit).execute();
}

/** The greatest number ever given to the name, 0 for none. */
export async function lastVersion(tx: Tx, { project_id, kind, name }: Named): Promise<number> {
  const row = await db(tx)
    .selectFrom("feature_store_definitions")
    .select((of) => of.fn.max("version").as("version"))
    .where("project_id", "=", project_id)
    .where("kind", "=", kind)
    .where("name", "=", name)
    .executeTakeFirst();
  return Number(row?.version ?? 0);
}

export async function countDefinitions(tx: Tx, projectId: string): Promise<number> {
  const row = await db(tx)
    .selectFrom("feature_store_definitions")
    .select((of) => of.fn.countAll().as("count"))
    .where("project_id", "=", projectId)
    .where("state", "<>", "deleted")
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** Adds the newest version; the one that was it becomes an older one. */
export async function addDefinition(tx: Tx, row: DefinitionRow): Promise<void> {
  await setState(tx, row, { from: ["newest"], to: "older" });
  await db(tx).insertInto("feature_store_definitions").values(row).execute();
}

export async function deleteDefinition(tx: Tx, named: Named): Promise<void> {
  await setState(tx, named, { from: ["newest", "older"], to: "deleted" });
}

async function setState(
  tx: Tx,
  { project_id, kind, name }: Named,
  { from, to }: { from: DefinitionRow["state"][]; to: DefinitionRow["state"] },
): Promise<void> {
  await db(tx)
    .updateTable("feature_store_definitions")
    .set({ state: to })
    .where("project_id", "=", project_id)
    .where("kind", "=", kind)
    .where("name", "=", name)
    .where("state", "in", from)
    .execute();
}

// Freshness

export async function freshnessOf(tx: Tx, viewIds: readonly string[]): Promise<FreshnessRow[]> {
  if (viewIds.length === 0) return [];
  const query = db(tx).selectFrom("feature_store_freshness").selectAll().where("view_id", "in", viewIds);
  return query.limit(viewIds.length).execute();
}

/** Each of the times only grows. */
export async function saveFreshness(tx: Tx, row: FreshnessRow): Promise<void> {
  const later = (column: "materialized_to_ms" | "newest_event_ms" | "written_ms") => {
    const had = sql.ref<number | null>(`feature_store_freshness.${column}`);
    const given = row[column];
    if (given === null) return had;
    return sql<number>`case when ${had} is null or ${had} < ${given} then ${given} else ${had} end`;
  };
  await db(tx)
    .insertInto("feature_store_freshness")
    .values(row)
    .onConflict((conflict) =>
      conflict.column("view_id").doUpdateSet({
        materialized_to_ms: later("materialized_to_ms"),
        newest_event_ms: later("newest_event_ms"),
        written_ms: later("written_ms"),
      }),
    )
    .execute();
}

// Pushed segments

export async function segments(
  tx: Tx,
  {
    project_id,
    dataset_id,
    dataset_version,
  }: Pick<SegmentRow, "project_id" | "dataset_id" | "dataset_version">,
): Promise<SegmentRow[]> {
  const query = db(tx)
    .selectFrom("feature_store_segments")
    .selectAll()
    .where("project_id", "=", project_id)
    .where("dataset_id", "=", dataset_id)
    .where("dataset_version", "=", dataset_version);
  return query.orderBy("id").limit(SEGMENTS_MAX).execute();
}

export async function segmentsById(tx: Tx, ids: readonly string[]): Promise<SegmentRow[]> {
  if (ids.length === 0) return [];
  const query = db(tx).selectFrom("feature_store_segments").selectAll().where("id", "in", ids);
  return query.orderBy("id").limit(ids.length).execute();
}

/** False when the same rows are there already. */
export async function addSegment(tx: Tx, row: SegmentRow): Promise<boolean> {
  const done = await db(tx)
    .insertInto("feature_store_segments")
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(["project_id", "dataset_id", "dataset_version", "rows_digest"]).doNothing(),
    )
    .executeTakeFirst();
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

// Purging

const OF_PROJECTS = [
  "feature_store_freshness",
  "feature_store_segments",
  "feature_store_materializations",
  "feature_store_training_sets",
  "feature_store_definitions",
] as const;

export async function projectsWithFeatures(tx: Tx): Promise<string[]> {
  const found = new Set<string>();
  for (const table of OF_PROJECTS) {
    const rows = await db(tx).selectFrom(table).select("project_id").distinct().limit(50_000).execute();
    for (const row of rows) found.add(row.project_id);
  }
  return [...found];
}

/** Removes some rows of a project; answers with how many. */
export async function removeSome(tx: Tx, projectId: string, limit: number): Promise<number> {
  for (const table of OF_PROJECTS) {
    const key = table === "feature_store_freshness" ? "view_id" : "id";
    const removed = await sql`delete from ${sql.table(table)} where ${sql.ref(key)} in (
      select ${sql.ref(key)} from ${sql.table(table)} where project_id = ${projectId} limit ${limit})`.execute(
      tx.kysely,
    );
    if (Number(removed.numAffectedRows ?? 0) > 0) return Number(removed.numAffectedRows);
  }
  return 0;
}

/** Ids of every view version that a project ever had: each is a table of the online store. */
export async function viewIds(
  tx: Tx,
  named: Pick<Named, "project_id"> & { name?: string },
): Promise<string[]> {
  const query = db(tx)
    .selectFrom("feature_store_definitions")
    .select("id")
    .where("project_id", "=", named.project_id)
    .where("kind", "=", "view")
    .$if(named.name !== undefined, (all) => all.where("name", "=", named.name ?? ""));
  return (await query.limit(50_000).execute()).map(({ id }) => id);
}

// Work that waits for a worker

type Work = {
  feature_store_materializations: MaterializationRow;
  feature_store_training_sets: TrainingSetRow;
};

/** The oldest that waits or was left in the middle. */
export async function nextMaterialization(tx: Tx): Promise<MaterializationRow | undefined> {
  return next(tx, "feature_store_materializations") as Promise<MaterializationRow | undefined>;
}

export async function nextTrainingSet(tx: Tx): Promise<TrainingSetRow | undefined> {
  return next(tx, "feature_store_training_sets") as Promise<TrainingSetRow | undefined>;
}

async function next(tx: Tx, table: keyof Work): Promise<MaterializationRow | TrainingSetRow | undefined> {
  const query = db(tx).selectFrom(table).selectAll().where("state", "in", ["queued", "running"]);
  return query.orderBy("tries").orderBy("id").limit(1).executeTakeFirst();
}

export async function addMaterialization(tx: Tx, row: MaterializationRow): Promise<void> {
  await db(tx).insertInto("feature_store_materializations").values(row).execute();
}

export async function materialization(
  tx: Tx,
  projectId: string,
  id: string,
): Promise<MaterializationRow | undefined> {
  const query = db(tx).selectFrom("feature_store_materializations").selectAll().where("id", "=", id);
  return query.where("project_id", "=", projectId).executeTakeFirst();
}

export async function lastMaterialized(tx: Tx, viewId: string): Promise<MaterializationRow | undefined> {
  const query = db(tx)
    .selectFrom("feature_store_materializations")
    .selectAll()
    .where("view_id", "=", viewId)
    .where("state", "=", "succeeded");
  return query.orderBy("as_of_ms", "desc").orderBy("id", "desc").limit(1).executeTakeFirst();
}

export async function countWaiting(tx: Tx, projectId: string): Promise<number> {
  let count = 0;
  for (const table of ["feature_store_materializations", "feature_store_training_sets"] as const) {
    const row = await db(tx)
      .selectFrom(table)
      .select((of) => of.fn.countAll().as("count"))
      .where("project_id", "=", projectId)
      .where("state", "in", ["queued", "running"])
      .executeTakeFirst();
    count += Number(row?.count ?? 0);
  }
  return count;
}

/** For a change: its row stays locked until the transaction ends. */
export async function materializationToChange(tx: Tx, id: string): Promise<MaterializationRow | undefined> {
  const query = db(tx).selectFrom("feature_store_materializations").selectAll().where("id", "=", id);
  return forUpdate(tx, query).executeTakeFirst();
}

/** Newest first. */
export async function materializationPage(
  tx: Tx,
  of: { project_id: string; view_name: string },
  page: { after: string | undefined; limit: number },
): Promise<MaterializationRow[]> {
  const query = db(tx)
    .selectFrom("feature_store_materializations")
    .selectAll()
    .where("project_id", "=", of.project_id)
    .where("view_name", "=", of.view_name)
    .$if(page.after !== undefined, (all) => all.where("id", "<", page.after ?? ""));
  return query.orderBy("id", "desc").limit(page.limit).execute();
}

/** Only while it stands where `from` says: a worker that was given up on changes nothing any more. */
export async function changeMaterialization(
  tx: Tx,
  from: Pick<MaterializationRow, "id" | "tries" | "parts_done">,
  changes: Partial<MaterializationRow>,
): Promise<boolean> {
  const done = await db(tx)
    .updateTable("feature_store_materializations")
    .set(changes)
    .where("id", "=", from.id)
    .where("tries", "=", from.tries)
    .where("parts_done", "=", from.parts_done)
    .where("state", "in", ["queued", "running"])
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

export async function addTrainingSet(tx: Tx, row: TrainingSetRow): Promise<void> {
  await db(tx).insertInto("feature_store_training_sets").values(row).execute();
}

export async function lastNumber(tx: Tx, projectId: string, name: string): Promise<number> {
  const row = await db(tx)
    .selectFrom("feature_store_training_sets")
    .select((of) => of.fn.max("number").as("number"))
    .where("project_id", "=", projectId)
    .where("name", "=", name)
    .executeTakeFirst();
  return Number(row?.number ?? 0);
}

export async function trainingSet(
  tx: Tx,
  { projectId, name, number }: { projectId: string; name: string; number: number },
): Promise<TrainingSetRow | undefined> {
  const query = db(tx).selectFrom("feature_store_training_sets").selectAll();
  return query
    .where("project_id", "=", projectId)
    .where("name", "=", name)
    .where("number", "=", number)
    .executeTakeFirst();
}

export async function trainingSetPage(
  tx: Tx,
  of: { project_id: string; name: string | undefined },
  page: { after: string | undefined; limit: number },
): Promise<TrainingSetRow[]> {
  const query = db(tx)
    .selectFrom("feature_store_training_sets")
    .selectAll()
    .where("project_id", "=", of.project_id)
    .$if(of.name !== undefined, (all) => all.where("name", "=", of.name ?? ""))
    .$if(page.after !== undefined, (all) => all.where("id", "<", page.after ?? ""));
  return query.orderBy("id", "desc").limit(page.limit).execute();
}

export async function changeTrainingSet(
  tx: Tx,
  from: Pick<TrainingSetRow, "id" | "tries">,
  changes: Partial<TrainingSetRow>,
): Promise<boolean> {
  const done = await db(tx)
    .updateTable("feature_store_training_sets")
    .set(changes)
    .where("id", "=", from.id)
    .where("tries", "=", from.tries)
    .where("state", "in", ["queued", "running"])
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

/** The state of the set whose files lie in this folder. */
export async function stateOfFiles(tx: Tx, projectId: string, id: string): Promise<string | undefined> {
  const query = db(tx).selectFrom("feature_store_training_sets").select("state").where("id", "=", id);
  return (await query.where("project_id", "=", projectId).executeTakeFirst())?.state;
}
