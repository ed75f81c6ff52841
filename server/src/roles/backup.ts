import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, link, mkdir, open, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { AppError } from "#lib/errors";
import { syncFolder } from "#lib/files";
import type { Database } from "#ports/database";

const MANIFEST = "backup.json";
const KEYRING = "keyring.json";
const TAKEN_ELSEWHERE = /^(lock(-.*)?|blobs\/tmp\/.*|.*\.new)$/; // The claim of a running server, and half-written files.
const NO_DATA = /^(lock(-.*)?|lost\+found)$/; // Who restores holds the claim already, and a fresh disk has its own folder.
const SAFE_PATH = /^(?!.*(^|\/)\.\.?(\/|$))[^/\\\0][^\\\0]*$/;

const manifestShape = z.strictObject({
  format: z.literal(1),
  createdMs: z.number().int(),
  instanceId: z.string(),
  /** Which key-encryption key opens it; the key itself is never part of a backup. */
  keyId: z.string(),
  files: z.array(
    z.strictObject({
      path: z.string().regex(SAFE_PATH, "is no path inside a backup"),
      sizeBytes: z.number().int(),
      sha256: z.string(),
    }),
  ),
});
export type BackupManifest = z.output<typeof manifestShape>;

export interface BackupGiven {
  dataDirectory: string;
  /** The database's file inside the data folder. */
  databaseFile: string;
  db: Database;
  /** A folder that does not exist yet or is empty. */
  target: string;
  describeKeys(directory: string): KeyNames;
}

interface KeyNames {
  instanceId: string;
  keyId: string;
}

export interface RestoreGiven {
  source: string;
  dataDirectory: string;
  /** Opens the keys of a folder. @throws AppError `unavailable` when the key is missing or another one */
  proveKey(directory: string): Promise<unknown>;
}

/**
 * Writes a consistent copy of a data folder while the server runs. Everything acknowledged before the call is in it:
 * first all files as they stand, then the database, then the objects that came meanwhile; collection leaves new ones
 * alone for longer than this takes. Sealed objects never change, so they are hard links where the disk allows it.
 */
export async function backup(given: BackupGiven): Promise<BackupManifest> {
  if (given.db.engine !== "sqlite") {
    throw new AppError(
      "invalid",
      "The database is PostgreSQL: back it up with pg_dump, and the data folder beside it.",
    );
  }
  await requireEmpty(given.target);
  await mkdir(given.target, { recursive: true, mode: 0o700 });
  const isDatabase = (path: string): boolean => path.startsWith(given.databaseFile);
  await take(given, (path) => !isDatabase(path));
  await given.db.copyTo(join(given.target, given.databaseFile));
  await syncFile(join(given.target, given.databaseFile));
  // Only what is new and never changes; a file copied twice might speak of more than the database knows.
  await take(given, isObject);

  const { instanceId, keyId } = given.describeKeys(given.target);
  const files = await describe(given.target);
  const manifest: BackupManifest = { format: 1, createdMs: Date.now(), instanceId, keyId, files };
  await writeFile(join(given.target, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`, { mode: 0o600 });
  await syncFile(join(given.target, MANIFEST));
  await syncFolder(given.target);
  return manifest;
}

/**
 * Puts a backup into an empty data folder, after every file of it and the key have been verified.
 * @throws AppError `conflict` (not empty), `invalid` (damaged or no backup), `unavailable` (another key)
 */
export async function restore(given: RestoreGiven): Promise<BackupManifest> {
  const { source, dataDirectory } = given;
  await requireEmpty(dataDirectory);
  const manifest = await readManifest(source);
  const found = await describe(source);
  const differs = (file: BackupManifest["files"][number], i: number) =>
    JSON.stringify(file) !== JSON.stringify(found[i]);
  const bad = found.length === manifest.files.length ? manifest.files.find(differs) : undefined;
  if (bad !== undefined || found.length !== manifest.files.length) {
    const what = bad === undefined ? "files are missing or were added" : `${bad.path} is damaged or missing`;
    throw new AppError("invalid", `The backup ${source} is not whole: ${what}. Nothing was restored.`);
  }
  await given.proveKey(source);
  // The key ring comes last: without it a half-restored folder refuses to start.
  const files = manifest.files.filter((file) => file.path !== KEYRING).map((file) => file.path);
  for (const path of [...files, KEYRING]) {
    await mkdir(dirname(join(dataDirectory, path)), { recursive: true, mode: 0o700 });
    await copyFile(join(source, path), join(dataDirectory, path));
    await syncFile(join(dataDirectory, path));
    await syncFolder(dirname(join(dataDirectory, path)));
  }
  return manifest;
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

async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(async (thrown: unknown) => {
    if (codeOf(thrown) === "EEXIST") return;
    if (!["EXDEV", "EPERM", "EMLINK", "ENOTSUP"].includes(codeOf(thrown))) throw thrown;
    await copyDurably(from, to);
  });
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await syncFile(to);
}

function isObject(path: string): boolean {
  return path.startsWith("blobs/");
}

/** All plain files below a folder, sorted; without what belongs to a running server or is half-written. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !TAKEN_ELSEWHERE.test(path) && path !== MANIFEST)
    .sort();
}

async function describe(folder: string): Promise<BackupManifest["files"]> {
  const files: BackupManifest["files"] = [];
  for (const path of await filesIn(folder)) {
    const hash = createHash("sha256");
    for await (const piece of createReadStream(join(folder, path))) hash.update(piece as Buffer);
    files.push({ path, sizeBytes: (await stat(join(folder, path))).size, sha256: hash.digest("hex") });
  }
  return files;
}

async function readManifest(source: string): Promise<BackupManifest> {
  try {
    return manifestShape.parse(JSON.parse(await readFile(join(source, MANIFEST), "utf8")));
  } catch (cause) {
    throw new AppError("invalid", `${source} holds no whole backup: its ${MANIFEST} cannot be read.`, {
      cause,
    });
  }
}

async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch(ignore("ENOENT"));
  if (names?.some((name) => !NO_DATA.test(name))) {
    throw new AppError("conflict", `${folder} is not empty; name a new folder. Nothing was changed.`);
  }
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

function ignore(code: string): (thrown: unknown) => undefined {
  return (thrown) => {
    if (codeOf(thrown) !== code) throw thrown;
  };
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
}
