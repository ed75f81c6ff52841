import { createChooser, type Sample, without } from "./labels.ts";

interface Bucket {
  bound: number;
  count: number;
}

/** Estimates a quantile from buckets, one histogram for each set of labels but `le`. */
export function createHistogramQuantile(): (quantile: number, samples: readonly Sample[]) => Sample[] {
  const chooser = createChooser((labels) => without(labels, ["__name__", "le"]));
  return (quantile, samples) => {
    const histograms = new Map<string, { labels: Sample["labels"]; buckets: Bucket[] }>();
    for (const { labels, value } of samples) {
      const bound = boundOf(labels.le);
      if (bound === undefined) continue;
      const { labels: rest, key } = chooser(labels);
      const histogram = histograms.get(key) ?? { labels: rest, buckets: [] };
      histogram.buckets.push({ bound, count: value });
      histograms.set(key, histogram);
    }
    return [...histograms.values()].map(({ labels, buckets }) => ({
      labels,
      value: bucketQuantile(quantile, buckets),
    }));
  };
}

function boundOf(le: string | undefined): number | undefined {
  if (le === undefined || le === "") return undefined;
  if (/^\+?Inf$/i.test(le)) return Infinity;
  const bound = Number(le);
  return Number.isNaN(bound) ? undefined : bound;
}

/** @remarks prometheus/promql/quantile.go, BucketQuantile. */
function bucketQuantile(quantile: number, given: readonly Bucket[]): number {
  if (Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return -Infinity;
  if (quantile > 1) return Infinity;
  const buckets = rising(given);
  const last = buckets.length - 1;
  const total = buckets[last]?.count ?? 0;
  if (buckets[last]?.bound !== Infinity || buckets.length < 2 || !(total > 0)) return Number.NaN;
  const rank = quantile * total;
  const at = buckets.findIndex(({ count }) => count >= rank);
  if (at === last) return buckets[last - 1]?.bound ?? Number.NaN;
  const { bound, count } = buckets[at] ?? { bound: Number.NaN, count: 0 };
  const below = buckets[at - 1];
  if (below === undefined && bound <= 0) return bound;
  const start = below?.bound ?? 0;
  const inside = count - (below?.count ?? 0);
  return start + (bound - start) * ((rank - (below?.count ?? 0)) / inside);
}

/** By bound, equal bounds as one, and never falling: rounding and late scrapes make counts fall that cannot. */
function rising(given: readonly Bucket[]): Bucket[] {
  const buckets: Bucket[] = [];
  for (const { bound, count } of given.toSorted((a, b) => a.bound - b.bound || 0)) {
    const last = buckets.at(-1);
    if (last?.bound === bound) last.count += count;
    else buckets.push({ bound, count });
  }
  let most = -Infinity;
  for (const bucket of buckets) {
    most = Math.max(most, bucket.count);
    bucket.count = most;
  }
  return buckets;
}
