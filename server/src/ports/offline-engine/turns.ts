import { AppError } from "#lib/errors";

/** A few at a time, the others in a line of bounded length. */
export interface Turns {
  /** Runs the work when it is its turn. @throws AppError `unavailable` when the line is full, or its caller has gone */
  take<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing runs and nobody waits. */
  ended(): Promise<void>;
}

export function createTurns(atOnceMax: number, waitingMax: number): Turns {
  const waiting: (() => void)[] = [];
  const watchers: (() => void)[] = [];
  let running = 0;

  function leave(): void {
    const next = waiting.shift();
    if (next !== undefined)
      next(); // The place goes from hand to hand, so nobody can slip in between.
    else running -= 1;
    if (running === 0) for (const tell of watchers.splice(0)) tell();
  }

  async function enter(signal: AbortSignal | undefined): Promise<void> {
    if (running < atOnceMax) {
      running += 1;
      return;
    }
    if (waiting.length >= waitingMax) {
      throw new AppError("unavailable", "Too many queries wait; try again in a few seconds.", {
        retryAfterSeconds: 2,
        reason: "queue",
      });
    }
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = () => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(new AppError("unavailable", "The query was given up by its caller."));
      };
      waiting.push(go);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  return {
    take: async (signal, work) => {
      if (signal?.aborted) throw new AppError("unavailable", "The query was given up by its caller.");
      await enter(signal);
      try {
        return await work();
      } finally {
        leave();
      }
    },
    ended: () => (running === 0 ? Promise.resolve() : new Promise<void>((resolve) => watchers.push(resolve))),
  };
}
