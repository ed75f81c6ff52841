import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import type { DatasetFormat } from "@atrium/contract/datasets";
import type { Clock } from "#lib/clock";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { SYSTEM } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { OfflineTable } from "#ports/offline-engine";
import type { DatasetsDeps } from "./deps.ts";
import { type Ask, TABLE } from "./profile.ts";
import * as queries from "./queries.ts";
import type { FileRow, VersionRow } from "./tables.ts";

const ROOT = "datasets";
const FILLING_MS = 24 * 3600 * 1000; // A folder whose filler died goes after a day; no upload takes so long.
const MEDIA_TYPES: Record<DatasetFormat, string> = {
  parquet: "application/vnd.apache.parquet",
  csv: "text/csv",
  json: "application/x-ndjson",
};

export interface StoredFile {
  path: string;
  digest: string;
  sizeBytes: number;
}

/** A folder of files that becomes a version's in one transaction, or goes. */
export interface Folder {
  projectId: string;
  path: string;
}

export interface Storage {
  /** Makes a folder that is cleared away should nobody take it into use. */
  begin(projectId: string, datasetId: string): Promise<Folder>;
  put(
    folder: Folder,
    file: {
      name: string;
      format: DatasetFormat;
      expectedDigest?: string | undefined;
      sizeBytes?: number | undefined;
    },
    bytes: Readable,
  ): Promise<StoredFile>;
  /** Copies a stored file without touching its bytes. */
  copy(folder: Folder, from: { path: string; name: string }): Promise<StoredFile>;
  /** In the transaction that names the files. @throws AppError `unavailable` when it was cleared away meanwhile */
  keep(tx: Tx, folder: Folder): Promise<void>;
  /** In the transaction that forgets the files. */
  giveUp(tx: Tx, projectId: string, files: readonly FileRow[]): Promise<void>;
  discard(folder: Folder): Promise<void>;
  /** The files as the offline engine reads them. */
  table(projectId: string, format: DatasetFormat, files: readonly FileRow[]): OfflineTable;
  open(projectId: string, path: string, range?: { start: number; end: number }): Promise<Readable>;
}

/**
 * Files of datasets lie among the artifacts, where quota, sealing, scrubbing and garbage collection are. There only we
 * write and delete: a version never changes.
 */
export function createStorage({
  db,
  clock,
  artifacts,
}: Pick<DatasetsDeps, "db" | "artifacts"> & { clock: Clock }): Storage {
  const at = (projectId: string, path: string) => ({
    projectId,
    path,
    place: { kind: "project", projectId } as const,
  });

  const discard: Storage["discard"] = async ({ projectId, path }) => {
    try {
      await artifacts.remove(SYSTEM, at(projectId, path));
    } catch (thrown) {
      if (!(thrown instanceof AppError && thrown.code === "not_found")) throw thrown;
    }
    await db.transaction(async (tx) => {
      await queries.removeLeftover(tx, path);
    });
  };

  return {
    begin: async (projectId, datasetId) => {
      const path = `${ROOT}/${datasetId}/${newId()}`;
      const row = { path, project_id: projectId, due_ms: clock.now() + FILLING_MS };
      await db.transaction((tx) => queries.addLeftover(tx, row));
      return { projectId, path };
    },
    put: async ({ projectId, path }, { name, format, ...given }, bytes) => {
      const file = { ...given, mediaType: MEDIA_TYPES[format] };
      return artifacts.put(SYSTEM, at(projectId, `${path}/${name}`), bytes, file);
    },
    copy: async ({ projectId, path }, from) => {
      const to = at(projectId, `${path}/${from.name}`);
      await artifacts.copy(SYSTEM, at(projectId, from.path), to);
      return artifacts.stat(SYSTEM, to);
    },
    keep: async (tx, { path }) => {
      if (await queries.removeLeftover(tx, path)) return;
      throw new AppError("unavailable", "Storing took too long and was given up; try again.");
    },
    giveUp: async (tx, projectId, files) => {
      const folders = new Set(files.map(({ path }) => path.slice(0, path.lastIndexOf("/"))));
      for (const path of folders) {
        await queries.addLeftover(tx, { path, project_id: projectId, due_ms: clock.now() });
      }
    },
    discard,
    table: (projectId, format, files) => ({
      format,
      files: files.map(({ path, digest, size_bytes: sizeBytes }) => ({
        digest,
        sizeBytes,
        open: async () => (await artifacts.get(SYSTEM, at(projectId, path))).bytes,
      })),
    }),
    open: async (projectId, path, range) => (await artifacts.get(SYSTEM, at(projectId, path), range)).bytes,
  };
}

/** Keeps everyone else from changing what lies below our folder. Call it while wiring. */
export function claimFolder({ artifacts }: Pick<DatasetsDeps, "artifacts">): void {
  artifacts.registerOwner(ROOT, async (_projectId, path, permission) => {
    if (permission === "artifact:read") return undefined;
    throw new AppError("forbidden", `'${path}' belongs to a dataset version, which never changes.`);
  });
}

const STATEMENT_MS_MAX = 120_000; // A profile of tens of gigabytes takes minutes over all its statements; none alone does.

export interface AskedVersion {
  version: Pick<VersionRow, "project_id" | "format">;
  files: readonly FileRow[];
  signal?: AbortSignal | undefined;
}

/** Asks over a version's files, as the table `data`. */
export function askVersion(
  { engine, storage }: { engine: DatasetsDeps["engine"]; storage: Storage },
  { version, files, signal }: AskedVersion,
): Ask {
  const made = files.filter(({ role }) => role === "table");
  const table =
    made.length > 0
      ? storage.table(version.project_id, "parquet", made)
      : storage.table(version.project_id, version.format, files);
  const tables = { [TABLE]: table };
  return (sql, parameters) =>
    engine.query({ tables, sql, parameters, signal }, { timeoutMs: STATEMENT_MS_MAX });
}

/** One digest over several, in order: what a table of several files is known by. */
export function digestOver(parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:${part}\n`);
  return hash.digest("hex");
}
