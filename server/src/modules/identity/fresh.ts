import type { Clock } from "#lib/clock";

// How late this process may learn of a change that another made, should its event be late.
const FRESH_MS = 3000;
// While the database is away, what was known before still answers: serving goes on, and nothing can be revoked anyway.
const KEPT_MS = 5 * 60_000;

/** Things read from the database, held in memory: bounded, briefly trusted, and forgotten at once on our own changes. */
export interface Fresh<V> {
  get(key: string): Promise<V | undefined>;
  forgetAll(): void;
}

interface Entry<V> {
  value: V;
  readMs: number;
  /** When it was last tried to read it again. */
  triedMs: number;
}

/** `load` answers undefined for what does not exist; that is not kept, so that guesses push nothing out. */
export function createFresh<V>(given: {
  clock: Clock;
  entriesMax: number;
  load(key: string): Promise<V | undefined>;
}): Fresh<V> {
  const { clock, entriesMax, load } = given;
  const entries = new Map<string, Entry<V>>();
  const loading = new Map<string, Promise<V | undefined>>();
  let generation = 0;

  return {
    get(key) {
      const standing = entries.get(key);
      if (standing !== undefined && isFresh(standing)) return Promise.resolve(standing.value);
      const underWay = loading.get(key);
      if (underWay !== undefined) return underWay;
      const started = read(key, generation).finally(() => {
        if (loading.get(key) === started) loading.delete(key);
      });
      loading.set(key, started);
      return started;
    },
    forgetAll: () => {
      generation += 1;
      entries.clear();
      loading.clear();
    },
  };

  function isFresh(entry: Entry<V>): boolean {
    return clock.now() - entry.triedMs < FRESH_MS;
  }

  /** A reading that began before a change is not kept: it may show what was before. */
  async function read(key: string, begun: number): Promise<V | undefined> {
    const readMs = clock.now();
    try {
      const value = await load(key);
      if (begun !== generation) return value;
      entries.delete(key); // What is set again goes to the end: the first in the map is the one unused for longest.
      if (value === undefined) return undefined;
      entries.set(key, { value, readMs, triedMs: readMs });
      if (entries.size > entriesMax) entries.delete(entries.keys().next().value ?? "");
      return value;
    } catch (thrown) {
      const standing = entries.get(key);
      if (standing === undefined || readMs - standing.readMs >= KEPT_MS) throw thrown;
      standing.triedMs = clock.now(); // Not each request shall wait for a database that is away.
      return standing.value;
    }
  }
}
