export interface Bell {
  ring(): void;
  /** Resolves when the bell was rung since the last wait, when the time is over, or when `signal` aborts. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** Wakes one sleeper; a ring that comes before the sleep is not lost. */
export function createBell(): Bell {
  let rung = false;
  let wake = (): void => {};

  return {
    ring: () => {
      rung = true;
      wake();
    },
    wait: async (ms, signal) => {
      if (!rung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(done, ms);
          timer.unref();
          signal.addEventListener("abort", done, { once: true });
          wake = done;
          function done(): void {
            clearTimeout(timer);
            signal.removeEventListener("abort", done);
            resolve();
          }
        });
      }
      rung = false;
    },
  };
}
