import { assert } from "#lib/errors";
import { chiSquaredQuantile } from "./gamma.ts";
import { sum, sumOf } from "./sum.ts";

/** What an empty bin is taken to hold: half a row, and both sides are scaled back to a sum of one. */
const EMPTY_BIN_ROWS = 0.5;

/**
 * Population stability index: Σ (p - q)·ln(p/q) over bins, where p and q are the shares of two sets of counts.
 *
 * An empty bin would make it infinite. If a bin of a side is empty, that side's empty bins get half a row each and its
 * counts are divided by the new sum. So one bin that a small window happens to miss weighs little, and the same bin
 * missed by a large window weighs much. A bin that is empty on both sides is left out.
 * @param reference counts a bin, not negative, their sum positive; `current` as long
 * @remarks Equal to scipy.special.rel_entr(p, q).sum() + rel_entr(q, p).sum().
 */
export function populationStability(reference: readonly number[], current: readonly number[]): number {
  const bins = shared(reference, current);
  const p = shares(filled(bins.map((i) => reference[i] ?? 0)));
  const q = shares(filled(bins.map((i) => current[i] ?? 0)));
  return sumOf(p.length, (i) => {
    const [a, b] = [p[i] ?? 0, q[i] ?? 0];
    return (a - b) * Math.log(a / b);
  });
}

/**
 * What the index stays under in `1 - share` of the windows when nothing has changed: χ²(bins - 1)·(1/n + 1/m).
 * @remarks B. Yurdakul, "Statistical properties of population stability index" (2018).
 */
export function stabilityNoise(
  bins: number,
  rows: { reference: number; current: number },
  share: number,
): number {
  if (bins < 2) return 0;
  return chiSquaredQuantile(share, bins - 1) * (1 / rows.reference + 1 / rows.current);
}

/**
 * Jensen-Shannon distance: the square root of ½·KL(p‖m) + ½·KL(q‖m) with m = (p + q)/2. Empty bins need no filling.
 * @param base of the logarithm; with 2 the distance is from 0 to 1
 * @remarks Equal to scipy.spatial.distance.jensenshannon(p, q, base).
 */
export function jensenShannon(
  reference: readonly number[],
  current: readonly number[],
  base = Math.E,
): number {
  assert(reference.length === current.length, "both sides have the same bins");
  const p = shares(reference);
  const q = shares(current);
  const divergence = sumOf(p.length, (i) => {
    const [a, b] = [p[i] ?? 0, q[i] ?? 0];
    const m = (a + b) / 2;
    return (relative(a, m) + relative(b, m)) / 2;
  });
  return Math.sqrt(Math.max(0, divergence) / Math.log(base));
}

function relative(p: number, m: number): number {
  return p === 0 ? 0 : p * Math.log(p / m);
}

/** Bins in which either side has something. */
function shared(reference: readonly number[], current: readonly number[]): number[] {
  assert(reference.length === current.length, "both sides have the same bins");
  return [...reference.keys()].filter((i) => (reference[i] ?? 0) > 0 || (current[i] ?? 0) > 0);
}

function filled(counts: readonly number[]): readonly number[] {
  return counts.map((count) => (count === 0 ? EMPTY_BIN_ROWS : count));
}

function shares(counts: readonly number[]): number[] {
  const total = sum(counts);
  assert(total > 0, "shares are taken of something");
  return counts.map((count) => count / total);
}
