import { randomBytes } from "node:crypto";
import { closeSync, createReadStream, createWriteStream, fstatSync, openSync, unlinkSync } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AppError } from "#lib/errors";
import type { OfflineFile } from "./offline-engine.ts";

const MEMORY_FOLDER = "/dev/shm"; // A file system in memory on every Linux; nothing below it reaches a disk.

/**
 * Plain bytes in memory that an engine opens by path. A file loses its name as soon as it is made: it lives as long as
 * this process, so that not even `kill -9` leaves anything behind, and `/proc/<pid>/fd/<number>` still opens it.
 */
export interface MemoryFiles {
  /** Loads a file, or finds it loaded; it stays at least until it is released. @throws AppError `exhausted`, `unavailable` */
  hold(file: OfflineFile): Promise<HeldFile>;
  /** An empty file that an engine may write. */
  scratch(): ScratchFile;
  /** Bytes that loaded files take. */
  bytes(): number;
  close(): void;
}

export interface HeldFile {
  path: string;
  release(): void;
}

export interface ScratchFile {
  path: string;
  sizeBytes(): number;
  /** Reads it from the start; at the end, or when the reader goes away, it is gone. */
  read(): Readable;
  discard(): void;
}

interface Kept {
  descriptor: number;
  sizeBytes: number;
  users: number;
  loaded: Promise<void>;
}

/** Keeps loaded files up to `bytesMax`, those used last the longest. */
export function createMemoryFiles(bytesMax: number): MemoryFiles {
  const kept = new Map<string, Kept>(); // In the order of their last use.
  const scratches = new Set<number>();
  let total = 0;

  function drop(digest: string, file: Kept): void {
    if (kept.get(digest) === file) kept.delete(digest);
    total -= file.sizeBytes;
    closeSync(file.descriptor);
  }

  function makeRoom(sizeBytes: number): void {
    for (const [digest, file] of kept) {
      if (total + sizeBytes <= bytesMax) return;
      if (file.users === 0) drop(digest, file);
    }
    if (total + sizeBytes <= bytesMax) return;
    throw new AppError(
      "exhausted",
      `The tables do not fit in memory: ${total + sizeBytes} bytes are needed at once, ${bytesMax} may be used.`,
      { reason: "memory" },
    );
  }

  function load(file: OfflineFile): Kept {
    makeRoom(file.sizeBytes);
    const { sizeBytes } = file;
    const loading: Kept = { descriptor: makeNameless(), sizeBytes, users: 0, loaded: Promise.resolve() };
    total += sizeBytes;
    kept.set(file.digest, loading);
    loading.loaded = fill(loading.descriptor, file);
    return loading;
  }

  async function hold(file: OfflineFile): Promise<HeldFile> {
    const found = kept.get(file.digest) ?? load(file);
    found.users += 1;
    kept.delete(file.digest);
    kept.set(file.digest, found);
    try {
      await found.loaded;
    } catch (thrown) {
      found.users -= 1;
      if (found.users === 0) drop(file.digest, found);
      throw thrown;
    }
    let held = true;
    return {
      path: pathOf(found.descriptor),
      release: () => {
        if (held) found.users -= 1;
        held = false;
      },
    };
  }

  function scratch(): ScratchFile {
    const descriptor = makeNameless();
    scratches.add(descriptor);
    const discard = () => {
      if (scratches.delete(descriptor)) closeSync(descriptor);
    };
    return {
      path: pathOf(descriptor),
      sizeBytes: () => fstatSync(descriptor).size,
      read: () => {
        const bytes = createReadStream("", { fd: descriptor, start: 0, autoClose: false });
        return bytes.once("close", discard);
      },
      discard,
    };
  }

  return {
    hold,
    scratch,
    bytes: () => total,
    close: () => {
      for (const [digest, file] of kept) drop(digest, file);
      for (const descriptor of scratches) closeSync(descriptor);
      scratches.clear();
    },
  };
}

function pathOf(descriptor: number): string {
  return `/proc/${process.pid}/fd/${descriptor}`;
}

function makeNameless(): number {
  const path = `${MEMORY_FOLDER}/atrium-${randomBytes(8).toString("hex")}`;
  try {
    const descriptor = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    return descriptor;
  } catch (cause) {
    throw new AppError("unavailable", `Tables need ${MEMORY_FOLDER}, which cannot be written here.`, {
      cause,
    });
  }
}

async function fill(descriptor: number, file: OfflineFile): Promise<void> {
  try {
    await pipeline(await file.open(), createWriteStream("", { fd: descriptor, start: 0, autoClose: false }));
  } catch (thrown) {
    throw explainFull(thrown);
  }
  const { size } = fstatSync(descriptor);
  if (size !== file.sizeBytes) {
    throw new AppError(
      "unavailable",
      `A file of ${file.sizeBytes} bytes came with ${size}; it may be damaged.`,
    );
  }
}

/** Containers often get 64 MiB of memory files, whatever memory they have. */
function explainFull(thrown: unknown): unknown {
  if (!(thrown instanceof Error && "code" in thrown && thrown.code === "ENOSPC")) return thrown;
  return new AppError("exhausted", `${MEMORY_FOLDER} is full; give it more of the machine's memory.`, {
    cause: thrown,
    reason: "memory",
  });
}
