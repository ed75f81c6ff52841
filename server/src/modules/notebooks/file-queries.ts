import { sql } from "kysely";
import { forUpdate, type Tx, tables } from "#ports/database";
import type { FileRow, NotebooksTables, VersionRow } from "./tables.ts";

const db = tables<NotebooksTables>();

const FILE = [
  "project_id",
  "path",
  "parent",
  "kind",
  "id",
  "version",
  "size_bytes",
  "digest",
  "created_ms",
  "modified_ms",
  "modified_by",
] as const;
const VERSION = [
  "file_id",
  "version",
  "artifact_path",
  "size_bytes",
  "digest",
  "saved_ms",
  "saved_by",
] as const;

export interface At {
  projectId: string;
  path: string;
}

export async function fileAt(tx: Tx, { projectId, path }: At): Promise<FileRow | undefined> {
  const query = db(tx).selectFrom("notebooks_files").select(FILE).where("project_id", "=", projectId);
  return query.where("path", "=", path).executeTakeFirst();
}

export async function fileToChange(tx: Tx, { projectId, path }: At): Promise<FileRow | undefined> {
  const query = db(tx).selectFrom("notebooks_files").select(FILE).where("project_id", "=", projectId);
  return forUpdate(tx, query.where("path", "=", path)).executeTakeFirst();
}

export async function filesAmong(tx: Tx, projectId: string, paths: readonly string[]): Promise<FileRow[]> {
  if (paths.length === 0) return [];
  const query = db(tx).selectFrom("notebooks_files").select(FILE).where("project_id", "=", projectId);
  return query.where("path", "in", paths).execute();
}

export async function filesIn(
  tx: Tx,
  folder: At & { below: "one-level" | "all"; after?: string | undefined },
  limit: number,
): Promise<FileRow[]> {
  let query = db(tx).selectFrom("notebooks_files").select(FILE).where("project_id", "=", folder.projectId);
  if (folder.below === "one-level") query = query.where("parent", "=", folder.path);
  else if (folder.path !== "")
    query = query.where("path", ">", `${folder.path}/`).where("path", "<", `${folder.path}0`);
  if (folder.after !== undefined) query = query.where("path", ">", folder.after);
  return query.orderBy("path").limit(limit).execute();
}

export async function countFiles(tx: Tx, projectId: string): Promise<number> {
  const row = await db(tx)
    .selectFrom("notebooks_files")
    .select((of) => of.fn.countAll().as("count"))
    .where("project_id", "=", projectId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export async function addFile(tx: Tx, row: FileRow): Promise<void> {
  await db(tx).insertInto("notebooks_files").values(row).execute();
}

export async function changeFile(
  tx: Tx,
  id: string,
  changes: Pick<FileRow, "version" | "size_bytes" | "digest" | "modified_ms" | "modified_by">,
): Promise<void> {
  await db(tx).updateTable("notebooks_files").set(changes).where("id", "=", id).execute();
}

/** Gives a file, or a folder with all below it, another path. */
export async function move(
  tx: Tx,
  {
    projectId,
    from,
    to,
    parent,
    nowMs,
  }: { projectId: string; from: string; to: string; parent: string; nowMs: number },
): Promise<void> {
  await db(tx)
    .updateTable("notebooks_files")
    .set({
      path: to,
      parent,
      modified_ms: nowMs,
      kind: sql`case when kind = 'folder' then kind when ${to.endsWith(".ipynb") ? 1 : 0} = 1 then 'notebook' else 'file' end`,
    })
    .where("project_id", "=", projectId)
    .where("path", "=", from)
    .execute();
  const rest = from.length + 1;
  await db(tx)
    .updateTable("notebooks_files")
    .set({
      path: sql<string>`${to} || substr(path, ${sql.lit(rest)})`,
      parent: sql<string>`${to} || substr(parent, ${sql.lit(rest)})`,
    })
    .where("project_id", "=", projectId)
    .where("path", ">", `${from}/`)
    .where("path", "<", `${from}0`)
    .execute();
}

/** Their versions go with them; what those named is left over. @returns how many files, folders not counted */
export async function removeAtOrBelow(tx: Tx, { projectId, path }: At): Promise<number> {
  const ids = db(tx)
    .selectFrom("notebooks_files")
    .select("id")
    .where("project_id", "=", projectId)
    .where((at) =>
      at.or([at("path", "=", path), at.and([at("path", ">", `${path}/`), at("path", "<", `${path}0`)])]),
    );
  await db(tx)
    .insertInto("notebooks_leftovers")
    .columns(["artifact_path", "project_id"])
    .expression(
      db(tx)
        .selectFrom("notebooks_versions")
        .select((of) => ["artifact_path", of.val(projectId).as("project_id")])
        .where("file_id", "in", ids),
    )
    .execute();
  const files = await db(tx)
    .selectFrom("notebooks_files")
    .select((of) => of.fn.countAll().as("count"))
    .where("id", "in", ids)
    .where("kind", "<>", "folder")
    .executeTakeFirstOrThrow();
  await db(tx).deleteFrom("notebooks_versions").where("file_id", "in", ids).execute();
  await db(tx)
    .deleteFrom("notebooks_files")
    .where("project_id", "=", projectId)
    .where((at) =>
      at.or([at("path", "=", path), at.and([at("path", ">", `${path}/`), at("path", "<", `${path}0`)])]),
    )
    .execute();
  return Number(files.count);
}

export async function addVersion(tx: Tx, row: VersionRow): Promise<void> {
  await db(tx).insertInto("notebooks_versions").values(row).execute();
}

export async function versionOf(tx: Tx, fileId: string, version: number): Promise<VersionRow | undefined> {
  const query = db(tx).selectFrom("notebooks_versions").select(VERSION).where("file_id", "=", fileId);
  return query.where("version", "=", version).executeTakeFirst();
}

export async function versionsPage(
  tx: Tx,
  fileId: string,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<VersionRow[]> {
  let query = db(tx).selectFrom("notebooks_versions").select(VERSION).where("file_id", "=", fileId);
  if (before !== undefined) query = query.where("version", "<", before);
  return query.orderBy("version", "desc").limit(limit).execute();
}

/** Forgets versions up to one; what they named is left over. */
export async function removeVersions(
  tx: Tx,
  file: { projectId: string; id: string; upTo: number },
): Promise<void> {
  const old = await db(tx)
    .selectFrom("notebooks_versions")
    .select(["version", "artifact_path"])
    .where("file_id", "=", file.id)
    .where("version", "<=", file.upTo)
    .limit(LEFTOVERS_STEP)
    .execute();
  if (old.length === 0) return;
  await db(tx)
    .insertInto("notebooks_leftovers")
    .values(old.map(({ artifact_path }) => ({ artifact_path, project_id: file.projectId })))
    .execute();
  const versions = old.map(({ version }) => version);
  await db(tx)
    .deleteFrom("notebooks_versions")
    .where("file_id", "=", file.id)
    .where("version", "in", versions)
    .execute();
}

const LEFTOVERS_STEP = 100; // A save makes one; this is a round of the worker, too.

export async function leftovers(tx: Tx): Promise<NotebooksTables["notebooks_leftovers"][]> {
  return db(tx)
    .selectFrom("notebooks_leftovers")
    .select(["artifact_path", "project_id"])
    .limit(LEFTOVERS_STEP)
    .execute();
}

export async function removeLeftover(tx: Tx, path: string): Promise<void> {
  await db(tx).deleteFrom("notebooks_leftovers").where("artifact_path", "=", path).execute();
}
