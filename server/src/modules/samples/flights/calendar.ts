export const DAY_MS = 24 * 3600 * 1000;
const WEEK_MS = 7 * DAY_MS;
const DATA_END_MS = Date.UTC(2001, 6, 1);
const PRESENT_MS = Date.UTC(2001, 5, 1);
/** Of the month that is replayed; labels come a day later, and lie in the past, too. */
export const REPLAYED_DAYS = 28;

/** When the sample takes place. */
export interface Calendar {
  /** How many days the flights of 2001 are moved by: whole weeks, so that Mondays stay Mondays. */
  movedDays: number;
  /** Everything before is history, on which features and models stand; what comes after is replayed. */
  presentMs: number;
  /** When the replay is over. */
  replayedMs: number;
}

/**
 * The flights of 2001 as if their last one had left within the week before the sample was begun: what is served, logged
 * and watched is about now, and neither features nor predictions are older than they may become.
 */
export function calendarOf(begunMs: number): Calendar {
  const movedMs = Math.floor((begunMs - DATA_END_MS) / WEEK_MS) * WEEK_MS;
  const presentMs = PRESENT_MS + movedMs;
  return { movedDays: movedMs / DAY_MS, presentMs, replayedMs: presentMs + REPLAYED_DAYS * DAY_MS };
}

/** `2026-11-01`. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
