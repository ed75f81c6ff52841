/** Tells those of this process who wait that there may be something to do. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, or after so long. */
  wait(mostMs: number, signal?: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  const waiting = new Set<() => void>();
  let rings = 0;
  let heard = 0;
  return {
    ring() {
      rings += 1;
      for (const wake of [...waiting]) wake();
    },
    wait(mostMs, signal) {
      // A ring between two waits is not missed.
      if (heard < rings || signal?.aborted === true) {
        heard = rings;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const timer = setTimeout(wake, mostMs);
        function wake(): void {
          clearTimeout(timer);
          waiting.delete(wake);
          signal?.removeEventListener("abort", wake);
          heard = rings;
          resolve();
        }
        waiting.add(wake);
        signal?.addEventListener("abort", wake, { once: true });
      });
    },
  };
}
