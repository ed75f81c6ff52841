import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, link, open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "#lib/errors";

export const MANIFEST = "backup.json";
export const KEYRING = "keyring.json";
// As our objects and our small durable files are named until they are whole.
const HALF_WRITTEN = /^((blobs|predictions\/segments|database)\/tmp\/.*|.*\.[0-9a-f]{8}\.new)$/;
const NO_DATA = /^(lock(-.*)?|lost\+found)$/; // Who restores holds the claim already, and a fresh disk has its own folder.
const SAFE_PATH = /^(?!.*(^|\/)\.\.?(\/|$))[^/\\\0][^\\\0]*$/;

const manifestShape = z.strictObject({
  format: z.literal(1),
  createdMs: z.number().int(),
  instanceId: z.string(),
  /** Which key-encryption key opens it; the key itself is never part of a backup. */
  keyId: z.string(),
  /** The sealed dump of a PostgreSQL database; absent when the database is a file among the others. */
  databaseDump: z.string().optional(),
  files: z.array(
    z.strictObject({
      path: z.string().regex(SAFE_PATH, "is no path inside a backup"),
      sizeBytes: z.number().int(),
      sha256: z.string(),
    }),
  ),
});
export type BackupManifest = z.output<typeof manifestShape>;

/** @throws AppError `invalid` (no backup, or its list is damaged) */
export async function readManifest(source: string): Promise<BackupManifest> {
  try {
    return manifestShape.parse(JSON.parse(await readFile(join(source, MANIFEST), "utf8")));
  } catch (cause) {
    throw new AppError("invalid", `${source} holds no whole backup: its ${MANIFEST} cannot be read.`, {
      cause,
    });
  }
}

/** All plain files below a folder, sorted; without what is half-written. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !HALF_WRITTEN.test(path) && path !== MANIFEST)
    .sort();
}

/** Path, size and digest of every file of a backup. */
export async function describeFiles(folder: string): Promise<BackupManifest["files"]> {
  const files: BackupManifest["files"] = [];
  for (const path of await filesIn(folder)) {
    const hash = createHash("sha256");
    for await (const piece of createReadStream(join(folder, path))) hash.update(piece as Buffer);
    files.push({ path, sizeBytes: (await stat(join(folder, path))).size, sha256: hash.digest("hex") });
  }
  return files;
}

export async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch(ignore("ENOENT"));
  if (names?.some((name) => !NO_DATA.test(name))) {
    throw new AppError("conflict", `${folder} is not empty; name a new folder. Nothing was changed.`);
  }
}

export async function linkOrCopy(from: string, to: string): Promise<void> {
  await link(from, to).catch(async (thrown: unknown) => {
    if (codeOf(thrown) === "EEXIST") return;
    if (!["EXDEV", "EPERM", "EMLINK", "ENOTSUP"].includes(codeOf(thrown))) throw thrown;
    await copyDurably(from, to);
  });
}

export async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await syncFile(to);
}

export async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

export function ignore(code: string): (thrown: unknown) => undefined {
  return (thrown) => {
    if (codeOf(thrown) !== code) throw thrown;
  };
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
}
