import { assert } from "#lib/errors";
import { kolmogorovAbove } from "./kolmogorov.ts";
import type { Sample } from "./sample.ts";
import { stepsOf } from "./steps.ts";

const EXACT_SIZE_MAX = 10_000; // Beyond it the count of paths takes seconds, and the asymptotic value is as good.

export interface KolmogorovSmirnov {
  /** sup |F - G|, from 0 to 1. */
  statistic: number;
  pValue: number;
}

/** `auto` is exact for samples of at most 10,000 values each. */
export type KsMethod = "auto" | "exact" | "asymptotic";

/**
 * Two-sample, two-sided Kolmogorov-Smirnov test: the greatest gap between two empirical distribution functions, and how
 * often two samples of one continuous distribution have so great a one.
 * @remarks Equal to scipy.stats.ks_2samp(a, b, method).
 */
export function kolmogorovSmirnov(a: Sample, b: Sample, method: KsMethod = "auto"): KolmogorovSmirnov {
  assert(a.size > 0 && b.size > 0, "two samples are compared");
  let statistic = 0;
  // Whole multiples of 1/lcm: exact, where differences of fractions are not.
  const divisor = greatestCommonDivisor(a.size, b.size);
  const [weightA, weightB] = [b.size / divisor, a.size / divisor];
  let gap = 0;
  for (const { belowA, belowB } of stepsOf(a, b)) {
    gap = Math.max(gap, Math.abs(belowA * weightA - belowB * weightB));
    statistic = Math.max(statistic, Math.abs(belowA / a.size - belowB / b.size));
  }
  const exact = method === "exact" || (method === "auto" && Math.max(a.size, b.size) <= EXACT_SIZE_MAX);
  if (exact) return { statistic: gap / (a.size * weightA), pValue: exactPValue(a.size, b.size, gap) };
  const size = roundToEven((a.size * b.size) / (a.size + b.size));
  return { statistic, pValue: kolmogorovAbove(size, statistic) };
}

/**
 * The share of all orders of m + n values in which the gap, times lcm(m, n), reaches `gap`. An order is a path from
 * (0, 0) to (m, n); `left(i, j)` is the chance that a random path to (i, j) has left the band by then, and its last step
 * came from (i-1, j) with chance i/(i+j). Summing what is outside keeps small p-values exact.
 * @remarks J. L. Hodges, "The significance probability of the Smirnov two-sample test", Arkiv för Matematik 3 (1958).
 */
function exactPValue(sizeA: number, sizeB: number, gap: number): number {
  if (gap === 0) return 1;
  const [m, n] = [Math.max(sizeA, sizeB), Math.min(sizeA, sizeB)];
  const divisor = greatestCommonDivisor(m, n);
  const [stepI, stepJ] = [n / divisor, m / divisor];
  const left = new Float64Array(n + 1);
  for (let i = 0; i <= m; i += 1) {
    for (let j = 0; j <= n; j += 1) {
      if (Math.abs(i * stepI - j * stepJ) >= gap) left[j] = 1;
      else if (i === 0 || j === 0) left[j] = 0;
      else left[j] = (i * (left[j] ?? 0) + j * (left[j - 1] ?? 0)) / (i + j);
    }
  }
  return left[n] ?? 1;
}

/** Halves go to the even neighbour, as in numpy. */
function roundToEven(x: number): number {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
