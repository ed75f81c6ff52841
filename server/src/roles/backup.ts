import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { syncFolder } from "#lib/files";
import type { Blobs } from "#ports/blobs";
import {
  type BackupManifest,
  copyDurably,
  describeFiles,
  filesIn,
  ignore,
  linkOrCopy,
  MANIFEST,
  requireEmpty,
  syncFile,
} from "./backup-files.ts";

const ONLINE = "online";
export const DUMPS = "database";
const OBJECTS = /^(blobs|predictions\/segments)\//;
const CLAIMS = /^lock(-.*)?$/;
// What the server makes again when it is needed, and the working folders of jobs, whose processes live on this machine.
const MADE_AGAIN = /^(environments\/|python\/|attempts\/(?!machine$))/;

export interface BackupGiven {
  dataDirectory: string;
  database: LiveDatabase;
  /** Writes down what is answered and still in memory. */
  settle(): Promise<void>;
  /** Writes the online store, as of one moment, into a folder. */
  copyOnline(folder: string): Promise<void>;
  /** A folder that does not exist yet or is empty. */
  target: string;
  describeKeys(directory: string): { instanceId: string; keyId: string };
}

/** How the store of record is copied as of one moment: as a file of its own, or as a dump, sealed here. */
export type LiveDatabase =
  | { engine: "sqlite"; file: string; copyTo(file: string): Promise<void> }
  | {
      engine: "postgres";
      dump(): Promise<Readable>;
      /** Where dumps lie in a backup, as other sealed objects do, under the key of the database. */
      dumps(directory: string): Promise<Blobs>;
    };

/**
 * Writes a consistent copy of a data folder while the server runs. Everything acknowledged before the call is in it:
 * first all files as they stand, then the database, then the objects that came meanwhile; collection leaves new ones
 * alone for longer than this takes. Sealed objects never change, so they are hard links where the disk allows it.
 * Journals only grow, in frames: what is cut off had not been written when this began. Online rows come last: the
 * database must not say of a materialization that it has ended when its rows are not there.
 */
export async function backup(given: BackupGiven): Promise<BackupManifest> {
  const { database, target } = given;
  await requireEmpty(target);
  await mkdir(target, { recursive: true, mode: 0o700 });
  await given.settle();
  await take(given, (path) => !copiesItself(path, database) && !MADE_AGAIN.test(path) && !CLAIMS.test(path));
  const databaseDump = await takeDatabase(given);
  // Only what is new and never changes; a file copied twice might speak of more than the database knows.
  await take(given, isObject);
  await mkdir(join(target, ONLINE), { mode: 0o700 });
  await given.copyOnline(join(target, ONLINE));

  const { instanceId, keyId } = given.describeKeys(target);
  const files = await describeFiles(target);
  for (const { path } of files) if (path.startsWith(`${ONLINE}/`)) await syncFile(join(target, path));
  const createdMs = Date.now();
  const dump = databaseDump === undefined ? {} : { databaseDump };
  const manifest: BackupManifest = { format: 1, createdMs, instanceId, keyId, ...dump, files };
  await writeFile(join(target, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`, { mode: 0o600 });
  await syncFile(join(target, MANIFEST));
  await syncFolder(target);
  return manifest;
}

/** Answers with the name of the dump, where there is one. */
async function takeDatabase({ database, target }: BackupGiven): Promise<string | undefined> {
  if (database.engine === "sqlite") {
    await database.copyTo(join(target, database.file));
    await syncFile(join(target, database.file));
    return undefined;
  }
  const dumps = await database.dumps(join(target, DUMPS));
  const { id } = await dumps.put(DUMPS, await database.dump(), { sizeBytesMax: Number.MAX_SAFE_INTEGER });
  return id;
}

async function take(given: BackupGiven, wanted: (path: string) => boolean): Promise<void> {
  for (const path of await filesIn(given.dataDirectory)) {
    if (!wanted(path)) continue;
    const [from, to] = [join(given.dataDirectory, path), join(given.target, path)];
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    // What is removed while we look was removed before the database was copied, or is not in it.
    await (isObject(path) ? linkOrCopy(from, to) : copyDurably(from, to)).catch(ignore("ENOENT"));
  }
}

function copiesItself(path: string, database: LiveDatabase): boolean {
  return path.startsWith(`${ONLINE}/`) || (database.engine === "sqlite" && path.startsWith(database.file));
}

function isObject(path: string): boolean {
  return OBJECTS.test(path);
}
