import type { NotebookFile } from "@atrium/contract/notebooks";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { NotebooksDeps } from "./deps.ts";
import type { FileAt, NotebookFiles } from "./door.ts";
import * as queries from "./file-queries.ts";
import type { Gate } from "./gate.ts";
import { FILES_MAX, VERSIONS_MAX } from "./limits.ts";
import { checkPath, foldersAbove, kindOf, parentOf } from "./path.ts";
import { draw } from "./reading.ts";
import { type Content, readContent, type Storage } from "./storage.ts";
import type { FileRow } from "./tables.ts";

const NOTEBOOK = "notebook"; // The type by which lineage knows a file of notebooks, by path and version.

/** Files with versions; each change with its record, its news and its edges in one transaction. */
export function createFiles(
  deps: Pick<NotebooksDeps, "db" | "clock" | "lineage">,
  { gate, storage }: { gate: Gate; storage: Storage },
): NotebookFiles {
  const { db, clock, lineage } = deps;
  return { list, get, putFile, open, document, makeFolder, move, remove, versions, restore };

  async function list(...[actor, asked]: Parameters<NotebookFiles["list"]>) {
    const { projectId, path, below, pageSize, pageToken } = asked;
    await gate.require(actor, "notebook:read", projectId);
    return keysetPage({
      pageSize,
      pageToken,
      question: ["notebook-files", projectId, path, below],
      kinds: ["text"],
      rows: (after, limit) =>
        queries.filesIn(db.reader, { projectId, path, below, after: after && String(after[0]) }, limit),
      show: (rows) => rows.map(toFile),
      position: (row) => [row.path],
    });
  }

  async function get(actor: Actor, at: FileAt) {
    await gate.require(actor, "notebook:read", at.projectId);
    return toFile(await found(db.reader, at));
  }

  async function putFile(...[actor, given]: Parameters<NotebookFiles["putFile"]>) {
    const { projectId, expectedVersion } = given;
    await gate.require(actor, "notebook:write", projectId);
    const path = checkPath(given.path);
    const content = await readContent(given.bytes, given.sizeBytes);
    return save(actor, { projectId, path, content, expectedVersion });
  }

  async function save(
    actor: Actor,
    given: { projectId: string; path: string; content: Content; expectedVersion?: number | undefined },
  ): Promise<NotebookFile> {
    const { projectId, path, content, expectedVersion } = given;
    const before = await queries.fileAt(db.reader, { projectId, path });
    refuseClash(before, given);
    if (before?.digest === content.digest && before.kind !== "folder") return toFile(before);
    let saved: FileRow | undefined;
    await storage.put(projectId, content, async (tx, artifactPath) => {
      const standing = await queries.fileToChange(tx, { projectId, path });
      refuseClash(standing, { path, expectedVersion });
      const nowMs = clock.now();
      const state = {
        version: (standing?.version ?? 0) + 1,
        size_bytes: content.bytes.length,
        digest: content.digest,
        modified_ms: nowMs,
        modified_by: actor.name,
      };
      saved =
        standing === undefined
          ? await add(tx, actor, { projectId, path, kind: kindOf(path) }, state)
          : { ...standing, ...state };
      if (standing !== undefined) await queries.changeFile(tx, standing.id, state);
      const { id, version } = saved;
      await queries.addVersion(tx, {
        file_id: id,
        version,
        artifact_path: artifactPath,
        size_bytes: state.size_bytes,
        digest: state.digest,
        saved_ms: nowMs,
        saved_by: actor.name,
      });
      await queries.removeVersions(tx, { projectId, id, upTo: version - VERSIONS_MAX });
      if (version > 1) {
        const was = { type: NOTEBOOK, id: path, version: String(version - 1) };
        const is = { type: NOTEBOOK, id: path, version: String(version) };
        await lineage.link(tx, { projectId, from: was, relation: "derived", to: is });
      }
      const details = { version, sizeBytes: state.size_bytes, digest: state.digest };
      await gate.tell(tx, actor, { action: "notebook.saved", projectId, id: path, name: path, details });
    });
    if (saved === undefined) throw new Error("A save ended without a file.");
    return toFile(saved);
  }

  async function open(...[actor, at]: Parameters<NotebookFiles["open"]>) {
    const { projectId, path } = at;
    await gate.require(actor, "notebook:read", projectId);
    const row = await found(db.reader, at);
    if (row.kind === "folder") throw new AppError("invalid", `${path} is a folder.`, { at: "path" });
    const number = at.version ?? row.version;
    const version = await queries.versionOf(db.reader, row.id, number);
    if (version === undefined)
      throw new AppError("not_found", `${path} has no version ${number}.`, { at: "version" });
    await gate.recordRead(actor, { action: "notebook.read", projectId, id: path, name: path });
    const { size_bytes, digest, saved_ms: modified_ms, saved_by: modified_by } = version;
    const file = toFile({ ...row, version: number, size_bytes, digest, modified_ms, modified_by });
    return { file, bytes: await storage.open(projectId, version.artifact_path) };
  }

  async function document(...[actor, at]: Parameters<NotebookFiles["document"]>) {
    const { file, bytes } = await open(actor, at);
    return draw({ path: file.path, version: file.version, sizeBytes: file.sizeBytes, bytes });
  }

  async function makeFolder(...[actor, { projectId, path: given }]: Parameters<NotebookFiles["makeFolder"]>) {
    await gate.require(actor, "notebook:write", projectId);
    const path = checkPath(given);
    return db.transaction(async (tx) => {
      const standing = await queries.fileToChange(tx, { projectId, path });
      if (standing?.kind === "folder") return toFile(standing);
      if (standing !== undefined)
        throw new AppError("conflict", `There is a file ${path} already.`, { at: "path" });
      const nowMs = clock.now();
      const state = { version: 0, size_bytes: 0, digest: "", modified_ms: nowMs, modified_by: actor.name };
      const row = await add(tx, actor, { projectId, path, kind: "folder" }, state);
      await gate.tell(tx, actor, { action: "notebook.folder-made", projectId, id: path, name: path });
      return toFile(row);
    });
  }

  async function move(...[actor, given]: Parameters<NotebookFiles["move"]>) {
    const { projectId } = given;
    await gate.require(actor, "notebook:write", projectId);
    const [from, to] = [checkPath(given.from), checkPath(given.to)];
    return db.transaction(async (tx) => {
      const row = await found(tx, { projectId, path: from });
      if (from === to) return toFile(row);
      if (to.startsWith(`${from}/`))
        throw new AppError("invalid", `${from} cannot be moved into itself.`, { at: "to" });
      if ((await queries.fileToChange(tx, { projectId, path: to })) !== undefined)
        throw new AppError("conflict", `There is ${to} already; choose another name.`, { at: "to" });
      const below =
        row.kind === "folder"
          ? await queries.filesIn(tx, { projectId, path: from, below: "all" }, FILES_MAX)
          : [];
      const longest = below.at(0) && Math.max(...below.map(({ path }) => path.length));
      if ((longest ?? 0) - from.length + to.length > PATH_CHARACTERS_MAX)
        throw new AppError("invalid", `Something in ${from} would have too long a path below ${to}.`, {
          at: "to",
        });
      await addFoldersAbove(tx, actor, { projectId, path: to });
      await queries.move(tx, { projectId, from, to, parent: parentOf(to), nowMs: clock.now() });
      for (const { path, kind } of [row, ...below]) {
        if (kind === "folder") continue;
        await lineage.rename(tx, projectId, {
          type: NOTEBOOK,
          id: path,
          newId: to + path.slice(from.length),
        });
      }
      await gate.tell(tx, actor, {
        action: "notebook.moved",
        projectId,
        id: to,
        name: to,
        details: { from },
      });
      return toFile(await found(tx, { projectId, path: to }));
    });
  }

  async function remove(...[actor, { projectId, path: given }]: Parameters<NotebookFiles["remove"]>) {
    await gate.require(actor, "notebook:write", projectId);
    const path = checkPath(given);
    return db.transaction(async (tx) => {
      await found(tx, { projectId, path });
      const removed = await queries.removeAtOrBelow(tx, { projectId, path });
      await gate.tell(tx, actor, {
        action: "notebook.removed",
        projectId,
        id: path,
        name: path,
        details: { removed },
      });
      return removed;
    });
  }

  async function versions(...[actor, asked]: Parameters<NotebookFiles["versions"]>) {
    const { projectId, path, pageSize, pageToken } = asked;
    await gate.require(actor, "notebook:read", projectId);
    const { id } = await found(db.reader, { projectId, path });
    return keysetPage({
      pageSize,
      pageToken,
      question: ["notebook-versions", id],
      kinds: ["whole"],
      rows: (after, limit) =>
        queries.versionsPage(db.reader, id, { before: after && Number(after[0]), limit }),
      show: (rows) =>
        rows.map((row) => ({
          version: row.version,
          sizeBytes: row.size_bytes,
          digest: row.digest,
          savedMs: row.saved_ms,
          savedBy: row.saved_by,
        })),
      position: (row) => [row.version],
    });
  }

  async function restore(...[actor, at]: Parameters<NotebookFiles["restore"]>) {
    await gate.require(actor, "notebook:write", at.projectId);
    const { bytes } = await open(actor, at);
    return save(actor, { projectId: at.projectId, path: at.path, content: await readContent(bytes) });
  }

  async function add(
    tx: Tx,
    actor: Actor,
    { projectId, path, kind }: { projectId: string; path: string; kind: FileRow["kind"] },
    state: Pick<FileRow, "version" | "size_bytes" | "digest" | "modified_ms" | "modified_by">,
  ): Promise<FileRow> {
    // Two that make the same file at once take turns, so that one gets a conflict and not a broken key.
    await tx.serialize(`notebooks.files.${projectId}`);
    const standing = await queries.fileAt(tx, { projectId, path });
    if (standing !== undefined)
      throw new AppError("conflict", `${path} was made by somebody else just now; try again.`, {
        at: "path",
      });
    if ((await queries.countFiles(tx, projectId)) >= FILES_MAX)
      throw new AppError(
        "exhausted",
        `The project has ${FILES_MAX} files and folders of notebooks already; delete some.`,
      );
    await addFoldersAbove(tx, actor, { projectId, path });
    const row: FileRow = {
      project_id: projectId,
      path,
      parent: parentOf(path),
      kind,
      id: newId(),
      created_ms: clock.now(),
      ...state,
    };
    await queries.addFile(tx, row);
    return row;
  }

  async function addFoldersAbove(tx: Tx, actor: Actor, { projectId, path }: queries.At): Promise<void> {
    const wanted = foldersAbove(path);
    const standing = await queries.filesAmong(tx, projectId, wanted);
    const file = standing.find(({ kind }) => kind !== "folder");
    if (file !== undefined)
      throw new AppError("conflict", `${file.path} is a file, not a folder.`, { at: "path" });
    const known = new Set(standing.map((row) => row.path));
    for (const folder of wanted.filter((one) => !known.has(one))) {
      const nowMs = clock.now();
      await queries.addFile(tx, {
        project_id: projectId,
        path: folder,
        parent: parentOf(folder),
        kind: "folder",
        id: newId(),
        version: 0,
        size_bytes: 0,
        digest: "",
        created_ms: nowMs,
        modified_ms: nowMs,
        modified_by: actor.name,
      });
    }
  }
}

const PATH_CHARACTERS_MAX = 500; // As the contract has it for one path.

async function found(tx: Tx, { projectId, path }: FileAt): Promise<FileRow> {
  const row = await queries.fileAt(tx, { projectId, path });
  if (row === undefined)
    throw new AppError("not_found", `There is no ${path} among the project's notebooks.`, { at: "path" });
  return row;
}

/** @throws AppError `conflict` when it is a folder, or not the version that the caller knows */
function refuseClash(
  standing: FileRow | undefined,
  { path, expectedVersion }: { path: string; expectedVersion?: number | undefined },
): void {
  if (standing?.kind === "folder") throw new AppError("conflict", `${path} is a folder.`, { at: "path" });
  const version = standing?.version ?? 0;
  if (expectedVersion === undefined || expectedVersion === version) return;
  throw new AppError(
    "conflict",
    `${path} is at version ${version}, not ${expectedVersion}: somebody else saved it. Look at theirs first.`,
    { at: "expectedVersion" },
  );
}

function toFile(row: FileRow): NotebookFile {
  return {
    path: row.path,
    kind: row.kind,
    sizeBytes: row.size_bytes,
    version: row.version,
    digest: row.digest,
    createdMs: row.created_ms,
    modifiedMs: row.modified_ms,
    modifiedBy: row.modified_by,
  };
}
