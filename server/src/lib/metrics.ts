const SERIES_MAX = 2000; // A metric with more label values than this is a mistake; what exceeds it is counted and left out.
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export type MetricKind = "counter" | "gauge" | "histogram";

/** One number at the moment of asking. `name` carries a histogram's `_bucket`, `_sum` or `_count`. */
export interface Sample {
  name: string;
  kind: MetricKind;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** A fixed set of label names is given with the metric; their values, in that order, with each call. */
export interface Counter {
  add(amount: number, ...values: string[]): void;
}
export interface Gauge {
  set(value: number, ...values: string[]): void;
}
export interface Histogram {
  observe(value: number, ...values: string[]): void;
}

export interface MetricOptions {
  name: string;
  help: string;
  labels?: readonly string[];
}

/** The numbers of one process. Names follow the text exposition's conventions: base units, `_total` for counters. */
export interface Metrics {
  counter(options: MetricOptions): Counter;
  gauge(options: MetricOptions): Gauge;
  /** `buckets` are upper bounds, rising; one that takes everything is added. */
  histogram(options: MetricOptions & { buckets: readonly number[] }): Histogram;
  /** Runs before each reading, to set gauges that are read off something. */
  onCollect(collect: () => void): void;
  /** All numbers now, in the order in which they were declared. */
  collect(): Sample[];
  /** Text exposition format 0.0.4. */
  exposition(): string;
}

/** Durations of requests, in seconds: from a cached read to a client's patience. */
export const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

interface Series {
  values: readonly string[];
  /** A counter's or gauge's number; a histogram's sum. */
  value: number;
  /** How many fell into each bucket alone; the last one takes what is above all bounds. */
  counts: number[];
}

interface Family extends Required<MetricOptions> {
  kind: MetricKind;
  buckets: readonly number[];
  series: Map<string, Series>;
}

export function createMetrics(): Metrics {
  const families = new Map<string, Family>();
  const collectors: (() => void)[] = [];
  const refused = counter({
    name: "metric_series_refused_total",
    help: "Numbers left out because their metric has too many series.",
    labels: ["metric"],
  });

  return {
    counter,
    gauge: (options) => {
      const family = declare("gauge", options);
      return {
        set(value, ...values) {
          const series = seriesOf(family, values);
          if (series !== undefined) series.value = value;
        },
      };
    },
    histogram: (options) => {
      const family = declare("histogram", options, options.buckets);
      return { observe: (value, ...values) => observe(family, value, values) };
    },
    onCollect: (collect) => {
      collectors.push(collect);
    },
    collect,
    exposition: () => {
      for (const read of collectors) read();
      return [...families.values()].map(describe).join("");
    },
  };

  function counter(options: MetricOptions): Counter {
    const family = declare("counter", options);
    return {
      add(amount, ...values) {
        if (!(amount >= 0)) throw new Error(`Counter ${family.name} cannot fall by ${amount}.`);
        const series = seriesOf(family, values);
        if (series !== undefined) series.value += amount;
      },
    };
  }

  function observe(family: Family, value: number, values: readonly string[]): void {
    if (Number.isNaN(value)) return;
    const series = seriesOf(family, values);
    if (series === undefined) return;
    let bucket = 0;
    while (bucket < family.buckets.length && value > (family.buckets[bucket] ?? 0)) bucket += 1;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.value += value;
  }

  function declare(kind: MetricKind, options: MetricOptions, buckets: readonly number[] = []): Family {
    const { name, help, labels = [] } = options;
    if (!NAME.test(name) || !labels.every((label) => LABEL.test(label)))
      throw new Error(`Metric ${name}: no such name or label can be exposed.`);
    if (families.has(name)) throw new Error(`Metric ${name} is declared twice.`);
    if (buckets.some((bound, index) => index > 0 && bound <= (buckets[index - 1] ?? 0)))
      throw new Error(`Metric ${name}: its buckets must rise.`);
    const family = { kind, name, help, labels, buckets, series: new Map() };
    families.set(name, family);
    if (labels.length === 0 && kind !== "gauge") seriesOf(family, []); // A counter shows 0 before its first event.
    return family;
  }

  function seriesOf(family: Family, values: readonly string[]): Series | undefined {
    const key = values.length === 1 ? (values[0] ?? "") : values.join("\u0000");
    const known = family.series.get(key);
    if (known !== undefined) return known;
    if (values.length !== family.labels.length)
      throw new Error(`Metric ${family.name} has the labels ${family.labels.join(", ")}.`);
    if (family.series.size >= SERIES_MAX) {
      refused.add(1, family.name);
      return undefined;
    }
    const counts = family.kind === "histogram" ? Array(family.buckets.length + 1).fill(0) : [];
    const series: Series = { values, value: 0, counts };
    family.series.set(key, series);
    return series;
  }

  function collect(): Sample[] {
    for (const read of collectors) read();
    return [...families.values()].flatMap((family) =>
      [...family.series.values()].flatMap((series) => samplesOf(family, series)),
    );
  }
}

function samplesOf(family: Family, series: Series): Sample[] {
  const { name, kind } = family;
  const labels = Object.fromEntries(family.labels.map((label, index) => [label, series.values[index] ?? ""]));
  if (kind !== "histogram") return [{ name, kind, labels, value: series.value }];
  let below = 0;
  const buckets = series.counts.map((count, index): Sample => {
    below += count;
    const le = formatNumber(family.buckets[index] ?? Number.POSITIVE_INFINITY);
    return { name: `${name}_bucket`, kind, labels: { ...labels, le }, value: below };
  });
  return [
    ...buckets,
    { name: `${name}_sum`, kind, labels, value: series.value },
    { name: `${name}_count`, kind, labels, value: below },
  ];
}

function describe(family: Family): string {
  const help = family.help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  let text = `# HELP ${family.name} ${help}\n# TYPE ${family.name} ${family.kind}\n`;
  for (const series of family.series.values())
    for (const { name, labels, value } of samplesOf(family, series))
      text += `${name}${formatLabels(labels)} ${formatNumber(value)}\n`;
  return text;
}

function formatLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}
