import type { Sample } from "./sample.ts";

/** Where at least one of two empirical distribution functions rises, and how many values of each lie at or below. */
export interface Step {
  x: number;
  belowA: number;
  belowB: number;
}

/** All steps of two samples, in rising order. */
export function* stepsOf(a: Sample, b: Sample): Generator<Step> {
  let [i, j, belowA, belowB] = [0, 0, 0, 0];
  while (i < a.values.length || j < b.values.length) {
    const x = Math.min(a.values[i] ?? Number.POSITIVE_INFINITY, b.values[j] ?? Number.POSITIVE_INFINITY);
    if (a.values[i] === x) belowA += a.counts[i++] ?? 0;
    if (b.values[j] === x) belowB += b.counts[j++] ?? 0;
    yield { x, belowA, belowB };
  }
}
