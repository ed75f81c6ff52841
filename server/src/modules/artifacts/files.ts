import type { ArtifactEntry, ArtifactFile } from "@atrium/contract/artifacts";
import { AppError } from "#lib/errors";
import { decodePageToken, encodePageToken, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { ArtifactsDeps, Contents, Permit } from "./contents.ts";
import { lock } from "./contents.ts";
import type { Artifacts } from "./door.ts";
import { mediaTypeOf } from "./media-type.ts";
import { checkFolder, checkPath, foldersAbove, nameOf } from "./path.ts";
import * as queries from "./queries.ts";
import type { FileRow } from "./tables.ts";

export const FILE_BYTES_MAX = 1024 ** 4; // 1 TiB; a chunk counter of 32 bits would reach 256 TiB.
const FILES_MAX = 2000; // Stored in one transaction: some tenths of a second of the writer.
const STEP_ROWS = 500; // Files removed or copied in one transaction: some milliseconds of the event loop.

type Files = Pick<Artifacts, "put" | "putAll" | "get" | "stat" | "list" | "remove" | "copy">;

/** Gives content a name, in the caller's transaction, and tells everyone. */
export type NameContent = (
  tx: Tx,
  actor: Actor,
  given: Pick<FileRow, "project_id" | "path" | "digest" | "size_bytes"> & { mediaType: string | undefined },
) => Promise<ArtifactFile>;

export function createFiles(
  deps: ArtifactsDeps,
  contents: Contents,
  permit: Permit,
): Files & { name: NameContent } {
  const { db, audit, events, clock } = deps;

  const put: Files["put"] = async (actor, at, bytes, given = {}) => {
    const path = checkPath(at.path);
    await permit(actor, "artifact:write", { ...at, path });
    await refuseClash(db.reader, at.projectId, path);
    if (given.sizeBytes !== undefined) await contents.ensureRoom(at.projectId, given.sizeBytes);
    const limits = { sizeBytesMax: FILE_BYTES_MAX, expectedDigest: given.expectedDigest };
    return contents.store({ projectId: at.projectId, bytes, limits }, async (tx, stored) => {
      const file = { digest: stored.digest, size_bytes: stored.sizeBytes };
      return name(tx, actor, { project_id: at.projectId, path, mediaType: given.mediaType, ...file });
    });
  };

  const putAll: Files["putAll"] = async (actor, projectId, { files, place, commit }) => {
    if (files.length > FILES_MAX) {
      throw new AppError(
        "invalid",
        `At most ${FILES_MAX} files are stored together; there are ${files.length}.`,
      );
    }
    const paths = files.map((file) => checkPath(file.path));
    for (const path of paths) {
      await permit(actor, "artifact:write", { projectId, path, place });
      await refuseClash(db.reader, projectId, path);
    }
    const sources = files.map((file) => file.open);
    const limits = { sizeBytesMax: FILE_BYTES_MAX };
    await contents.storeAll({ projectId, sources, limits }, async (tx, stored) => {
      for (const [i, { digest, sizeBytes }] of stored.entries()) {
        const file = { path: paths[i] ?? "", digest, size_bytes: sizeBytes, mediaType: undefined };
        await name(tx, actor, { project_id: projectId, ...file });
      }
      await commit(tx);
    });
  };

  const name: NameContent = async (tx, actor, given) => {
    const { mediaType, ...rest } = given;
    const row: FileRow = { ...rest, media_type: mediaTypeOf(given.path, mediaType), created_ms: clock.now() };
    await refuseClash(tx, row.project_id, row.path);
    await queries.saveFiles(tx, [row]);
    await tell(tx, actor, { action: "stored", projectId: row.project_id, path: row.path, files: 1 });
    return toFile(row);
  };

  async function tell(
    tx: Tx,
    actor: Actor,
    what: { action: "stored" | "removed"; projectId: string; path: string; files: number },
  ): Promise<void> {
    const kind = `artifact.${what.action}`;
    const { projectId, path, files } = what;
    await events.announce(tx, { kind, projectId, key: path, body: { path, files } });
    const resource = { type: "artifact", id: path, name: nameOf(path) };
    await audit.record(tx, actor, { action: kind, resource, projectId, details: { files } });
  }

  const get: Files["get"] = async (actor, at, range) => {
    const path = checkPath(at.path);
    await permit(actor, "artifact:read", { ...at, path });
    const row = await found(db.reader, at.projectId, path);
    const resource = { type: "artifact", id: path, name: nameOf(path) };
    await audit.recordAccess(actor, { action: "artifact.read", resource, projectId: at.projectId });
    try {
      return { file: toFile(row), bytes: await contents.open(at.projectId, row.digest, range) };
    } catch (thrown) {
      if (!(thrown instanceof AppError && thrown.reason === "missing")) throw thrown;
      // Replaced and collected between the two reads; then the new content is there. Else it is lost.
      const now = await found(db.reader, at.projectId, path);
      if (now.digest === row.digest) throw lost(path, thrown);
      return { file: toFile(now), bytes: await contents.open(at.projectId, now.digest, range) };
    }
  };

  const stat: Files["stat"] = async (actor, at) => {
    const path = checkPath(at.path);
    await permit(actor, "artifact:read", { ...at, path });
    return toFile(await found(db.reader, at.projectId, path));
  };

  const list: Files["list"] = async (actor, folder, asked) => {
    const path = checkFolder(folder.path);
    await permit(actor, "artifact:read", { ...folder, path });
    const from = asked.pageToken === undefined ? undefined : decodePageToken(asked.pageToken, 1)[0];
    const start = typeof from === "string" ? from : undefined;
    return pageOf(db.reader, { projectId: folder.projectId, path, from: start }, asked.pageSize);
  };

  const remove: Files["remove"] = async (actor, at) => {
    const path = checkPath(at.path);
    await permit(actor, "artifact:delete", { ...at, path });
    let removed = 0;
    for (;;) {
      const step = await db.transaction(async (tx) => {
        const rows = await atOrBelow(tx, at.projectId, path);
        if (rows.length === 0) return 0;
        const paths = rows.map((row) => row.path);
        await queries.deleteFiles(tx, at.projectId, paths);
        await tell(tx, actor, { action: "removed", projectId: at.projectId, path, files: rows.length });
        return rows.length;
      });
      removed += step;
      if (step < STEP_ROWS) break;
    }
    if (removed === 0) throw missing(path);
    return removed;
  };

  const copy: Files["copy"] = async (actor, from, to) => {
    const [source, target] = [checkPath(from.path), checkPath(to.path)];
    if (from.projectId !== to.projectId) throw new AppError("invalid", "Copies stay inside one project.");
    if (target === source || target.startsWith(`${source}/`)) {
      throw new AppError("invalid", `'${target}' lies inside '${source}'; copy to another place.`, {
        at: "to",
      });
    }
    await permit(actor, "artifact:read", { ...from, path: source });
    await permit(actor, "artifact:write", { ...to, path: target });
    const { projectId } = from;
    let copied = 0;
    let after: string | undefined;
    for (;;) {
      const rows = await db.transaction(async (tx) => {
        await lock(tx, projectId);
        if (copied === 0) await refuseClash(tx, projectId, target);
        const step = await atOrBelow(tx, projectId, source, after);
        if (step.length === 0) return step;
        const created_ms = clock.now();
        const moved = step.map((row) => ({
          ...row,
          path: target + row.path.slice(source.length),
          created_ms,
        }));
        for (const row of moved) checkPath(row.path);
        await queries.saveFiles(tx, moved);
        await tell(tx, actor, { action: "stored", projectId, path: target, files: step.length });
        return step;
      });
      copied += rows.length;
      after = rows.at(-1)?.path;
      if (rows.length < STEP_ROWS) break;
    }
    if (copied === 0) throw missing(source);
    return copied;
  };

  return { put, putAll, get, stat, list, remove, copy, name };
}

async function found(tx: Tx, projectId: string, path: string): Promise<FileRow> {
  const row = await queries.fileAt(tx, projectId, path);
  if (row === undefined) throw missing(path);
  return row;
}

export function toFile(row: FileRow): ArtifactFile {
  return {
    path: row.path,
    digest: row.digest,
    sizeBytes: row.size_bytes,
    mediaType: row.media_type,
    createdMs: row.created_ms,
  };
}

async function atOrBelow(tx: Tx, projectId: string, path: string, after?: string): Promise<FileRow[]> {
  const itself = after === undefined ? await queries.fileAt(tx, projectId, path) : undefined;
  if (itself !== undefined) return [itself];
  const from = after === undefined ? {} : { from: `${after}\u0001` }; // No path holds control characters.
  return queries.filesBelow(tx, { projectId, path, ...from }, STEP_ROWS);
}

/** A name is a file or a folder, never both: it could not be downloaded. */
export async function refuseClash(tx: Tx, projectId: string, path: string): Promise<void> {
  const [above] = await queries.filesAmong(tx, projectId, foldersAbove(path));
  if (above !== undefined) {
    throw new AppError("conflict", `'${above.path}' is a file; nothing can be stored below it.`, {
      at: "path",
    });
  }
  const [under] = await queries.filesBelow(tx, { projectId, path }, 1);
  if (under !== undefined) {
    throw new AppError("conflict", `'${path}' is a folder; choose another name.`, { at: "path" });
  }
}

/** Walks the sorted paths and jumps over each folder it has named, so a deep tree costs one question a folder. */
async function pageOf(
  tx: Tx,
  folder: { projectId: string; path: string; from: string | undefined },
  pageSize: number,
): Promise<Page<ArtifactEntry>> {
  const prefix = folder.path === "" ? "" : `${folder.path}/`;
  const items: ArtifactEntry[] = [];
  let from = folder.from;
  for (;;) {
    const batch = pageSize - items.length + 1;
    const rows = await queries.filesBelow(tx, { ...folder, from }, batch);
    let skipTo: string | undefined;
    for (const row of rows) {
      if (skipTo !== undefined && row.path.startsWith(skipTo)) continue;
      skipTo = undefined;
      if (items.length === pageSize) return { items, nextToken: encodePageToken([row.path]) };
      const rest = row.path.slice(prefix.length);
      const slash = rest.indexOf("/");
      if (slash === -1) {
        items.push({ kind: "file", name: rest, ...toFile(row) });
      } else {
        const name = rest.slice(0, slash);
        items.push({ kind: "folder", name, path: prefix + name });
        skipTo = `${prefix}${name}/`;
      }
    }
    const last = rows.at(-1)?.path;
    if (last === undefined || rows.length < batch) return { items };
    from = skipTo === undefined ? `${last}\u0001` : `${skipTo.slice(0, -1)}0`;
  }
}

function missing(path: string): AppError {
  return new AppError("not_found", `There is no artifact '${path}'.`, { at: "path" });
}

function lost(path: string, cause: unknown): AppError {
  return new AppError("unavailable", `The content of '${path}' is missing; restore it or upload it again.`, {
    cause,
  });
}
