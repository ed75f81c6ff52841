import { assert } from "#lib/errors";
import { chiSquaredAbove } from "./gamma.ts";
import { sum, sumOf } from "./sum.ts";

export interface ChiSquared {
  statistic: number;
  /** 1 when there are no degrees of freedom. */
  pValue: number;
  degreesOfFreedom: number;
}

/**
 * Pearson's test of independence: Σ (observed - expected)²/expected, expected = row sum · column sum / total.
 * @param table rows of equal length; every row and column sums to more than zero
 * @param correction `yates` moves each cell of a table with one degree of freedom up to ½ towards what was expected
 * @remarks Equal to scipy.stats.chi2_contingency(table, correction).
 */
export function chiSquared(
  table: readonly (readonly number[])[],
  correction: "none" | "yates" = "none",
): ChiSquared {
  const columns = table[0]?.length ?? 0;
  const rowSums = table.map((row) => sum(row));
  const columnSums = Array.from({ length: columns }, (_, j) => sum(table.map((row) => row[j] ?? 0)));
  assert(
    [...rowSums, ...columnSums].every((total) => total > 0),
    "no row or column of a contingency table is empty",
  );
  const total = sum(rowSums);
  const degreesOfFreedom = (table.length - 1) * (columns - 1);
  if (degreesOfFreedom === 0) return { statistic: 0, pValue: 1, degreesOfFreedom };
  const isCorrected = correction === "yates" && degreesOfFreedom === 1;
  const statistic = sumOf(table.length * columns, (cell) => {
    const [i, j] = [Math.floor(cell / columns), cell % columns];
    const expected = ((rowSums[i] ?? 0) * (columnSums[j] ?? 0)) / total;
    const gap = Math.abs((table[i]?.[j] ?? 0) - expected);
    return (gap - (isCorrected ? Math.min(0.5, gap) : 0)) ** 2 / expected;
  });
  return { statistic, pValue: chiSquaredAbove(statistic, degreesOfFreedom), degreesOfFreedom };
}

const EXPECTED_MIN = 5; // Below it the distribution of the statistic is not the one that the p-value is taken from.

/**
 * Whether two sets of counts over the same categories may come from one distribution. Categories of which less than five
 * are expected on a side are counted together; categories that neither side has are left out.
 */
export function compareCategories(reference: readonly number[], current: readonly number[]): ChiSquared {
  assert(reference.length === current.length, "both sides have the same categories");
  const [n, m] = [sum(reference), sum(current)];
  assert(n > 0 && m > 0, "two sets of counts are compared");
  const smaller = Math.min(n, m) / (n + m);
  const kept: [number, number][] = [];
  let rest: [number, number] = [0, 0];
  for (const [i, a] of reference.entries()) {
    const b = current[i] ?? 0;
    if ((a + b) * smaller >= EXPECTED_MIN) kept.push([a, b]);
    else rest = [rest[0] + a, rest[1] + b];
  }
  if (rest[0] + rest[1] > 0) kept.push(rest);
  return chiSquared([kept.map(([a]) => a), kept.map(([, b]) => b)]);
}
