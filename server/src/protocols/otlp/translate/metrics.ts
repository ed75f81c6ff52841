import type { MetricPoint } from "#modules/telemetry";
import type { HistogramPoint, Metric, NumberPoint, SummaryPoint } from "../wire/messages.ts";
import { plainAttributes, textOf } from "./attributes.ts";
import { labelName, prometheusName } from "./metric-name.ts";
import type { Origin } from "./origin.ts";

const NS_A_MS = 1_000_000n;
const DELTA = 1;
const CUMULATIVE = 2;
const NO_RECORDED_VALUE = 1; // A flag: the series has ended here.
const BUCKETS_MAX = 500; // Each becomes a series.
const SERIES_LABELS = new Set(["le", "quantile"]);

/** One data point of a sender as the numbers that keep it, or in words why it cannot be kept. */
export type Translated = readonly MetricPoint[] | string;

type Common = Pick<MetricPoint, "unit" | "help" | "kind" | "counts">;
type Named = Common & { name: string };

/**
 * The data points of a metric, each decoded when it is asked for.
 * @remarks Wire format: opentelemetry/proto/metrics/v1/metrics.proto.
 */
export function* translateMetric(metric: Metric, origin: Origin): Generator<Translated> {
  const { name = "", unit = "", description: help = "" } = metric;
  const { gauge, sum, histogram, exponentialHistogram, summary } = metric;
  const value: Common = { unit, help, kind: "gauge", counts: "total" };
  if (gauge !== undefined) {
    const named = prometheusName(name, unit, "gauge");
    for (const point of gauge.dataPoints) yield ofNumber(point(), { ...value, name: named }, origin);
  }
  if (sum !== undefined) {
    const counter = sum.isMonotonic === true;
    const named = prometheusName(name, unit, counter ? "counter" : "gauge");
    const common = commonOf(value, sum.aggregationTemporality, counter ? "counter" : "gauge");
    for (const point of sum.dataPoints)
      yield typeof common === "string"
        ? `${name}: ${common}`
        : ofNumber(point(), { ...common, name: named }, origin);
  }
  if (histogram !== undefined) {
    const named = prometheusName(name, unit, "other");
    const common = commonOf(value, histogram.aggregationTemporality, "counter");
    for (const point of histogram.dataPoints)
      yield typeof common === "string"
        ? `${name}: ${common}`
        : ofHistogram(point(), { ...common, name: named }, origin);
  }
  if (summary !== undefined) {
    const named = prometheusName(name, unit, "other");
    for (const point of summary.dataPoints) yield ofSummary(point(), { ...value, name: named }, origin);
  }
  for (const _ of exponentialHistogram?.dataPoints ?? [])
    yield `${name} is an exponential histogram; send it with explicit buckets`;
}

/** A sum that goes up and down and comes as increments has no running total that we could know. */
function commonOf(
  value: Common,
  temporality: number | undefined,
  kind: "counter" | "gauge",
): Common | string {
  if (temporality === CUMULATIVE) return { ...value, kind };
  if (temporality !== DELTA)
    return "its points say neither that they are totals nor that they are increments";
  if (kind === "gauge") return "it goes up and down; send totals (cumulative temporality) and no increments";
  return { ...value, kind, counts: "increment" };
}

function ofNumber(point: NumberPoint, common: Named, origin: Origin): Translated {
  if (((point.flags ?? 0) & NO_RECORDED_VALUE) !== 0) return [];
  const value = point.asDouble ?? (point.asInt === undefined ? undefined : Number(point.asInt));
  if (value === undefined) return `${common.name} has a point without a value`;
  return [{ ...common, labels: labelsOf(point, origin), atMs: timeOf(point), value }];
}

function ofHistogram(point: HistogramPoint, { name, ...common }: Named, origin: Origin): Translated {
  if (((point.flags ?? 0) & NO_RECORDED_VALUE) !== 0) return [];
  const { bucketCounts, explicitBounds, count = 0n } = point;
  if (bucketCounts.length > BUCKETS_MAX) return `${name} has more than ${BUCKETS_MAX} buckets`;
  if (bucketCounts.length > 0 && bucketCounts.length !== explicitBounds.length + 1)
    return `${name} has ${bucketCounts.length} buckets and ${explicitBounds.length} bounds`;
  if (explicitBounds.some((bound, i) => !(bound > (explicitBounds[i - 1] ?? -Infinity))))
    return `${name} has bounds that do not rise`;
  const labels = labelsOf(point, origin);
  const rest = { ...common, atMs: timeOf(point) };
  const points: MetricPoint[] = [];
  let below = 0n;
  for (const [i, bound] of explicitBounds.entries()) {
    below += bucketCounts[i] ?? 0n;
    points.push({
      ...rest,
      name: `${name}_bucket`,
      labels: { ...labels, le: bucketBound(bound) },
      value: Number(below),
    });
  }
  points.push({ ...rest, name: `${name}_bucket`, labels: { ...labels, le: "+Inf" }, value: Number(count) });
  points.push({ ...rest, name: `${name}_count`, labels, value: Number(count) });
  // A sum that may fall (of negative measurements) is left out by its sender.
  if (point.sum !== undefined) points.push({ ...rest, name: `${name}_sum`, labels, value: point.sum });
  return points;
}

function ofSummary(point: SummaryPoint, { name, ...common }: Named, origin: Origin): Translated {
  if (((point.flags ?? 0) & NO_RECORDED_VALUE) !== 0) return [];
  const labels = labelsOf(point, origin);
  const rest = { ...common, atMs: timeOf(point) };
  const counter = { ...rest, kind: "counter" } as const;
  return [
    ...point.quantileValues.map(({ quantile = 0, value = 0 }) => ({
      ...rest,
      name,
      labels: { ...labels, quantile: String(quantile) },
      value,
    })),
    { ...counter, name: `${name}_sum`, labels, value: point.sum ?? 0 },
    { ...counter, name: `${name}_count`, labels, value: Number(point.count ?? 0n) },
  ];
}

/** Bounds as Prometheus 3 writes them, whole numbers with `.0`. */
function bucketBound(bound: number): string {
  if (bound === Infinity) return "+Inf";
  return Number.isInteger(bound) && Math.abs(bound) < 1e21 ? `${bound}.0` : String(bound);
}

function timeOf({ timeUnixNano }: { timeUnixNano: bigint | undefined }): number {
  return timeUnixNano === undefined || timeUnixNano === 0n ? Number.NaN : Number(timeUnixNano / NS_A_MS);
}

/** The point's own attributes, then what its resource says; names that become the same are joined by `;`. */
function labelsOf(
  { attributes }: { attributes: Parameters<typeof plainAttributes>[0] },
  { labels, service, instance }: Origin,
): Record<string, string> {
  const own: Record<string, string> = {};
  for (const [key, value] of Object.entries(plainAttributes(attributes)).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    const clean = labelName(key);
    const name = SERIES_LABELS.has(clean) || clean.startsWith("__") ? `attribute_${clean}` : clean;
    own[name] = Object.hasOwn(own, name) ? `${own[name]};${textOf(value)}` : textOf(value);
  }
  // A job of ours is called by the name that Prometheus has for a service; one that is no job of ours has that name.
  return { ...own, job: service, instance, ...labels };
}
