import type { Clock } from "#lib/clock";
import type { Job } from "#lib/jobs";
import type { Database } from "#ports/database";
import * as queries from "./queries.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const EVERY_MS = 10 * 60 * 1000;
const KEPT_MS = DAY_MS; // A browser that slept longer loads its page afresh anyway.
const KEPT_FOR_SLOW_MS = 30 * DAY_MS; // Nobody may make the outbox grow for ever: not a subscriber that stands still.
const BATCH = 1000; // A delete of this size holds SQLite's writer for some milliseconds.
const BATCHES_MAX = 2000; // Then the next round goes on.

/** Forgets events that everyone has read, and all that is too old. */
export function retentionJob(db: Database, clock: Clock): Job {
  return { name: "events.retention", everyMs: EVERY_MS, run };

  async function run(signal: AbortSignal): Promise<void> {
    const tooOldMs = clock.now() - KEPT_FOR_SLOW_MS;
    await db.transaction(async (tx) => {
      await queries.removeCursors(tx, tooOldMs);
      await queries.removeSetAside(tx, tooOldMs);
    });
    for (let i = 0; i < BATCHES_MAX && !signal.aborted; i += 1) {
      if (!(await removeBatch())) return;
    }
  }

  async function removeBatch(): Promise<boolean> {
    return db.transaction(async (tx) => {
      const slowest = (await queries.slowestCursor(tx)) ?? Number.MAX_SAFE_INTEGER;
      const nowMs = clock.now();
      const rows = await queries.oldest(tx, BATCH);
      // Only a beginning goes, so that a position that is kept means that all later ones are.
      const stays = rows.findIndex(
        ({ position, at_ms }) =>
          at_ms >= nowMs - KEPT_MS || (position > slowest && at_ms >= nowMs - KEPT_FOR_SLOW_MS),
      );
      const last = rows.at(stays < 0 ? rows.length - 1 : stays - 1);
      if (last === undefined || stays === 0) return false;
      await queries.removeThrough(tx, last.position);
      return stays < 0 && rows.length === BATCH;
    });
  }
}
