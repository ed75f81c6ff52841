const Z = 1.959964; // 95 % of a normal distribution lie within so many standard deviations.

/**
 * Where a share truly lies with 95 % confidence, when `share` of `n` were counted (Wilson, 1927): unlike a plain
 * standard error it stays within 0 and 1 and does not call three of three a certainty.
 */
export function wilson(share: number, n: number): readonly [number, number] {
  const z2 = Z * Z;
  const middle = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
