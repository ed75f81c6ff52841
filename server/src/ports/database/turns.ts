import { AppError } from "#lib/errors";

const WAITING_MAX = 10_000; // At 8,000 transactions a second the last in line waits about a second.
const BREATHE_AFTER_MS = 5; // Then timers and sockets get a turn before the next transaction.

export interface Turns {
  /** Runs the work when everyone before has finished, one at a time. */
  take<T>(work: () => Promise<T>): Promise<T>;
  /** Like `take`, for work that may wait on other threads. */
  pause<T>(work: () => Promise<T>): Promise<T>;
  idle(): Promise<void>;
}

/** A fair line for one writer: bounded, first come first served, and considerate of the event loop. */
export function createTurns(): Turns {
  const line: (() => void)[] = [];
  let busy = false;
  let since = 0;

  async function take<T>(work: () => Promise<T>): Promise<T> {
    if (busy) {
      if (line.length >= WAITING_MAX) {
        throw new AppError(
          "unavailable",
          "Too many changes are waiting to be written; try again in a second.",
          {
            retryAfterSeconds: 1,
          },
        );
      }
      await new Promise<void>((resolve) => line.push(resolve));
    } else {
      busy = true;
      since = performance.now();
    }
    try {
      return await work();
    } finally {
      passOn();
    }
  }

  function passOn(): void {
    const next = line.shift();
    if (next === undefined) {
      busy = false;
      return;
    }
    if (performance.now() - since < BREATHE_AFTER_MS) {
      next();
      return;
    }
    setImmediate(() => {
      since = performance.now();
      next();
    });
  }

  return { take, pause: take, idle: () => take(async () => {}) };
}
