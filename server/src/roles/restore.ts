import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { AppError } from "#lib/errors";
import { syncFolder } from "#lib/files";
import type { Blobs } from "#ports/blobs";
import { DUMPS } from "./backup.ts";
import {
  type BackupManifest,
  describeFiles,
  KEYRING,
  readManifest,
  requireEmpty,
  syncFile,
} from "./backup-files.ts";

export interface RestoreGiven {
  source: string;
  dataDirectory: string;
  database: RestoredDatabase;
  /** Opens the keys of a folder and answers with the database's. @throws AppError `unavailable` when the key is missing or another one */
  proveKey(directory: string): Promise<Buffer>;
}

export type RestoredDatabase =
  | { engine: "sqlite" }
  | {
      engine: "postgres";
      /** @throws AppError `conflict` when the database holds anything, `unavailable` when it does not answer */
      requireEmpty(): Promise<void>;
      dumps(directory: string, key: Buffer): Promise<Blobs>;
      /** All of a dump or nothing of it. */
      load(dump: Readable): Promise<void>;
    };

/**
 * Puts a backup into an empty data folder, and its dump into an empty database, after every file of it and the key
 * have been verified.
 * @throws AppError `conflict` (not empty), `invalid` (damaged, no backup, or one of the other database), `unavailable` (another key)
 */
export async function restore(given: RestoreGiven): Promise<BackupManifest> {
  const { source, dataDirectory, database } = given;
  await requireEmpty(dataDirectory);
  const manifest = await readManifest(source);
  requireSameEngine(manifest, database);
  await requireWhole(source, manifest);
  const key = await given.proveKey(source);
  if (database.engine === "postgres" && manifest.databaseDump !== undefined) {
    await database.requireEmpty();
    const dumps = await database.dumps(join(source, DUMPS), key);
    await database.load(await dumps.get(DUMPS, manifest.databaseDump));
  }
  // The key ring comes last: without it a half-restored folder refuses to start.
  const paths = manifest.files.map((file) => file.path).filter((path) => !path.startsWith(`${DUMPS}/`));
  for (const path of [...paths.filter((each) => each !== KEYRING), KEYRING]) {
    await mkdir(dirname(join(dataDirectory, path)), { recursive: true, mode: 0o700 });
    await copyFile(join(source, path), join(dataDirectory, path));
    await syncFile(join(dataDirectory, path));
    await syncFolder(dirname(join(dataDirectory, path)));
  }
  return manifest;
}

function requireSameEngine({ databaseDump }: BackupManifest, { engine }: RestoredDatabase): void {
  const backedUp = databaseDump === undefined ? "sqlite" : "postgres";
  if (backedUp === engine) return;
  const message =
    backedUp === "postgres"
      ? "The backup is of a server on PostgreSQL: name an empty database by ATRIUM_DATABASE_URL."
      : "The backup holds its database as a file: leave ATRIUM_DATABASE_URL away.";
  throw new AppError("invalid", `${message} Nothing was restored.`);
}

async function requireWhole(source: string, manifest: BackupManifest): Promise<void> {
  const found = await describeFiles(source);
  const differs = (file: BackupManifest["files"][number], i: number) =>
    JSON.stringify(file) !== JSON.stringify(found[i]);
  const bad = found.length === manifest.files.length ? manifest.files.find(differs) : undefined;
  if (bad === undefined && found.length === manifest.files.length) return;
  const what = bad === undefined ? "files are missing or were added" : `${bad.path} is damaged or missing`;
  throw new AppError("invalid", `The backup ${source} is not whole: ${what}. Nothing was restored.`);
}
