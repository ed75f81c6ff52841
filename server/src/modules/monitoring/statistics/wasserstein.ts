import { assert } from "#lib/errors";
import type { Sample } from "./sample.ts";
import { stepsOf } from "./steps.ts";
import { sum } from "./sum.ts";

/**
 * Wasserstein-1 distance: ∫ |F(x) - G(x)| dx over the two empirical distribution functions, in the values' own unit.
 * @remarks Equal to scipy.stats.wasserstein_distance.
 */
export function wasserstein(a: Sample, b: Sample): number {
  assert(a.size > 0 && b.size > 0, "a distance is taken between two samples");
  return sum(areas(a, b));
}

function* areas(a: Sample, b: Sample): Generator<number> {
  let lastX = Number.NaN;
  let lastGap = 0;
  for (const { x, belowA, belowB } of stepsOf(a, b)) {
    if (!Number.isNaN(lastX)) yield lastGap * (x - lastX);
    lastX = x;
    lastGap = Math.abs(belowA / a.size - belowB / b.size);
  }
}
