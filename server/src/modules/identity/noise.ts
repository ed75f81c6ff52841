import type { Clock } from "#lib/clock";
import type { AuditActor, AuditEntry, AuditTrail } from "#modules/audit";
import type { Database } from "#ports/database";

const MINUTE_MS = 60_000;
// A person who looks for what they may not see, and a client that tries again and again, are told apart by far fewer.
const EACH_A_MINUTE = 30;
const ALL_A_MINUTE = 600; // Ten a second: a flood of refusals costs the disk no more than that.

/** Records refusals within bounds, and how many went unrecorded before. `who` is whose share of the trail it takes. */
export interface Noise {
  /** Denied access, once a minute for the same actor and thing. */
  denial(who: string, actor: AuditActor, entry: AuditEntry): Promise<void>;
  /** A failed sign-in, each of its own. */
  failure(who: string, actor: AuditActor, entry: AuditEntry): Promise<void>;
}

export function createNoise(given: { db: Database; audit: AuditTrail; clock: Clock }): Noise {
  const { db, audit, clock } = given;
  let minute = 0;
  let all = 0;
  let counts = new Map<string, number>();
  let unrecorded = 0;

  return {
    async denial(who, actor, entry) {
      if (takeShare(`denial ${who}`)) await audit.recordAccess(actor, withUnrecorded(entry));
    },
    async failure(who, actor, entry) {
      if (!takeShare(`failure ${who}`)) return;
      const whole = withUnrecorded(entry);
      await db.transaction((tx) => audit.record(tx, actor, whole));
    },
  };

  function takeShare(who: string): boolean {
    const now = Math.floor(clock.now() / MINUTE_MS);
    if (now !== minute) {
      minute = now;
      all = 0;
      counts = new Map();
    }
    const count = counts.get(who) ?? 0;
    if (count >= EACH_A_MINUTE || all >= ALL_A_MINUTE) {
      unrecorded += 1;
      return false;
    }
    counts.set(who, count + 1);
    all += 1;
    return true;
  }

  function withUnrecorded(entry: AuditEntry): AuditEntry {
    if (unrecorded === 0) return entry;
    const whole = { ...entry, details: { ...entry.details, unrecordedBefore: unrecorded } };
    unrecorded = 0;
    return whole;
  }
}
