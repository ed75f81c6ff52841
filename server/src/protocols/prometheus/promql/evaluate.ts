import { createSlice } from "#lib/slice";
import { compare, createAggregation } from "./aggregate.ts";
import { createBinary } from "./binary.ts";
import { cannotExecute, PromError } from "./fault.ts";
import { createHistogramQuantile } from "./histogram.ts";
import { type Labels, nameless, type Sample, signatureOf } from "./labels.ts";
import { RANGE_FUNCTIONS } from "./range-functions.ts";
import type { Call, Expression, Matcher, Selector } from "./syntax.ts";

export const LOOKBACK_MS = 5 * 60_000; // Theirs: how long a sample holds when no newer one comes.
const OUTPUT_MAX = 1_000_000; // Values of an answer: about 30 MiB of JSON.

/** A stored series; `labels` hold its name as `__name__`. */
export interface LoadedSeries {
  labels: Labels;
  atMs: readonly number[];
  values: readonly number[];
}

/** Brings the series of a selector with all samples from `fromMs` to `toMs`, both inclusive, by time. */
export type Load = (
  selector: Pick<Selector, "name" | "matchers">,
  range: { fromMs: number; toMs: number },
) => Promise<readonly LoadedSeries[]>;

export interface Asked {
  startMs: number;
  endMs: number;
  stepMs: number;
  lookbackMs: number;
  deadlineMs: number;
}

/** A value at one moment. */
export type Value = number | readonly Sample[];
type Evaluate = (atMs: number) => Value;
export interface Series {
  labels: Labels;
  points: [atMs: number, value: number][];
}

/** The value at one moment. @throws PromError */
export async function evaluateAt(expression: Expression, asked: Asked, load: Load): Promise<Value> {
  const evaluate = await prepare(expression, asked, load);
  const value = evaluate(asked.startMs);
  if (typeof value !== "number") refuseTwins(value);
  return value;
}

/** The samples of a range selector as they are. @throws PromError */
export async function samplesAt(selector: Selector, asked: Asked, load: Load): Promise<Series[]> {
  const endMs = asked.startMs - selector.offsetMs;
  const startMs = endMs - (selector.rangeMs ?? 0);
  const series = await load(selector, { fromMs: startMs + 1, toMs: endMs });
  return series.map(({ labels, atMs, values }) => ({
    labels,
    points: atMs.map((at, i) => [at, values[i] ?? 0]),
  }));
}

/** The values at each step of a range, a series for each set of labels. @throws PromError */
export async function evaluateRange(expression: Expression, asked: Asked, load: Load): Promise<Series[]> {
  const evaluate = await prepare(expression, asked, load);
  const slice = createSlice();
  const series = new Map<string, Series>();
  let values = 0;
  for (let atMs = asked.startMs; atMs <= asked.endMs; atMs += asked.stepMs) {
    await slice();
    if (performance.now() > asked.deadlineMs)
      throw new PromError("timeout", "query timed out in expression evaluation");
    const value = evaluate(atMs);
    const samples = typeof value === "number" ? [{ labels: {}, value }] : value;
    if (typeof value !== "number") refuseTwins(value);
    values += samples.length;
    if (values > OUTPUT_MAX)
      throw cannotExecute(
        `query would answer more than ${OUTPUT_MAX} values; ask for fewer series or a larger step`,
      );
    for (const { labels, value: at } of samples) {
      const key = signatureOf(labels);
      const one = series.get(key) ?? { labels, points: [] };
      one.points.push([atMs, at]);
      series.set(key, one);
    }
  }
  return [...series.values()].sort((a, b) => (signatureOf(a.labels) < signatureOf(b.labels) ? -1 : 1));
}

function refuseTwins(samples: readonly Sample[]): void {
  const seen = new Set<string>();
  for (const { labels } of samples) {
    const key = signatureOf(labels);
    if (seen.has(key)) throw cannotExecute("vector cannot contain metrics with the same labelset");
    seen.add(key);
  }
}

/** Loads what an expression needs, and makes of it the function that gives its value at any step. */
async function prepare(expression: Expression, asked: Asked, load: Load): Promise<Evaluate> {
  switch (expression.kind) {
    case "number": {
      const { value } = expression;
      return () => value;
    }
    case "negate": {
      const of = await prepare(expression.of, asked, load);
      return (atMs) => mapped(of(atMs), (value) => -value);
    }
    case "selector":
      return prepareSelector(expression, asked, load);
    case "call":
      return prepareCall(expression, asked, load);
    case "aggregate": {
      const { op, grouping, parameter } = expression;
      const of = await prepare(expression.of, asked, load);
      const chosen = parameter === undefined ? () => 0 : await prepare(parameter, asked, load);
      const aggregate = createAggregation(op, grouping);
      return (atMs) => aggregate(vectorOf(of(atMs)), scalarOf(chosen(atMs)));
    }
    case "binary": {
      const left = await prepare(expression.left, asked, load);
      const right = await prepare(expression.right, asked, load);
      const calculate = createBinary(expression);
      return (atMs) => calculate(left(atMs), right(atMs));
    }
  }
}

async function prepareSelector(
  selector: Selector,
  { startMs, endMs, lookbackMs }: Asked,
  load: Load,
): Promise<Evaluate> {
  const { offsetMs } = selector;
  const series = await load(selector, {
    fromMs: startMs - offsetMs - lookbackMs + 1,
    toMs: endMs - offsetMs,
  });
  const newest = series.map(({ atMs }) => createPlace(atMs));
  return (atMs) => {
    const moment = atMs - offsetMs;
    return series.flatMap(({ labels, atMs: times, values }, i) => {
      const place = (newest[i]?.(moment) ?? 0) - 1;
      const at = times[place];
      if (at === undefined || at <= moment - lookbackMs) return [];
      return [{ labels, value: values[place] ?? 0, sampledMs: at }];
    });
  };
}

/** How many of rising times are not after a moment; moments mostly rise too, so the search goes on where it was. */
function createPlace(times: readonly number[]): (moment: number) => number {
  let place = 0;
  return (moment) => {
    while (place > 0 && (times[place - 1] ?? 0) > moment) place -= 1;
    while (place < times.length && (times[place] ?? 0) <= moment) place += 1;
    return place;
  };
}

async function prepareCall(call: Call, asked: Asked, load: Load): Promise<Evaluate> {
  const { name, args } = call;
  if (Object.hasOwn(RANGE_FUNCTIONS, name)) return prepareRangeCall(call, asked, load);
  const prepared = await Promise.all(args.map((arg) => prepare(arg, asked, load)));
  const scalar = (i: number, atMs: number, otherwise = 0): number => {
    const value = prepared[i]?.(atMs);
    return value === undefined ? otherwise : scalarOf(value);
  };
  const vector = (i: number, atMs: number): readonly Sample[] => vectorOf(prepared[i]?.(atMs) ?? []);
  const one = ELEMENTWISE[name];
  if (one !== undefined)
    return (atMs) => mapped(vector(0, atMs), (value) => one(value, scalar(1, atMs, 1), scalar(2, atMs)));
  switch (name) {
    case "time":
      return (atMs) => atMs / 1000;
    case "vector":
      return (atMs) => [{ labels: {}, value: scalar(0, atMs) }];
    case "scalar":
      return (atMs) => {
        const [only, ...others] = vector(0, atMs);
        return only === undefined || others.length > 0 ? Number.NaN : only.value;
      };
    case "timestamp":
      return (atMs) =>
        vector(0, atMs).map((sample) => ({
          labels: nameless(sample.labels),
          value: sampledMsOf(sample, atMs) / 1000,
        }));
    case "sort":
    case "sort_desc":
      return (atMs) =>
        vector(0, atMs).toSorted((a, b) => compare(a.value, b.value, name === "sort" ? 1 : -1));
    case "absent": {
      const labels = saidLabels(args[0]);
      return (atMs) => (vector(0, atMs).length === 0 ? [{ labels, value: 1 }] : []);
    }
    case "clamp":
      return (atMs) => clamped(vector(0, atMs), scalar(1, atMs), scalar(2, atMs));
    case "histogram_quantile": {
      const quantile = createHistogramQuantile();
      return (atMs) => quantile(scalar(0, atMs), vector(1, atMs));
    }
  }
  throw cannotExecute(`function ${name} has no meaning here`);
}

async function prepareRangeCall({ name, args }: Call, asked: Asked, load: Load): Promise<Evaluate> {
  const over = RANGE_FUNCTIONS[name];
  const selector = args.at(-1);
  if (over === undefined || selector?.kind !== "selector")
    throw cannotExecute(`function ${name} needs a range`);
  const { offsetMs, rangeMs = 0 } = selector;
  const parameter = args.length > 1 && args[0] !== undefined ? await prepare(args[0], asked, load) : () => 0;
  const range = { fromMs: asked.startMs - offsetMs - rangeMs + 1, toMs: asked.endMs - offsetMs };
  const series = (await load(selector, range)).map(({ labels, atMs, values }) => ({
    labels: name === "last_over_time" ? labels : nameless(labels),
    ...{ atMs, values },
    begin: createPlace(atMs),
    end: createPlace(atMs),
  }));
  return (atMs) => {
    const endMs = atMs - offsetMs;
    const startMs = endMs - rangeMs;
    const wanted = scalarOf(parameter(atMs));
    return series.flatMap(({ labels, atMs: times, values, begin, end }) => {
      const from = begin(startMs);
      const to = end(endMs);
      const value = from < to ? over({ atMs: times, values, from, to, startMs, endMs }, wanted) : undefined;
      return value === undefined ? [] : [{ labels, value }];
    });
  };
}

const ELEMENTWISE: Record<string, (value: number, first: number, second: number) => number> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  exp: Math.exp,
  ln: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  sqrt: Math.sqrt,
  sgn: Math.sign,
  // Ties go up, also below zero.
  round: (value, nearest) => Math.floor(value * (1 / nearest) + 0.5) / (1 / nearest),
  clamp_min: (value, least) => (Number.isNaN(value) ? value : Math.max(value, least)),
  clamp_max: (value, most) => (Number.isNaN(value) ? value : Math.min(value, most)),
};

function clamped(samples: readonly Sample[], least: number, most: number): readonly Sample[] {
  if (least > most) return [];
  return vectorOf(
    mapped(samples, (value) => (Number.isNaN(value) ? value : Math.max(least, Math.min(most, value)))),
  );
}

function mapped(value: Value, change: (value: number) => number): Value {
  if (typeof value === "number") return change(value);
  return value.map((sample) => ({ labels: nameless(sample.labels), value: change(sample.value) }));
}

function vectorOf(value: Value): readonly Sample[] {
  return typeof value === "number" ? [] : value;
}

function scalarOf(value: Value): number {
  return typeof value === "number" ? value : Number.NaN;
}

/** When a sample was taken: a selector's own says so, of all others it is the moment asked for. */
function sampledMsOf(sample: Sample & { sampledMs?: number }, atMs: number): number {
  return sample.sampledMs ?? atMs;
}

/** What `absent` can say of a series that is not there: the labels that its selector names. */
function saidLabels(of: Expression | undefined): Labels {
  const matchers: readonly Matcher[] = of?.kind === "selector" ? of.matchers : [];
  return Object.fromEntries(
    matchers
      .filter(({ name, op }) => op === "=" && name !== "__name__")
      .map(({ name, value }) => [name, value]),
  );
}
