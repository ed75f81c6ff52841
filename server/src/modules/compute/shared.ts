/** Work that many may ask for at once and that is done once. */
export interface Shared<T> {
  /** Joins what is under way, or begins it. `signal` ends only this one's waiting; the work ends with the last who waits. */
  get(key: string, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal | undefined): Promise<T>;
}

export function createShared<T>(): Shared<T> {
  const underWay = new Map<string, { result: Promise<T>; stop: AbortController; waiting: number }>();

  return {
    async get(key, work, signal) {
      signal?.throwIfAborted();
      let one = underWay.get(key);
      if (one === undefined) {
        const stop = new AbortController();
        const result = work(stop.signal).finally(() => {
          if (underWay.get(key)?.result === result) underWay.delete(key);
        });
        one = { result, stop, waiting: 0 };
        underWay.set(key, one);
      }
      one.waiting += 1;
      try {
        return await (signal === undefined ? one.result : until(one.result, signal));
      } finally {
        one.waiting -= 1;
        if (one.waiting === 0) {
          one.stop.abort(); // Nothing happens when it has ended.
          if (underWay.get(key) === one) underWay.delete(key);
          one.result.catch(() => {}); // Nobody is left to hear of it.
        }
      }
    },
  };
}

function until<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", leave, { once: true });
    result.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
