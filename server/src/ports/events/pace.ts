import type { Engine } from "#ports/database";

/** How often and how long. Tests hurry. */
export interface Pace {
  /** How often news of other processes is looked for. */
  pollMs: number;
  /** How soon to look again at rows that wait for an earlier one. */
  heldMs: number;
  /** How long a worker that died keeps others from its subscribers. */
  leaseMs: number;
  /** How long one call of a handler may take before it counts as failed. */
  handlerMs: number;
  /** The first pause before another try; each further one is twice as long, up to `retryMostMs`. */
  retryFirstMs: number;
  retryMostMs: number;
  /** Then the event is set aside. */
  triesMax: number;
}

export function usualPace(engine: Engine): Pace {
  return {
    // PostgreSQL's NOTIFY would tell at once, but makes all commits of the database that use it wait for each other.
    // On SQLite all writers live in this process and ring themselves.
    pollMs: engine === "postgres" ? 250 : 5000,
    heldMs: 10,
    leaseMs: 30_000,
    handlerMs: 60_000,
    retryFirstMs: 1000,
    retryMostMs: 300_000,
    triesMax: 12, // With these pauses about 18 minutes: longer than a restart of whatever the handler needs.
  };
}
