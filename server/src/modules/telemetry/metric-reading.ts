import type { Sample } from "#lib/metrics";

const QUANTILES = [0.5, 0.95, 0.99];

/** What is kept of one reading: plain numbers as they are; of a histogram its sum, count and the interval's quantiles. */
export interface ReadingMaker {
  /** `samples` as the process's metrics give them; histograms are compared with the reading before. */
  read(samples: readonly Sample[]): Sample[];
}

/** Buckets themselves are not kept: they are fifteen series where people look at three. */
export function createReadingMaker(): ReadingMaker {
  let before = new Map<string, Bucket[]>();
  return {
    read(samples) {
      const histograms = new Map<string, { name: string; labels: Sample["labels"]; buckets: Bucket[] }>();
      const kept: Sample[] = [];
      for (const sample of samples) {
        if (sample.kind !== "histogram" || !sample.name.endsWith("_bucket")) {
          const kind = sample.kind === "histogram" ? "counter" : sample.kind;
          if (Number.isFinite(sample.value)) kept.push({ ...sample, kind });
          continue;
        }
        const { le = "+Inf", ...labels } = sample.labels;
        const key = JSON.stringify([sample.name, labels]);
        const histogram = histograms.get(key) ?? {
          name: sample.name.slice(0, -"_bucket".length),
          labels,
          buckets: [],
        };
        histogram.buckets.push({
          bound: le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le),
          below: sample.value,
        });
        histograms.set(key, histogram);
      }
      for (const [key, { name, labels, buckets }] of histograms) {
        const grown = difference(buckets, before.get(key));
        for (const quantile of QUANTILES) {
          const value = quantileOf(grown, quantile);
          if (value !== undefined)
            kept.push({ name, kind: "gauge", labels: { ...labels, quantile: String(quantile) }, value });
        }
      }
      before = new Map([...histograms].map(([key, { buckets }]) => [key, buckets]));
      return kept;
    },
  };
}

/** How many observations there were up to a bound. */
interface Bucket {
  bound: number;
  below: number;
}

function difference(now: readonly Bucket[], before: readonly Bucket[] | undefined): Bucket[] {
  return now.map(({ bound, below }, index) => ({ bound, below: below - (before?.[index]?.below ?? 0) }));
}

/** Linear within the bucket; above the last bound, that bound. Undefined when nothing was observed. */
export function quantileOf(buckets: readonly Bucket[], quantile: number): number | undefined {
  const total = buckets.at(-1)?.below ?? 0;
  if (total <= 0) return undefined;
  const rank = quantile * total;
  const index = buckets.findIndex(({ below }) => below >= rank);
  const { bound, below } = buckets[index] ?? { bound: Number.POSITIVE_INFINITY, below: total };
  const lower = buckets[index - 1] ?? { bound: 0, below: 0 };
  if (!Number.isFinite(bound)) return lower.bound;
  const share = below === lower.below ? 1 : (rank - lower.below) / (below - lower.below);
  return lower.bound + (bound - lower.bound) * share;
}
