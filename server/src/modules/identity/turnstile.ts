import { AppError } from "#lib/errors";

const RETRY_AFTER_SECONDS = 2;

/** Lets a few through at once and a bounded number wait; `who` may hold only so many of those places. */
export interface Turnstile {
  /** @throws AppError `exhausted` when no place to wait is left */
  pass<T>(who: string, work: () => Promise<T>): Promise<T>;
}

export function createTurnstile(limits: {
  atOnce: number;
  waitingMax: number;
  placesEachMax: number;
}): Turnstile {
  const line: (() => void)[] = [];
  const places = new Map<string, number>();
  let inside = 0;

  return {
    async pass(who, work) {
      const taken = places.get(who) ?? 0;
      if (taken >= limits.placesEachMax || (inside >= limits.atOnce && line.length >= limits.waitingMax)) {
        throw new AppError("exhausted", "Too many sign-ins are being checked; try again in a moment.", {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        });
      }
      places.set(who, taken + 1);
      try {
        if (inside >= limits.atOnce) await new Promise<void>((resolve) => line.push(resolve));
        else inside += 1;
        return await work();
      } finally {
        leave(who);
      }
    },
  };

  /** Whoever waits first takes over the place inside, so the count stays. */
  function leave(who: string): void {
    const left = (places.get(who) ?? 1) - 1;
    if (left === 0) places.delete(who);
    else places.set(who, left);
    const next = line.shift();
    if (next === undefined) inside -= 1;
    else next();
  }
}
