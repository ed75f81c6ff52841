import { createHash, randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, opendir, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { AppError } from "#lib/errors";
import { explainDisk, syncFolder } from "#lib/files";
import type { ProjectKeys } from "#ports/secrets";
import type { Blobs, PutLimits, StoredBlob } from "./blobs.ts";
import { CHUNK_BYTES, type Chunks, newEnvelope, sizesOf } from "./envelope.ts";
import { openObject } from "./read.ts";

const IDS = /^[0-9a-z]{1,64}$/; // Both kinds of id are made by us; anything else never becomes a path.

const ABANDONED_MS = 24 * 3600 * 1000; // No upload takes that long; what is as old was left by a crash.

// Objects leave the last of the disk to the database: without room for audit records nobody may even read.
const RESERVED_BYTES = 256 * 1024 ** 2;
const RESERVED_SHARE = 0.05; // Of a small disk.
const ROOM_CHECK_CHUNKS = 256; // Every 16 MiB of an upload.

export interface DiskBlobs {
  directory: string;
  keys: ProjectKeys;
  /** `many` when other processes may be writing into the same folder now; `one` when not given. */
  writers?: "one" | "many";
}

/**
 * Keeps objects as files: `<directory>/<project>/<two characters>/<id>`. A new one is written beside them in `tmp`,
 * synced, renamed and its folder synced; what a crash left in `tmp` is swept here.
 */
export async function openDiskBlobs(given: DiskBlobs): Promise<Blobs> {
  const temporary = join(given.directory, "tmp");
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  await sweep(temporary, given.writers === "many" ? Date.now() - ABANDONED_MS : Number.POSITIVE_INFINITY);
  const known = new Set<string>(); // Folders that exist, durably.

  async function put(projectId: string, bytes: Readable, limits: PutLimits): Promise<StoredBlob> {
    const id = randomBytes(16).toString("hex");
    const place = placeOf(given.directory, projectId, id);
    const half = join(temporary, id);
    try {
      await requireRoom(temporary);
      const chunks = newEnvelope(await given.keys.keyOf(projectId), { projectId, id });
      const file = await open(half, "wx", 0o600);
      let stored: StoredBlob;
      try {
        const written = await writeSealed(
          { file, chunks, requireRoom: () => requireRoom(temporary) },
          bytes,
          limits,
        );
        stored = { id, ...written };
        await file.sync();
      } finally {
        await file.close();
      }
      await makeFolder(place.folder);
      await rename(half, place.file);
      await syncFolder(place.folder);
      return stored;
    } catch (thrown) {
      await rm(half, { force: true });
      throw explainDisk(thrown);
    }
  }

  async function makeFolder(folder: string): Promise<void> {
    if (known.has(folder)) return;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await syncFolder(join(folder, ".."));
    await syncFolder(given.directory);
    known.add(folder);
  }

  return {
    put,
    get: async (projectId, id, range) => {
      const { file } = placeOf(given.directory, projectId, id);
      const object = await openObject(file, await given.keys.keyOf(projectId), { projectId, id });
      return object.stream(range);
    },
    stat: async (projectId, id) => {
      const found = await stat(placeOf(given.directory, projectId, id).file).catch(unlessMissing);
      const sizes = found === undefined ? undefined : sizesOf(found.size);
      return sizes === undefined ? undefined : { sizeBytes: sizes.plainBytes };
    },
    remove: async (projectId, id) => {
      const { file, folder } = placeOf(given.directory, projectId, id);
      const gone = await rm(file).then(() => true, unlessMissing);
      if (gone === true) await syncFolder(folder);
    },
    list: (projectId) => listObjects(placeOf(given.directory, projectId, "00").project),
    verify: async (projectId, id, digest) => {
      const hash = createHash("sha256");
      const { file } = placeOf(given.directory, projectId, id);
      const key = await given.keys.keyOf(projectId);
      try {
        const object = await openObject(file, key, { projectId, id });
        for await (const piece of await object.stream(undefined)) hash.update(piece as Buffer);
      } catch (thrown) {
        if (thrown instanceof AppError && thrown.reason !== undefined) return false;
        throw thrown;
      }
      return hash.digest("hex") === digest;
    },
  };
}

/** Seals a stream into an open file, a chunk in memory at a time. The last chunk is the one nothing follows. */
async function writeSealed(
  { file, chunks, requireRoom }: { file: FileHandle; chunks: Chunks; requireRoom(): Promise<void> },
  bytes: Readable,
  limits: PutLimits,
): Promise<{ digest: string; sizeBytes: number }> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let filled = 0;
  let index = 0;
  let sizeBytes = 0;
  const flush = async (last: boolean): Promise<void> => {
    if (index % ROOM_CHECK_CHUNKS === ROOM_CHECK_CHUNKS - 1) await requireRoom();
    const [sealed, tag] = chunks.seal(index, last, buffer.subarray(0, filled));
    await file.writev([sealed, tag]);
    // Given back at once: the collector lets 64 MiB of such buffers pile up before it looks.
    if (sealed.byteLength === sealed.buffer.byteLength) (sealed.buffer as ArrayBuffer).transfer(0);
    index += 1;
    filled = 0;
  };
  await file.write(chunks.header);
  for await (const piece of arriving(bytes)) {
    sizeBytes += piece.length;
    if (sizeBytes > limits.sizeBytesMax) throw tooLarge(limits.sizeBytesMax);
    hash.update(piece);
    for (let from = 0; from < piece.length; ) {
      if (filled === CHUNK_BYTES) await flush(false);
      const copied = piece.copy(buffer, filled, from);
      from += copied;
      filled += copied;
    }
  }
  await flush(true);
  const digest = hash.digest("hex");
  if (limits.expectedDigest !== undefined && limits.expectedDigest !== digest) throw otherContent(digest);
  return { digest, sizeBytes };
}

/** @throws AppError `unavailable` while the disk has little more than what the database needs */
async function requireRoom(directory: string): Promise<void> {
  const { bavail, blocks, bsize } = await statfs(directory);
  if (bavail * bsize >= Math.min(RESERVED_BYTES, blocks * bsize * RESERVED_SHARE)) return;
  throw new AppError(
    "unavailable",
    "The disk is nearly full: what is left is kept for the database. Nothing was stored; free space and try again.",
    { retryAfterSeconds: 10 },
  );
}

/** A sender that goes away in the middle is the sender's failure, not ours. */
async function* arriving(bytes: Readable): AsyncIterable<Buffer> {
  try {
    // A refused sender still has to be told so: its stream is left as it is.
    const pieces = bytes.iterator({ destroyOnReturn: false });
    for await (const piece of pieces) yield typeof piece === "string" ? Buffer.from(piece) : piece;
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("invalid", "The upload ended before all of it had arrived; send it again.", {
      cause,
      reason: "cut_off",
    });
  }
}

function tooLarge(sizeBytesMax: number): AppError {
  return new AppError(
    "invalid",
    `The content is larger than ${sizeBytesMax} bytes, the most that is taken here.`,
    {
      reason: "too_large",
    },
  );
}

function otherContent(digest: string): AppError {
  return new AppError(
    "invalid",
    `The content's SHA-256 is ${digest}, not the one announced; send it again.`,
    {
      reason: "digest",
    },
  );
}

function placeOf(directory: string, projectId: string, id: string) {
  if (!IDS.test(projectId) || !IDS.test(id)) throw new AppError("not_found", "There is no such object.");
  const project = join(directory, projectId);
  const folder = join(project, id.slice(0, 2));
  return { project, folder, file: join(folder, id) };
}

async function* listObjects(project: string): AsyncIterable<{ id: string; storedAtMs: number }> {
  for await (const folder of entries(project)) {
    for await (const id of entries(join(project, folder))) {
      const found = await stat(join(project, folder, id)).catch(unlessMissing);
      if (found !== undefined) yield { id, storedAtMs: Math.floor(found.mtimeMs) };
    }
  }
}

async function* entries(folder: string): AsyncIterable<string> {
  const opened = await opendir(folder).catch(unlessMissing);
  if (opened === undefined) return;
  for await (const entry of opened) yield entry.name;
}

function unlessMissing(thrown: unknown): undefined {
  if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
  throw thrown;
}

async function sweep(temporary: string, beforeMs: number): Promise<void> {
  for await (const { name } of await opendir(temporary)) {
    const file = join(temporary, name);
    const found = await stat(file).catch(() => undefined); // Its own process may be done with it meanwhile.
    if (found !== undefined && found.mtimeMs < beforeMs) await rm(file, { force: true });
  }
}
