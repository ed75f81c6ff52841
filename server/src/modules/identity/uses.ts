import type { Clock } from "#lib/clock";
import type { Database } from "#ports/database";
import * as sessions from "./queries/sessions.ts";
import * as tokens from "./queries/tokens.ts";

const EVERY_MS = 60_000; // When something was last used is told to the minute; each request may not cost a write.
const STEP = 200;

/** Notes when tokens and sessions were last used, in the background and rarely. */
export interface Uses {
  note(used: { kind: "token" | "session"; id: string; knownMs: number }): void;
  /** The last use that this process knows of. */
  lastMs(id: string): number | undefined;
}

/** A failed write keeps what it should have written for the next use: a request never fails for its own trace. */
export function createUses(db: Database, clock: Clock): Uses {
  const noted = new Map<string, number>();
  let waiting = new Map<string, { kind: "token" | "session"; atMs: number }>();
  let writing = false;

  return {
    note({ kind, id, knownMs }) {
      const nowMs = clock.now();
      if (nowMs - Math.max(noted.get(id) ?? 0, knownMs) < EVERY_MS) return;
      noted.delete(id);
      noted.set(id, nowMs);
      forgetOld(nowMs);
      waiting.set(id, { kind, atMs: nowMs });
      if (writing) return;
      writing = true;
      void write().finally(() => {
        writing = false;
      });
    },
    lastMs: (id) => noted.get(id),
  };

  /** In the order of noting: those at the front are a minute old, known to the database, and can go. */
  function forgetOld(nowMs: number): void {
    for (const [id, atMs] of noted) {
      if (nowMs - atMs < EVERY_MS) return;
      noted.delete(id);
    }
  }

  async function write(): Promise<void> {
    while (waiting.size > 0) {
      const batch = new Map([...waiting].slice(0, STEP));
      for (const id of batch.keys()) waiting.delete(id);
      const written = await db
        .transaction(async (tx) => {
          for (const [id, { kind, atMs }] of batch) {
            if (kind === "token") await tokens.touchToken(tx, id, atMs);
            else await sessions.touchSession(tx, id, atMs);
          }
        })
        .then(
          () => true,
          () => false,
        );
      if (written) continue;
      waiting = new Map([...batch, ...waiting]);
      return;
    }
  }
}
