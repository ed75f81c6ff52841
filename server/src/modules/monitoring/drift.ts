import type { MetricValues } from "@atrium/contract/monitoring";
import {
  type BinCounts,
  binsOf,
  CATEGORIES_SHOWN,
  type CategoryProfile,
  type NumberProfile,
} from "./profile.ts";
import { compareCategories } from "./statistics/chi-squared.ts";
import { jensenShannon, populationStability, stabilityNoise } from "./statistics/divergence.ts";
import { kolmogorovSmirnov } from "./statistics/ks.ts";
import { clamp, mean, quantiles, type Sample, standardDeviation } from "./statistics/sample.ts";
import { sum } from "./statistics/sum.ts";
import { wasserstein } from "./statistics/wasserstein.ts";

const NOISE_SHARE = 0.001; // One quiet window in a thousand goes beyond the line: hourly windows, once in six weeks.
const EXACT_WORK_MAX = 1_000_000; // Pairs of values whose exact p-value takes some milliseconds of the event loop.

/** A number column of a window beside its reference. `sample` holds its finite values, all of them or as drawn. */
export function numberMetrics(
  profile: NumberProfile,
  window: { bins: BinCounts; sample: Sample; extremes: { minimum: number; maximum: number } | undefined },
): MetricValues {
  const { bins, sample, extremes } = window;
  const ranges = profile.counts.length;
  const valid = sum(bins.slice(0, ranges));
  const [missing = 0, invalid = 0] = bins.slice(ranges);
  const rows = valid + missing + invalid;
  const values: MetricValues = {
    ...binned(
      binsOf(profile).map((bin) => bin.rows),
      bins,
    ),
    nullShare: missing / rows,
  };
  if (valid + invalid > 0) values.typeErrorShare = invalid / (valid + invalid);
  if (valid === 0 || sample.size === 0) return values;
  const outside = (bins[0] ?? 0) + (bins[ranges - 1] ?? 0);
  if (profile.edges.length > 0) values.outOfRangeShare = outside / valid;
  const [median = 0] = quantiles(sample, [0.5]);
  Object.assign(values, {
    mean: mean(sample),
    standardDeviation: standardDeviation(sample),
    median,
    ...(extremes === undefined ? {} : extremes),
  });
  return profile.sample.size === 0 ? values : { ...values, ...distances(profile, sample) };
}

function distances(profile: NumberProfile, sample: Sample): MetricValues {
  const { clamp: range, standardDeviation: spread } = profile;
  const reference: Sample = {
    values: Float64Array.from(profile.sample.values),
    counts: Float64Array.from(profile.sample.counts),
    size: profile.sample.size,
  };
  const method = reference.size * sample.size <= EXACT_WORK_MAX ? "exact" : "asymptotic";
  const ks = kolmogorovSmirnov(reference, sample, method);
  const distance = wasserstein(clamp(reference, range), clamp(sample, range));
  return {
    ks: ks.statistic,
    ksPValue: ks.pValue,
    wasserstein: distance,
    // In units of a constant nothing can be told: a scale of zero has no multiples.
    ...(spread > 0 ? { wassersteinScaled: distance / spread } : {}),
  };
}

/** A category column of a window beside its reference; bins are those of `binsOf`. */
export function categoryMetrics(
  profile: CategoryProfile,
  window: { bins: BinCounts; distinct: number },
): MetricValues {
  const { bins, distinct } = window;
  const reference = binsOf(profile).map((bin) => bin.rows);
  const rows = sum(bins);
  const missing = bins.at(-1) ?? 0;
  const valid = rows - missing;
  const values: MetricValues = { ...binned(reference, bins), nullShare: missing / rows, distinct };
  // Of a reference with more categories than are kept, nobody can say what it did not have.
  const unseenAt = Math.min(profile.categories.length, CATEGORIES_SHOWN) + 1;
  if (valid > 0 && profile.unnamed === 0) values.unseenShare = (bins[unseenAt] ?? 0) / valid;
  if (sum(reference.slice(0, -1)) > 0 && valid > 0) {
    const test = compareCategories(reference.slice(0, -1), bins.slice(0, -1));
    Object.assign(values, { chiSquared: test.statistic, chiSquaredPValue: test.pValue });
  }
  return values;
}

/** What bins alone tell. They are the reference's own, so that one far value moves one bin's count and nothing else. */
function binned(reference: readonly number[], current: BinCounts): MetricValues {
  const rows = { reference: sum(reference), current: sum(current) };
  if (rows.reference === 0 || rows.current === 0) return {};
  const used = reference.filter((count, i) => count > 0 || (current[i] ?? 0) > 0).length;
  return {
    psi: populationStability(reference, current),
    psiNoise: stabilityNoise(used, rows, NOISE_SHARE),
    jensenShannon: jensenShannon(reference, current, 2),
  };
}
