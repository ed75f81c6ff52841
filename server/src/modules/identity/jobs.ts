import type { Clock } from "#lib/clock";
import type { Job } from "#lib/jobs";
import type { Database, Tx } from "#ports/database";
import { removeExpiredLinks } from "./queries/links.ts";
import { removeEndedSessions } from "./queries/sessions.ts";
import { removeDeadTokens } from "./queries/tokens.ts";
import { SESSION_IDLE_MS } from "./session.ts";

const EVERY_MS = 10 * 60_000;
const STEP_ROWS = 200; // A few milliseconds of the writer at a time.
const DEAD_TOKENS_KEPT_MS = 30 * 24 * 3600 * 1000; // So long people can still see why a client stopped working.

/** Removes what has ended: sessions, links, and tokens a month after. None of it works any more before that. */
export function identityJobs({ db, clock }: { db: Database; clock: Clock }): Job[] {
  return [{ name: "identity.clean", everyMs: EVERY_MS, run: (signal) => clean(db, clock.now(), signal) }];
}

async function clean(db: Database, nowMs: number, signal: AbortSignal): Promise<void> {
  const idleSinceMs = nowMs - SESSION_IDLE_MS;
  const steps: ((tx: Tx) => Promise<number>)[] = [
    (tx) => removeEndedSessions(tx, { nowMs, idleSinceMs, limit: STEP_ROWS }),
    (tx) => removeExpiredLinks(tx, nowMs, STEP_ROWS),
    (tx) => removeDeadTokens(tx, nowMs - DEAD_TOKENS_KEPT_MS, STEP_ROWS),
  ];
  for (const step of steps) {
    let removed = STEP_ROWS;
    while (removed === STEP_ROWS && !signal.aborted) removed = await db.transaction(step);
  }
}
