import { sql, type Updateable } from "kysely";
import { forUpdate, type Tx, tables } from "#ports/database";
import type { DatasetRow, DatasetsTables, FileRow, ResultRow, VersionRow } from "./tables.ts";

const db = tables<DatasetsTables>();

const DATASET = [
  "id",
  "project_id",
  "name",
  "description",
  "owner",
  "tags",
  "checks",
  "words",
  "last_version",
  "versions",
  "created_by",
  "created_ms",
  "updated_ms",
] as const;
const VERSION = [
  "dataset_id",
  "version",
  "project_id",
  "state",
  "reason",
  "description",
  "format",
  "source",
  "source_digest",
  "digest",
  "size_bytes",
  "files",
  "row_count",
  "columns",
  "passed",
  "failed",
  "warned",
  "certified_by",
  "certified_ms",
  "certified_note",
  "tries",
  "due_ms",
  "created_by",
  "created_ms",
  "ready_ms",
] as const;
const FILE = ["dataset_id", "version", "role", "ordinal", "path", "digest", "size_bytes"] as const;
const FILES_MAX = 1000;
const RESULTS_MAX = 1000;

export interface VersionId {
  dataset_id: string;
  version: number;
}

// Datasets

export async function datasetByName(
  tx: Tx,
  projectId: string,
  name: string,
): Promise<DatasetRow | undefined> {
  const query = db(tx).selectFrom("datasets_datasets").select(DATASET).where("project_id", "=", projectId);
  return query.where("name", "=", name).executeTakeFirst();
}

/** The dataset for a change: its row stays locked until the transaction ends. */
export async function datasetToChange(tx: Tx, id: string): Promise<DatasetRow | undefined> {
  return forUpdate(
    tx,
    db(tx).selectFrom("datasets_datasets").select(DATASET).where("id", "=", id),
  ).executeTakeFirst();
}

export async function datasetById(tx: Tx, id: string): Promise<DatasetRow | undefined> {
  return db(tx).selectFrom("datasets_datasets").select(DATASET).where("id", "=", id).executeTakeFirst();
}

export async function addDataset(tx: Tx, row: DatasetRow): Promise<void> {
  await db(tx).insertInto("datasets_datasets").values(row).execute();
}

export async function changeDataset(
  tx: Tx,
  id: string,
  changes: Updateable<Omit<DatasetRow, "id" | "project_id" | "name">>,
): Promise<void> {
  await db(tx).updateTable("datasets_datasets").set(changes).where("id", "=", id).execute();
}

/** Removes the dataset with everything that is its own. */
export async function removeDataset(tx: Tx, id: string): Promise<void> {
  await db(tx).deleteFrom("datasets_datasets").where("id", "=", id).execute();
}

export interface DatasetSearch {
  projectId: string;
  /** Each must occur; in lower case. */
  words: readonly string[];
  certified: boolean | undefined;
  afterName: string | undefined;
  limit: number;
}

export async function searchDatasets(tx: Tx, asked: DatasetSearch): Promise<DatasetRow[]> {
  let query = db(tx)
    .selectFrom("datasets_datasets")
    .select(DATASET)
    .where("project_id", "=", asked.projectId);
  for (const word of asked.words) {
    query = query.where(sql<boolean>`words like ${`%${escapeLike(word)}%`} escape '!'`);
  }
  if (asked.certified !== undefined) {
    const certified = db(tx)
      .selectFrom("datasets_versions")
      .select("dataset_id")
      .where("project_id", "=", asked.projectId)
      .where("certified_ms", "is not", null);
    query = query.where("id", asked.certified ? "in" : "not in", certified);
  }
  if (asked.afterName !== undefined) query = query.where("name", ">", asked.afterName);
  return query.orderBy("name").limit(asked.limit).execute();
}

function escapeLike(word: string): string {
  return word.replaceAll(/[!%_]/g, (char) => `!${char}`);
}

/** The newest version of each, whatever its state. */
export async function latestVersions(tx: Tx, ids: readonly string[]): Promise<VersionRow[]> {
  if (ids.length === 0) return [];
  const newest = db(tx)
    .selectFrom("datasets_versions")
    .select((of) => ["dataset_id as id", of.fn.max("version").as("number")])
    .where("dataset_id", "in", ids)
    .groupBy("dataset_id");
  return db(tx)
    .selectFrom("datasets_versions")
    .innerJoin(newest.as("newest"), (join) =>
      join.onRef("newest.id", "=", "dataset_id").onRef("newest.number", "=", "version"),
    )
    .select(VERSION)
    .limit(ids.length)
    .execute();
}

/** The newest certified version's number, by dataset. */
export async function certifiedVersions(tx: Tx, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db(tx)
    .selectFrom("datasets_versions")
    .select((of) => ["dataset_id", of.fn.max("version").as("version")])
    .where("dataset_id", "in", ids)
    .where("certified_ms", "is not", null)
    .groupBy("dataset_id")
    .execute();
  return new Map(rows.map((row) => [row.dataset_id, Number(row.version)]));
}

// Versions

export async function versionOf(tx: Tx, { dataset_id, version }: VersionId): Promise<VersionRow | undefined> {
  const query = db(tx).selectFrom("datasets_versions").select(VERSION).where("dataset_id", "=", dataset_id);
  return query.where("version", "=", version).executeTakeFirst();
}

export async function versionToChange(
  tx: Tx,
  { dataset_id, version }: VersionId,
): Promise<VersionRow | undefined> {
  const query = db(tx).selectFrom("datasets_versions").select(VERSION).where("dataset_id", "=", dataset_id);
  return forUpdate(tx, query.where("version", "=", version)).executeTakeFirst();
}

export async function newestReady(tx: Tx, datasetId: string): Promise<VersionRow | undefined> {
  const query = db(tx).selectFrom("datasets_versions").select(VERSION).where("dataset_id", "=", datasetId);
  return query.where("state", "=", "ready").orderBy("version", "desc").limit(1).executeTakeFirst();
}

export async function versionBySource(
  tx: Tx,
  datasetId: string,
  sourceDigest: string,
): Promise<VersionRow | undefined> {
  const query = db(tx).selectFrom("datasets_versions").select(VERSION).where("dataset_id", "=", datasetId);
  return query.where("source_digest", "=", sourceDigest).executeTakeFirst();
}

export async function versionsOf(
  tx: Tx,
  datasetId: string,
  { before, limit }: { before: number | undefined; limit: number },
): Promise<VersionRow[]> {
  let query = db(tx).selectFrom("datasets_versions").select(VERSION).where("dataset_id", "=", datasetId);
  if (before !== undefined) query = query.where("version", "<", before);
  return query.orderBy("version", "desc").limit(limit).execute();
}

export async function addVersion(tx: Tx, row: VersionRow): Promise<void> {
  await db(tx).insertInto("datasets_versions").values(row).execute();
}

export async function changeVersion(
  tx: Tx,
  { dataset_id, version }: VersionId,
  changes: Updateable<Omit<VersionRow, "dataset_id" | "version" | "project_id">>,
): Promise<void> {
  const query = db(tx).updateTable("datasets_versions").set(changes).where("dataset_id", "=", dataset_id);
  await query.where("version", "=", version).execute();
}

export async function removeVersion(tx: Tx, { dataset_id, version }: VersionId): Promise<void> {
  const query = db(tx).deleteFrom("datasets_versions").where("dataset_id", "=", dataset_id);
  await query.where("version", "=", version).execute();
}

/** Versions whose preparation may begin, the longest waiting first. */
export async function dueVersions(tx: Tx, nowMs: number, limit: number): Promise<VersionRow[]> {
  const query = db(tx).selectFrom("datasets_versions").select(VERSION).where("state", "=", "pending");
  return query.where("due_ms", "<=", nowMs).orderBy("due_ms").limit(limit).execute();
}

// Files

export async function addFiles(tx: Tx, rows: readonly FileRow[]): Promise<void> {
  if (rows.length > 0) await db(tx).insertInto("datasets_files").values(rows).execute();
}

export async function filesOf(tx: Tx, { dataset_id, version }: VersionId): Promise<FileRow[]> {
  const query = db(tx).selectFrom("datasets_files").select(FILE).where("dataset_id", "=", dataset_id);
  return query.where("version", "=", version).orderBy("role").orderBy("ordinal").limit(FILES_MAX).execute();
}

// Profiles and check results

export async function saveProfile(tx: Tx, row: DatasetsTables["datasets_profiles"]): Promise<void> {
  const { profile } = row;
  await db(tx)
    .insertInto("datasets_profiles")
    .values(row)
    .onConflict((conflict) => conflict.columns(["dataset_id", "version"]).doUpdateSet({ profile }))
    .execute();
}

export async function profileOf(tx: Tx, { dataset_id, version }: VersionId): Promise<string | undefined> {
  const query = db(tx).selectFrom("datasets_profiles").select("profile").where("dataset_id", "=", dataset_id);
  return (await query.where("version", "=", version).executeTakeFirst())?.profile;
}

export async function replaceResults(tx: Tx, of: VersionId, rows: readonly ResultRow[]): Promise<void> {
  const all = db(tx).deleteFrom("datasets_check_results").where("dataset_id", "=", of.dataset_id);
  await all.where("version", "=", of.version).execute();
  for (const row of rows) await db(tx).insertInto("datasets_check_results").values(row).execute();
}

export async function resultsOf(tx: Tx, { dataset_id, version }: VersionId): Promise<ResultRow[]> {
  const query = db(tx)
    .selectFrom("datasets_check_results")
    .select(["dataset_id", "version", "ordinal", "spec", "state", "failed_count", "row_count", "message"])
    .select(["examples", "ran_ms"])
    .where("dataset_id", "=", dataset_id);
  return query.where("version", "=", version).orderBy("ordinal").limit(RESULTS_MAX).execute();
}

// Leftovers

export async function addLeftover(tx: Tx, row: DatasetsTables["datasets_leftovers"]): Promise<void> {
  const { due_ms } = row;
  await db(tx)
    .insertInto("datasets_leftovers")
    .values(row)
    .onConflict((conflict) => conflict.column("path").doUpdateSet({ due_ms }))
    .execute();
}

/** Takes a folder into use. @returns false when it was given up meanwhile */
export async function removeLeftover(tx: Tx, path: string): Promise<boolean> {
  const result = await db(tx).deleteFrom("datasets_leftovers").where("path", "=", path).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function dueLeftovers(
  tx: Tx,
  nowMs: number,
  limit: number,
): Promise<DatasetsTables["datasets_leftovers"][]> {
  const query = db(tx).selectFrom("datasets_leftovers").select(["path", "project_id", "due_ms"]);
  return query.where("due_ms", "<=", nowMs).orderBy("due_ms").limit(limit).execute();
}

// Purging

export async function projectsWithDatasets(tx: Tx): Promise<string[]> {
  const rows = await db(tx).selectFrom("datasets_datasets").select("project_id").distinct().execute();
  return rows.map((row) => row.project_id);
}

/** Removes some datasets of a project; answers with how many. */
export async function removeDatasets(tx: Tx, projectId: string, most: number): Promise<number> {
  const some = db(tx).selectFrom("datasets_datasets").select("id").where("project_id", "=", projectId);
  const result = await db(tx)
    .deleteFrom("datasets_datasets")
    .where("id", "in", some.limit(most))
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
