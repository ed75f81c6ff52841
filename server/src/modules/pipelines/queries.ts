import { type RawBuilder, type SqlBool, sql } from "kysely";
import { after, orderBy, type SortKey } from "#lib/keyset-queries";
import type { Position } from "#lib/paging";
import { type Tx, tables } from "#ports/database";
import type { PipelineRow, PipelineTables, VersionRow } from "./tables.ts";

const db = tables<PipelineTables>();

const PIPELINE = [
  "id",
  "project_id",
  "name",
  "display_name",
  "description",
  "tags",
  "versions",
  "created_by",
  "created_ms",
] as const;
const VERSION = [
  "id",
  "pipeline_id",
  "project_id",
  "name",
  "display_name",
  "description",
  "digest",
  "parameters",
  "code_source",
  "tags",
  "created_by",
  "created_ms",
] as const;

// Specs

export async function keepSpec(tx: Tx, spec: PipelineTables["pipelines_specs"]): Promise<void> {
  await db(tx)
    .insertInto("pipelines_specs")
    .values(spec)
    .onConflict((conflict) => conflict.columns(["project_id", "digest"]).doNothing())
    .execute();
}

export async function specOf(tx: Tx, projectId: string, digest: string): Promise<string | undefined> {
  const query = db(tx).selectFrom("pipelines_specs").select("spec").where("project_id", "=", projectId);
  return (await query.where("digest", "=", digest).executeTakeFirst())?.spec;
}

/** Forgets a spec that no version and no run names any more. */
export async function dropSpec(tx: Tx, projectId: string, digest: string): Promise<void> {
  const namedBy = (table: "pipelines_versions" | "pipelines_runs") =>
    db(tx)
      .selectFrom(table)
      .select("id")
      .where("project_id", "=", projectId)
      .where("digest", "=", digest)
      .limit(1);
  if ((await namedBy("pipelines_versions").executeTakeFirst()) !== undefined) return;
  if ((await namedBy("pipelines_runs").executeTakeFirst()) !== undefined) return;
  const query = db(tx).deleteFrom("pipelines_specs").where("project_id", "=", projectId);
  await query.where("digest", "=", digest).execute();
}

// Pipelines

export async function pipelineBy(
  tx: Tx,
  projectId: string,
  idOrName: string,
): Promise<PipelineRow | undefined> {
  const query = db(tx).selectFrom("pipelines_pipelines").select(PIPELINE).where("project_id", "=", projectId);
  const byId = await query.where("id", "=", idOrName).executeTakeFirst();
  return byId ?? query.where("name", "=", idOrName).executeTakeFirst();
}

export async function addPipeline(tx: Tx, row: PipelineRow): Promise<void> {
  await db(tx).insertInto("pipelines_pipelines").values(row).execute();
}

export async function removePipeline(tx: Tx, id: string): Promise<boolean> {
  const result = await db(tx).deleteFrom("pipelines_pipelines").where("id", "=", id).executeTakeFirst();
  return Number(result.numDeletedRows) > 0;
}

/** Adds to the number of its versions; false when the pipeline is gone. */
export async function countVersions(tx: Tx, id: string, adding: number): Promise<boolean> {
  const result = await db(tx)
    .updateTable("pipelines_pipelines")
    .set((of) => ({ versions: of("versions", "+", adding) }))
    .where("id", "=", id)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) > 0;
}

export interface NamedSort {
  field: "createdMs" | "name";
  direction: "asc" | "desc";
}

export interface PipelinePage {
  projectId: string;
  text?: string | undefined;
  name?: string | undefined;
  sort: NamedSort;
  after?: Position | undefined;
  limit: number;
}

export async function pipelinePage(tx: Tx, asked: PipelinePage): Promise<PipelineRow[]> {
  let query = db(tx)
    .selectFrom("pipelines_pipelines")
    .select(PIPELINE)
    .where("project_id", "=", asked.projectId);
  if (asked.text !== undefined) query = query.where(contains(sql.ref("name"), asked.text));
  if (asked.name !== undefined) query = query.where("name", "=", asked.name);
  const keys = namedKeys(asked.sort);
  if (asked.after !== undefined) query = query.where(after(keys, asked.after));
  return query.orderBy(orderBy(keys)).limit(asked.limit).execute();
}

/** The order of a list by time or name; the id tells apart what is equal. */
export function namedKeys({ field, direction }: NamedSort): SortKey[] {
  const order = direction === "asc" ? "ASC" : "DESC";
  const first: SortKey =
    field === "name"
      ? { expression: sql.ref("name"), kind: "text", direction: order }
      : { expression: sql.ref("created_ms"), kind: "whole", direction: order };
  return [first, { expression: sql.ref("id"), kind: "text", direction: order }];
}

export function namedPosition(
  row: { id: string; name: string; created_ms: number },
  { field }: NamedSort,
): Position {
  return [field === "name" ? row.name : row.created_ms, row.id];
}

/** True where a text holds another one, whatever the case of ASCII letters. */
export function contains(text: RawBuilder<unknown>, part: string): RawBuilder<SqlBool> {
  const pattern = `%${part.toLowerCase().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
  return sql<SqlBool>`lower(${text}) like ${pattern} escape '\\'`;
}

// Versions

export async function addVersion(tx: Tx, row: VersionRow): Promise<void> {
  await db(tx).insertInto("pipelines_versions").values(row).execute();
}

export async function versionById(tx: Tx, projectId: string, id: string): Promise<VersionRow | undefined> {
  const query = db(tx).selectFrom("pipelines_versions").select(VERSION).where("project_id", "=", projectId);
  return query.where("id", "=", id).executeTakeFirst();
}

export async function newestVersion(tx: Tx, pipelineId: string): Promise<VersionRow | undefined> {
  const query = db(tx).selectFrom("pipelines_versions").select(VERSION).where("pipeline_id", "=", pipelineId);
  return query.orderBy("created_ms", "desc").orderBy("id", "desc").limit(1).executeTakeFirst();
}

export interface VersionPage {
  pipelineId: string;
  name?: string | undefined;
  sort: NamedSort;
  after?: Position | undefined;
  limit: number;
}

export async function versionPage(tx: Tx, asked: VersionPage): Promise<VersionRow[]> {
  let query = db(tx)
    .selectFrom("pipelines_versions")
    .select(VERSION)
    .where("pipeline_id", "=", asked.pipelineId);
  if (asked.name !== undefined) query = query.where("name", "=", asked.name);
  const keys = namedKeys(asked.sort);
  if (asked.after !== undefined) query = query.where(after(keys, asked.after));
  return query.orderBy(orderBy(keys)).limit(asked.limit).execute();
}

/** Digests of the specs that a pipeline's versions name. */
export async function digestsOf(tx: Tx, pipelineId: string): Promise<string[]> {
  const query = db(tx).selectFrom("pipelines_versions").select("digest").distinct();
  return (await query.where("pipeline_id", "=", pipelineId).execute()).map(({ digest }) => digest);
}

export async function removeVersion(tx: Tx, id: string): Promise<boolean> {
  const result = await db(tx).deleteFrom("pipelines_versions").where("id", "=", id).executeTakeFirst();
  return Number(result.numDeletedRows) > 0;
}
