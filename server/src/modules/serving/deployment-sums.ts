import { DURATION_BUCKETS } from "#lib/metrics";

interface Added {
  status: number;
  tookMs: number;
  rows: number;
  marks: readonly { cohort: string; servedBy: string }[] | undefined;
}

interface Sums {
  /** By status. */
  requests: Map<number, number>;
  /** How many fell between two bounds of a duration; the last takes what is above all. */
  buckets: number[];
  seconds: number;
  /** By `servedBy cohort`. */
  predictions: Map<string, number>;
}

/** What one deployment answered since it was last taken. On the path of every request: no text is made here. */
export interface DeploymentSums {
  add(call: Added): void;
  isEmpty(): boolean;
  /** The sums so far, which begin anew; `giveBack` adds them again to what came meanwhile. */
  take(): { sums: Readonly<Sums>; giveBack(): void };
}

const BY_MODEL = "model known";

export function createDeploymentSums(): DeploymentSums {
  let sums = begin([], []);
  return {
    add({ status, tookMs, rows, marks }) {
      const seconds = tookMs / 1000;
      let bucket = 0;
      while (bucket < DURATION_BUCKETS.length && seconds > (DURATION_BUCKETS[bucket] ?? 0)) bucket += 1;
      sums.buckets[bucket] = (sums.buckets[bucket] ?? 0) + 1;
      sums.seconds += seconds;
      increase(sums.requests, status, 1);
      if (status >= 400) return;
      if (marks === undefined) increase(sums.predictions, BY_MODEL, rows);
      else for (const { servedBy, cohort } of marks) increase(sums.predictions, `${servedBy} ${cohort}`, 1);
    },
    isEmpty: () => [...sums.requests.values()].every((count) => count === 0),
    take() {
      const taken = sums;
      // What was counted once is told of as 0 from then on: a series that falls silent counts as gone after five minutes.
      sums = begin(taken.requests.keys(), taken.predictions.keys());
      return { sums: taken, giveBack: () => addTo(sums, taken) };
    },
  };
}

function begin(statuses: Iterable<number>, whos: Iterable<string>): Sums {
  return {
    requests: new Map([...statuses].map((status) => [status, 0])),
    buckets: new Array(DURATION_BUCKETS.length + 1).fill(0),
    seconds: 0,
    predictions: new Map([...whos].map((who) => [who, 0])),
  };
}

function addTo(sums: Sums, more: Readonly<Sums>): void {
  for (const [status, count] of more.requests) increase(sums.requests, status, count);
  for (const [who, count] of more.predictions) increase(sums.predictions, who, count);
  for (const [at, count] of more.buckets.entries()) sums.buckets[at] = (sums.buckets[at] ?? 0) + count;
  sums.seconds += more.seconds;
}

function increase<K>(counts: Map<K, number>, key: K, amount: number): void {
  counts.set(key, (counts.get(key) ?? 0) + amount);
}
