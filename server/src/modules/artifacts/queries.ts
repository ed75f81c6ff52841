import { forUpdate, type Tx, tables } from "#ports/database";
import { below } from "./path.ts";
import type { ArtifactTables, ContentRow, FileRow, PartRow, UploadRow } from "./tables.ts";

const db = tables<ArtifactTables>();

const FILE = ["project_id", "path", "digest", "size_bytes", "media_type", "created_ms"] as const;
const CONTENT = [
  "project_id",
  "digest",
  "object_id",
  "size_bytes",
  "used_ms",
  "verified_ms",
  "damaged_ms",
] as const;

export async function fileAt(tx: Tx, projectId: string, path: string): Promise<FileRow | undefined> {
  return db(tx)
    .selectFrom("artifacts_files")
    .select(FILE)
    .where("project_id", "=", projectId)
    .where("path", "=", path)
    .executeTakeFirst();
}

/** Files below a folder in byte order of their paths, from `from` (inclusive) on. */
export async function filesBelow(
  tx: Tx,
  folder: { projectId: string; path: string; from?: string | undefined },
  limit: number,
): Promise<FileRow[]> {
  const { after, before } = below(folder.path);
  let query = db(tx)
    .selectFrom("artifacts_files")
    .select(FILE)
    .where("project_id", "=", folder.projectId)
    .where("path", ">", after);
  if (before !== undefined) query = query.where("path", "<", before);
  if (folder.from !== undefined) query = query.where("path", ">=", folder.from);
  return query.orderBy("path").limit(limit).execute();
}

export async function filesAmong(
  tx: Tx,
  projectId: string,
  paths: readonly string[],
): Promise<{ path: string }[]> {
  if (paths.length === 0) return [];
  return db(tx)
    .selectFrom("artifacts_files")
    .select("path")
    .where("project_id", "=", projectId)
    .where("path", "in", paths)
    .execute();
}

export async function saveFiles(tx: Tx, rows: readonly FileRow[]): Promise<void> {
  await db(tx)
    .insertInto("artifacts_files")
    .values([...rows])
    .onConflict((conflict) =>
      conflict.columns(["project_id", "path"]).doUpdateSet((row) => ({
        digest: row.ref("excluded.digest"),
        size_bytes: row.ref("excluded.size_bytes"),
        media_type: row.ref("excluded.media_type"),
        created_ms: row.ref("excluded.created_ms"),
      })),
    )
    .execute();
}

export async function deleteFiles(tx: Tx, projectId: string, paths: readonly string[]): Promise<void> {
  await db(tx)
    .deleteFrom("artifacts_files")
    .where("project_id", "=", projectId)
    .where("path", "in", paths)
    .execute();
}

export async function largestFiles(tx: Tx, projectId: string, limit: number): Promise<FileRow[]> {
  return db(tx)
    .selectFrom("artifacts_files")
    .select(FILE)
    .where("project_id", "=", projectId)
    .orderBy("size_bytes", "desc")
    .orderBy("path")
    .limit(limit)
    .execute();
}

export async function sumFiles(tx: Tx, projectId: string): Promise<{ count: number; bytes: number }> {
  const row = await db(tx)
    .selectFrom("artifacts_files")
    .select((of) => [of.fn.countAll().as("count"), of.fn.sum("size_bytes").as("bytes")])
    .where("project_id", "=", projectId)
    .executeTakeFirstOrThrow();
  return { count: Number(row.count), bytes: Number(row.bytes ?? 0) };
}

export async function sumContents(tx: Tx, projectId: string) {
  const row = await db(tx)
    .selectFrom("artifacts_contents")
    .select((of) => [
      of.fn.countAll().as("count"),
      of.fn.sum("size_bytes").as("bytes"),
      of.fn.min("verified_ms").as("oldest"),
    ])
    .where("project_id", "=", projectId)
    .executeTakeFirstOrThrow();
  const unverified = await db(tx)
    .selectFrom("artifacts_contents")
    .select((of) => of.fn.countAll().as("count"))
    .where("project_id", "=", projectId)
    .where("verified_ms", "=", 0)
    .executeTakeFirstOrThrow();
  const count = Number(row.count);
  const verified = count - Number(unverified.count);
  return { count, bytes: Number(row.bytes ?? 0), verified, oldestMs: Number(row.oldest ?? 0) };
}

export async function contentOf(tx: Tx, projectId: string, digest: string): Promise<ContentRow | undefined> {
  const query = db(tx)
    .selectFrom("artifacts_contents")
    .select(CONTENT)
    .where("project_id", "=", projectId)
    .where("digest", "=", digest);
  return query.executeTakeFirst();
}

export async function insertContent(tx: Tx, row: ContentRow): Promise<void> {
  await db(tx).insertInto("artifacts_contents").values(row).execute();
}

export async function changeContent(
  tx: Tx,
  content: { project_id: string; digest: string },
  changes: Partial<Pick<ContentRow, "object_id" | "used_ms" | "verified_ms" | "damaged_ms">>,
): Promise<void> {
  await db(tx)
    .updateTable("artifacts_contents")
    .set(changes)
    .where("project_id", "=", content.project_id)
    .where("digest", "=", content.digest)
    .execute();
}

/** Contents that no file and no upload names, unused since `usedBeforeMs`, locked for removal. */
export async function unusedContents(
  tx: Tx,
  projectId: string,
  usedBeforeMs: number,
  limit: number,
): Promise<ContentRow[]> {
  const query = db(tx)
    .selectFrom("artifacts_contents as c")
    .select([
      "c.project_id",
      "c.digest",
      "c.object_id",
      "c.size_bytes",
      "c.used_ms",
      "c.verified_ms",
      "c.damaged_ms",
    ])
    .where("c.project_id", "=", projectId)
    .where("c.used_ms", "<", usedBeforeMs)
    .where((of) =>
      of.not(
        of.exists(
          of
            .selectFrom("artifacts_files as f")
            .select("f.path")
            .whereRef("f.project_id", "=", "c.project_id")
            .whereRef("f.digest", "=", "c.digest"),
        ),
      ),
    )
    .where((of) =>
      of.not(
        of.exists(
          of
            .selectFrom("artifacts_parts as p")
            .select("p.upload_id")
            .whereRef("p.project_id", "=", "c.project_id")
            .whereRef("p.digest", "=", "c.digest"),
        ),
      ),
    )
    .orderBy("c.digest")
    .limit(limit);
  return forUpdate(tx, query).execute();
}

export async function deleteContents(tx: Tx, projectId: string, digests: readonly string[]): Promise<void> {
  await db(tx)
    .deleteFrom("artifacts_contents")
    .where("project_id", "=", projectId)
    .where("digest", "in", digests)
    .execute();
}

export async function contentsToVerify(
  tx: Tx,
  checkedBeforeMs: number,
  limit: number,
): Promise<ContentRow[]> {
  return db(tx)
    .selectFrom("artifacts_contents")
    .select(CONTENT)
    .where("verified_ms", "<", checkedBeforeMs)
    .where("damaged_ms", "=", 0)
    .orderBy("verified_ms")
    .orderBy("project_id")
    .orderBy("digest")
    .limit(limit)
    .execute();
}

export async function damagedContents(tx: Tx, projectId: string, limit: number): Promise<ContentRow[]> {
  return db(tx)
    .selectFrom("artifacts_contents")
    .select(CONTENT)
    .where("project_id", "=", projectId)
    .where("damaged_ms", ">", 0)
    .orderBy("digest")
    .limit(limit)
    .execute();
}

/** Which of these objects hold some content. */
export async function objectsInUse(tx: Tx, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db(tx)
    .selectFrom("artifacts_contents")
    .select("object_id")
    .where("object_id", "in", ids)
    .execute();
  return new Set(rows.map((row) => row.object_id));
}

export async function addRemovals(tx: Tx, projectId: string, objectIds: readonly string[]): Promise<void> {
  if (objectIds.length === 0) return;
  await db(tx)
    .insertInto("artifacts_removals")
    .values(objectIds.map((object_id) => ({ object_id, project_id: projectId })))
    .onConflict((conflict) => conflict.column("object_id").doNothing())
    .execute();
}

export async function isRemoval(tx: Tx, objectId: string): Promise<boolean> {
  const row = await db(tx)
    .selectFrom("artifacts_removals")
    .select("object_id")
    .where("object_id", "=", objectId)
    .executeTakeFirst();
  return row !== undefined;
}

export async function removals(tx: Tx, limit: number): Promise<{ object_id: string; project_id: string }[]> {
  return db(tx)
    .selectFrom("artifacts_removals")
    .select(["object_id", "project_id"])
    .orderBy("object_id")
    .limit(limit)
    .execute();
}

export async function deleteRemovals(tx: Tx, objectIds: readonly string[]): Promise<void> {
  await db(tx).deleteFrom("artifacts_removals").where("object_id", "in", objectIds).execute();
}

export async function insertUpload(tx: Tx, row: UploadRow): Promise<void> {
  await db(tx).insertInto("artifacts_uploads").values(row).execute();
}

export async function uploadById(tx: Tx, projectId: string, id: string): Promise<UploadRow | undefined> {
  const query = db(tx)
    .selectFrom("artifacts_uploads")
    .select(["id", "project_id", "path", "media_type", "created_ms", "expires_ms"])
    .where("id", "=", id)
    .where("project_id", "=", projectId);
  return query.executeTakeFirst();
}

/** The same, held against a second ending until the transaction is over. */
export async function uploadForChange(tx: Tx, projectId: string, id: string): Promise<UploadRow | undefined> {
  const query = db(tx)
    .selectFrom("artifacts_uploads")
    .select(["id", "project_id", "path", "media_type", "created_ms", "expires_ms"])
    .where("id", "=", id)
    .where("project_id", "=", projectId);
  return forUpdate(tx, query).executeTakeFirst();
}

export async function expiredUploads(tx: Tx, nowMs: number, limit: number): Promise<string[]> {
  const rows = await db(tx)
    .selectFrom("artifacts_uploads")
    .select("id")
    .where("expires_ms", "<=", nowMs)
    .orderBy("expires_ms")
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

export async function deleteUpload(tx: Tx, id: string): Promise<void> {
  await db(tx).deleteFrom("artifacts_parts").where("upload_id", "=", id).execute();
  await db(tx).deleteFrom("artifacts_uploads").where("id", "=", id).execute();
}

export async function savePart(tx: Tx, row: PartRow): Promise<void> {
  await db(tx)
    .insertInto("artifacts_parts")
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(["upload_id", "number"])
        .doUpdateSet({ digest: row.digest, size_bytes: row.size_bytes }),
    )
    .execute();
}

/** All parts of an upload; at most 10,000 by their numbers' bound. */
export async function partsOf(tx: Tx, uploadId: string): Promise<PartRow[]> {
  return db(tx)
    .selectFrom("artifacts_parts")
    .select(["upload_id", "number", "project_id", "digest", "size_bytes"])
    .where("upload_id", "=", uploadId)
    .orderBy("number")
    .execute();
}
