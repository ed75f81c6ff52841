import { assert } from "#lib/errors";
import { sumOf } from "./sum.ts";

/**
 * Numbers as statistics see them: the distinct values in rising order, and how often each occurs. Two samples with the
 * same values are the same whatever order they came in, so everything computed from one is reproducible.
 */
export interface Sample {
  /** Finite, strictly rising. */
  values: Float64Array;
  /** As long as `values`; positive whole numbers. */
  counts: Float64Array;
  /** The sum of `counts`. */
  size: number;
}

/** @param given finite numbers in any order */
export function sampleOf(given: Iterable<number>): Sample {
  const sorted = Float64Array.from(given).sort();
  const values: number[] = [];
  const counts: number[] = [];
  for (const value of sorted) {
    assert(Number.isFinite(value), "a sample holds finite numbers");
    if (values.length > 0 && values.at(-1) === value) counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1;
    else {
      values.push(value === 0 ? 0 : value); // -0 is the same value as 0.
      counts.push(1);
    }
  }
  return { values: Float64Array.from(values), counts: Float64Array.from(counts), size: sorted.length };
}

/** From pairs of a value and how often it occurs; pairs may come in any order and repeat a value. */
export function sampleOfCounts(pairs: Iterable<readonly [value: number, count: number]>): Sample {
  const byValue = new Map<number, number>();
  for (const [value, count] of pairs) {
    assert(Number.isFinite(value), "a sample holds finite numbers");
    byValue.set(value, (byValue.get(value) ?? 0) + count); // A map takes -0 for 0.
  }
  const values = Float64Array.from(byValue.keys()).sort();
  const counts = values.map((value) => byValue.get(value) ?? 0);
  return { values, counts, size: sumOf(counts.length, (i) => counts[i] ?? 0) };
}

/** The same values with those outside of a range moved to its ends. */
export function clamp(sample: Sample, range: { from: number; to: number }): Sample {
  const pairs = [...sample.values].map((value, i) => {
    return [Math.min(Math.max(value, range.from), range.to), sample.counts[i] ?? 0] as const;
  });
  return sampleOfCounts(pairs);
}

export function mean({ values, counts, size }: Sample): number {
  return sumOf(values.length, (i) => (values[i] ?? 0) * (counts[i] ?? 0)) / size;
}

/** Of the whole population: divided by n. */
export function standardDeviation(sample: Sample): number {
  const { values, counts, size } = sample;
  const centre = mean(sample);
  const squares = sumOf(values.length, (i) => ((values[i] ?? 0) - centre) ** 2 * (counts[i] ?? 0));
  return Math.sqrt(squares / size);
}

/**
 * Quantiles by linear interpolation between the two nearest values: position q·(n-1).
 * @param shares from 0 to 1, rising
 * @remarks Hyndman and Fan's definition 7, the default of numpy.quantile.
 */
export function quantiles({ values, counts, size }: Sample, shares: readonly number[]): number[] {
  assert(size > 0, "an empty sample has no quantiles");
  let at = 0;
  let before = 0; // How many lie in front of values[at].
  const valueAt = (place: number): number => {
    while (at < values.length - 1 && before + (counts[at] ?? 0) <= place) {
      before += counts[at] ?? 0;
      at += 1;
    }
    return values[at] ?? Number.NaN;
  };
  return shares.map((share) => {
    const position = share * (size - 1);
    const low = Math.floor(position);
    const left = valueAt(low);
    const weight = position - low;
    const next = before + (counts[at] ?? 0) <= low + 1 ? (values[at + 1] ?? left) : left;
    return weight === 0 || next === left ? left : interpolate(left, next, weight);
  });
}

function interpolate(left: number, right: number, weight: number): number {
  // From the nearer end, so that a weight close to one rounds towards the right value.
  return weight < 0.5 ? left + (right - left) * weight : right - (right - left) * (1 - weight);
}
