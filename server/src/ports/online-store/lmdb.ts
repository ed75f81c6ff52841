import { createHash, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";
import { mkdirSync } from "node:fs";
import { open, type RootDatabase } from "lmdb";
import { AppError } from "#lib/errors";
import { seal, unseal } from "#lib/seal";
import type { ProjectKeys } from "#ports/secrets";
import { type KeyedDigest, keyedDigest } from "./address.ts";
import type { OnlineRow, OnlineStore, OnlineTable, PutCount, StoredValue } from "./online-store.ts";
import { createOpenedRows, type OpenedRow } from "./opened-rows.ts";

const KEY_BYTES = 16; // 128 bits of a keyed digest: two of 2^32 entities meet with a chance of 2^-65.
const STEP_ROWS = 256; // Sealing that many takes about 3 ms of the event loop; a write transaction less.
const READ_STEP_ROWS = 1000; // Opening that many takes about 4 ms.
const READERS_MAX = 512; // Processes and their threads that read at once; a slot costs 64 bytes.
const TABLES_KEPT = 10_000; // Derived keys in memory, 200 bytes each.

interface TableKeys {
  prefix: Buffer;
  rowDigest: KeyedDigest;
  sealKey: KeyObject;
}

/**
 * Rows in one memory-mapped file that any number of processes share: readers never wait, and there is one writer at a
 * time. The engine's own encryption has no authentication, so each value is sealed here, with a key of its table's own.
 * @throws AppError `unavailable` when the folder cannot be used
 */
export function openLmdbOnlineStore(given: { directory: string; keys: ProjectKeys }): OnlineStore {
  const db = openFolder(given.directory);
  const known = new Map<string, Promise<TableKeys>>();
  const opened = createOpenedRows();
  let closed = false;
  return { put, get, drop, copyTo, close };

  async function put(table: OnlineTable, rows: readonly OnlineRow[]): Promise<PutCount> {
    const keys = await keysOf(table);
    const count: PutCount = { written: 0, kept: 0 };
    for (const step of steps(rows, STEP_ROWS)) {
      const sealed = step.map((row) => {
        const at = addressOf(keys, row.key);
        return { row, at, bytes: sealRow(keys, at, row) };
      });
      const written = await guarded(() =>
        db.transaction(() => {
          let won = 0;
          for (const { row, at, bytes } of sealed) {
            if (!wins(row, stored(keys, at))) continue;
            db.putSync(at, bytes);
            won += 1;
          }
          return won;
        }),
      );
      count.written += written;
      count.kept += step.length - written;
    }
    await guarded(() => db.flushed);
    return count;
  }

  async function get(table: OnlineTable, asked: readonly string[]): Promise<(OnlineRow | undefined)[]> {
    const keys = await keysOf(table);
    const found: (OnlineRow | undefined)[] = [];
    for (const step of steps(asked, READ_STEP_ROWS)) {
      if (found.length > 0) await turn();
      if (closed) throw isClosed();
      for (const key of step) {
        const row = stored(keys, addressOf(keys, key));
        found.push(row === undefined ? undefined : { key, ...row });
      }
    }
    return found;
  }

  async function drop(table: OnlineTable): Promise<void> {
    const prefix = prefixOf(table);
    const end = Buffer.concat([prefix, Buffer.alloc(KEY_BYTES + 1, 0xff)]);
    for (;;) {
      if (closed) throw isClosed();
      const some = [...db.getKeys({ start: prefix, end, limit: STEP_ROWS })];
      if (some.length === 0) break;
      await guarded(() =>
        db.transaction(() => {
          for (const key of some) db.remove(key);
        }),
      );
    }
    await guarded(() => db.flushed);
    known.delete(nameOf(table));
  }

  /** The engine's own copy reads one snapshot in a thread of its own, so that writers go on; free pages are left out. */
  async function copyTo(folder: string): Promise<void> {
    await guarded(() => db.backup(folder, true));
  }

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    await db.close();
  }

  function stored(keys: TableKeys, at: Buffer): OpenedRow | undefined {
    // The engine lends its own buffer until the next question, and says as its length how much of it is the answer.
    const lent = db.getBinaryFast(at);
    if (lent === undefined) return undefined;
    const bytes = lent.subarray(0, lent.length);
    const name = at.toString("latin1");
    const had = opened.find(name, bytes);
    if (had !== undefined) return had;
    const row = openRow(keys, name, bytes);
    opened.keep(name, bytes, row);
    return row;
  }

  async function guarded<T>(work: () => PromiseLike<T>): Promise<T> {
    if (closed) throw isClosed();
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      quiet(cause);
      const message = "The online store could not write: its disk may be full. Nothing was acknowledged.";
      throw new AppError("unavailable", message, { cause });
    }
  }

  /** A purged project has no key any more, so what fails is asked for again. */
  function keysOf(table: OnlineTable): Promise<TableKeys> {
    const name = nameOf(table);
    const had = known.get(name);
    if (had !== undefined) return had;
    const deriving = given.keys.keyOf(table.projectId).then((key) => deriveKeys(key, table));
    if (known.size >= TABLES_KEPT) known.clear();
    known.set(name, deriving);
    deriving.catch(() => known.delete(name));
    return deriving;
  }
}

function openFolder(directory: string): RootDatabase<Buffer, Buffer> {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return open<Buffer, Buffer>({
      path: directory,
      encoding: "binary",
      eventTurnBatching: false, // A batch has a promise of its own, which nobody could hear when it fails.
      keyEncoding: "binary",
      maxReaders: READERS_MAX,
      noSubdir: false,
    });
  } catch (cause) {
    throw new AppError("unavailable", `The online store in ${directory} cannot be opened.`, { cause });
  }
}

function nameOf({ projectId, tableId }: OnlineTable): string {
  return `${projectId}/${tableId}`;
}

function deriveKeys(projectKey: Buffer, table: OnlineTable): TableKeys {
  const derive = (purpose: string, bytes: number) =>
    Buffer.from(hkdfSync("sha256", projectKey, nameOf(table), `online-store ${purpose}`, bytes));
  return {
    prefix: prefixOf(table),
    rowDigest: keyedDigest(derive("row", 32), KEY_BYTES),
    sealKey: createSecretKey(derive("seal", 32)),
  };
}

/** No secret: what a destroyed key has sealed must still be found, to be removed. */
function prefixOf(table: OnlineTable): Buffer {
  return createHash("sha256").update(nameOf(table)).digest().subarray(0, KEY_BYTES);
}

function addressOf({ prefix, rowDigest }: TableKeys, key: string): Buffer {
  return Buffer.concat([prefix, rowDigest(key)]);
}

/** A sealed row is bound to its address, so that nobody can exchange two of them. */
function sealRow({ sealKey }: TableKeys, at: Buffer, { eventMs, createdMs, values }: OnlineRow): Buffer {
  return seal(sealKey, Buffer.from(JSON.stringify([eventMs, createdMs, values])), at.toString("latin1"));
}

function openRow({ sealKey }: TableKeys, at: string, bytes: Buffer): OpenedRow {
  const plain = unseal(sealKey, bytes, at).toString("utf8");
  const [eventMs, createdMs, values] = JSON.parse(plain) as [number, number, StoredValue[]];
  return { eventMs, createdMs, values };
}

function wins(row: OnlineRow, before: OpenedRow | undefined): boolean {
  if (before === undefined || row.eventMs !== before.eventMs) {
    return before === undefined || row.eventMs > before.eventMs;
  }
  return row.createdMs >= before.createdMs;
}

function* steps<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function isClosed(): AppError {
  return new AppError("unavailable", "The online store is closed: the server is stopping.");
}

/** The engine hands why a commit failed over as a promise that it rejects later; with nobody listening it ends the process. */
function quiet(cause: unknown): void {
  if (cause instanceof Error && "commitError" in cause) Promise.resolve(cause.commitError).catch(() => {});
}
