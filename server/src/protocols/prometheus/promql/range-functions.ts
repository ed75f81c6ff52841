/** Samples of one series in a range, by time: from `from` up to before `to`. */
export interface Window {
  atMs: readonly number[];
  values: readonly number[];
  from: number;
  to: number;
  /** Exclusive and inclusive: ranges are open on the left, as in Prometheus 3. */
  startMs: number;
  endMs: number;
}

type RangeFunction = (window: Window, parameter: number) => number | undefined;

/** What each makes of a series' samples; undefined leaves the series out. */
export const RANGE_FUNCTIONS: Record<string, RangeFunction> = {
  rate: (window) => extrapolated(window, { counter: "yes", per: "second" }),
  increase: (window) => extrapolated(window, { counter: "yes", per: "range" }),
  delta: (window) => extrapolated(window, { counter: "no", per: "range" }),
  irate: (window) => lastTwo(window, { counter: "yes", per: "second" }),
  idelta: (window) => lastTwo(window, { counter: "no", per: "range" }),
  changes: (window) =>
    countPairs(window, (before, value) => before !== value && !(Number.isNaN(before) && Number.isNaN(value))),
  resets: (window) => countPairs(window, (before, value) => value < before),
  count_over_time: ({ from, to }) => to - from,
  present_over_time: () => 1,
  last_over_time: ({ values, to }) => values[to - 1],
  sum_over_time: (window) => sumOf(valuesOf(window)),
  avg_over_time: (window) => meanOf(valuesOf(window)),
  min_over_time: (window) => extremeOf(valuesOf(window), (a, b) => a < b),
  max_over_time: (window) => extremeOf(valuesOf(window), (a, b) => a > b),
  stddev_over_time: (window) => Math.sqrt(varianceOf(valuesOf(window))),
  stdvar_over_time: (window) => varianceOf(valuesOf(window)),
  quantile_over_time: (window, quantile) => quantileOf(quantile, valuesOf(window)),
};

type How = { counter: "yes" | "no"; per: "second" | "range" };

/**
 * The growth over the whole range from the samples in it: prolonged to its edges where samples come close to them, and
 * never below zero for a counter.
 * @remarks prometheus/promql/functions.go, extrapolatedRate.
 */
function extrapolated(
  { atMs, values, from, to, startMs, endMs }: Window,
  { counter, per }: How,
): number | undefined {
  const count = to - from;
  if (count < 2) return undefined;
  const first = values[from] ?? 0;
  const firstMs = atMs[from] ?? 0;
  const lastMs = atMs[to - 1] ?? 0;
  let growth = (values[to - 1] ?? 0) - first;
  if (counter === "yes") {
    for (let i = from + 1; i < to; i += 1) {
      const before = values[i - 1] ?? 0;
      if ((values[i] ?? 0) < before) growth += before;
    }
  }
  const sampled = (lastMs - firstMs) / 1000;
  const between = sampled / (count - 1);
  const near = between * 1.1;
  let toStart = (firstMs - startMs) / 1000;
  let toEnd = (endMs - lastMs) / 1000;
  if (toStart >= near) toStart = between / 2;
  if (counter === "yes" && growth > 0 && first >= 0) toStart = Math.min(toStart, sampled * (first / growth));
  if (toEnd >= near) toEnd = between / 2;
  const whole = growth * ((sampled + toStart + toEnd) / sampled);
  return per === "second" ? whole / ((endMs - startMs) / 1000) : whole;
}

function lastTwo({ atMs, values, from, to }: Window, { counter, per }: How): number | undefined {
  if (to - from < 2) return undefined;
  const before = values[to - 2] ?? 0;
  const last = values[to - 1] ?? 0;
  const growth = counter === "yes" && last < before ? last : last - before;
  return per === "second" ? growth / (((atMs[to - 1] ?? 0) - (atMs[to - 2] ?? 0)) / 1000) : growth;
}

function countPairs(
  { values, from, to }: Window,
  counts: (before: number, value: number) => boolean,
): number {
  let count = 0;
  for (let i = from + 1; i < to; i += 1) if (counts(values[i - 1] ?? 0, values[i] ?? 0)) count += 1;
  return count;
}

function valuesOf({ values, from, to }: Window): readonly number[] {
  return values.slice(from, to);
}

/** With what rounding loses carried along, as Prometheus sums. */
export function sumOf(values: readonly number[]): number {
  let sum = 0;
  let lost = 0;
  for (const value of values) {
    const next = sum + value;
    if (Number.isFinite(next))
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return Number.isFinite(sum) ? sum + lost : sum;
}

export function meanOf(values: readonly number[]): number {
  return sumOf(values) / values.length;
}

/** Of the population. */
export function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return meanOf(values.map((value) => (value - mean) ** 2));
}

/** The first that none beats; what is no number is beaten by any. */
export function extremeOf(values: readonly number[], beats: (a: number, b: number) => boolean): number {
  return values.reduce(
    (best, value) => (beats(value, best) || Number.isNaN(best) ? value : best),
    values[0] ?? Number.NaN,
  );
}

/** Linear between neighbours; what is no number counts as least. */
export function quantileOf(quantile: number, values: readonly number[]): number {
  if (values.length === 0 || Number.isNaN(quantile)) return Number.NaN;
  if (quantile < 0) return -Infinity;
  if (quantile > 1) return Infinity;
  const sorted = values.toSorted((a, b) =>
    Number.isNaN(a) ? (Number.isNaN(b) ? 0 : -1) : Number.isNaN(b) ? 1 : a - b,
  );
  const rank = quantile * (sorted.length - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(lower + 1, sorted.length - 1);
  const weight = rank - lower;
  return (sorted[lower] ?? 0) * (1 - weight) + (sorted[upper] ?? 0) * weight;
}
