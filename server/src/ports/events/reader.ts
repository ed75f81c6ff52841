import { setTimeout as sleep } from "node:timers/promises";
import type { Database, Tx } from "#ports/database";
import * as queries from "./queries.ts";

const HEAD_WAIT_MS = 10_000;
const HEAD_POLL_MS = 5;
const GAP_WAIT_MS = 120_000; // Longer than any transaction of ours lives: the port ends them after a minute.

export interface Batch {
  rows: queries.EventRow[];
  /** More rows exist, but one before them may still be committed: read again in a moment. */
  held: boolean;
}

export interface OutboxReader {
  /** Events after a position, all of them durable, none skipped. */
  read(after: number, limit: number): Promise<Batch>;
  /** A position that everything announced from now on lies after. */
  head(): Promise<number>;
}

/**
 * Reads the outbox in order of position. PostgreSQL gives out positions before it commits, so a lower one may appear
 * after a higher one. Where positions are missing, the reader takes a transaction id and holds back what lies behind
 * the gap until all transactions below that id have ended: who holds a missing position got its id before, and has
 * then either shown its row or rolled it back. Without a gap this costs nothing, and nobody ever waits for a lock.
 */
export function createReader(db: Database): OutboxReader {
  return db.engine === "sqlite" ? sqliteReader(db) : postgresReader(db.reader);
}

/** SQLite has one writer and no gaps; but a plain read may see what is not on disk yet, and a transaction waits for it. */
function sqliteReader(db: Database): OutboxReader {
  return {
    read: async (after, limit) => {
      const { rows } = await db.transaction((tx) => queries.read(tx, after, limit));
      return { rows, held: false };
    },
    head: () => db.transaction(queries.lastPosition),
  };
}

function postgresReader(tx: Tx): OutboxReader {
  let settled = 0;
  let barrier: { through: number; transaction: number; sinceMs: number } | undefined;

  async function read(after: number, limit: number): Promise<Batch> {
    const { rows, settledBelow } = await queries.read(tx, after, limit);
    if (barrier !== undefined && hasEnded(barrier, settledBelow)) {
      settled = Math.max(settled, barrier.through);
      barrier = undefined;
    }
    const whole = rowsBeforeGap(rows, after, settled);
    if (whole.length === rows.length) return { rows, held: false };
    barrier ??= {
      through: rows.at(-1)?.position ?? 0,
      transaction: await queries.currentTransaction(tx),
      sinceMs: performance.now(),
    };
    return { rows: whole, held: true };
  }

  async function head(): Promise<number> {
    const last = await queries.lastPosition(tx);
    const transaction = await queries.currentTransaction(tx);
    const giveUpMs = performance.now() + HEAD_WAIT_MS;
    while ((await queries.settledBelow(tx)) < transaction && performance.now() < giveUpMs)
      await sleep(HEAD_POLL_MS);
    return last;
  }

  return { read, head };
}

function hasEnded(barrier: { transaction: number; sinceMs: number }, settledBelow: number): boolean {
  // A long transaction of another database on the same cluster must not stop our news for good.
  return settledBelow >= barrier.transaction || performance.now() - barrier.sinceMs > GAP_WAIT_MS;
}

/** The rows up to the first missing position that may still come. */
export function rowsBeforeGap<Row extends { position: number }>(
  rows: readonly Row[],
  after: number,
  settled: number,
): Row[] {
  let last = after;
  const end = rows.findIndex(({ position }) => {
    const isGap = position > last + 1 && position - 1 > settled;
    last = position;
    return isGap;
  });
  return end < 0 ? [...rows] : rows.slice(0, end);
}
