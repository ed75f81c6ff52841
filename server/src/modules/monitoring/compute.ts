import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { MetricValues } from "@atrium/contract/monitoring";
import { categoryMetrics, numberMetrics } from "./drift.ts";
import { type Ask, numberIn, optionalNumberIn } from "./engine.ts";
import type { FrameSource } from "./frame-queries.ts";
import { type Judged, performanceMetrics } from "./performance.ts";
import type { Performance, Segment, WatchedColumn } from "./plan.ts";
import {
  binsOf,
  CATEGORIES_SHOWN,
  type CategoryProfile,
  type NumberProfile,
  type Profile,
} from "./profile.ts";
import { sampleOfCounts } from "./statistics/sample.ts";
import * as queries from "./window-queries.ts";

const SAMPLE_ROWS_MAX = 20_000; // KS of so many is right to 0.01, and its values are read in some milliseconds.

/** What came out for one column of one segment, or for the segment as a whole where there is no column. */
export interface Computed {
  segment: string;
  column: string;
  rows: number;
  insufficient: boolean;
  /** 0 when all rows were taken. */
  sampledRows: number;
  values: MetricValues;
  bins: readonly number[];
}

/** Everything that a window's results depend on. */
export interface WindowInput {
  ask: Ask;
  source: FrameSource;
  segments: readonly Segment[];
  columns: readonly WatchedColumn[];
  profileOf(column: string): Promise<Profile>;
  rowsMin: number;
  performance: Performance | undefined;
  /** Undefined where no label has come. */
  labels: queries.LabelSource | undefined;
}

/** Computes a window whole: the same rows and labels give the same results, whoever computes them and whenever. */
export async function computeWindow(input: WindowInput): Promise<Computed[]> {
  const totals = await computeTraffic(input);
  const rowsOf = totals.map(({ rows }) => rows);
  const results: Computed[] = [...(await withPerformance(input, totals))];
  const profiles = new Map<string, Profile>();
  for (const { name } of input.columns) profiles.set(name, await input.profileOf(name));
  const bins = await numberBins(input, profiles);
  for (const [at, column] of input.columns.entries()) {
    const profile = profiles.get(column.name);
    if (profile === undefined || (rowsOf[0] ?? 0) === 0) continue;
    const made =
      profile.kind === "number"
        ? await numberResults(input, { column, profile, bins: bins.get(at) ?? [], rowsOf })
        : await categoryResults(input, { column, profile, rowsOf });
    results.push(...made);
  }
  return results;
}

/** What changes when a late label comes: the segments as a whole, and no column. */
export async function computeSegments(input: WindowInput): Promise<Computed[]> {
  return withPerformance(input, await computeTraffic(input));
}

/** The same for the same results, in whatever order they come. */
export function digestOf(results: readonly Computed[]): string {
  const keyed = results.map((one) => ({ ...one, values: Object.entries(one.values).sort(byName) }));
  const ordered = keyed.toSorted((a, b) => compare(a.segment, b.segment) || compare(a.column, b.column));
  return createHash("sha256").update(JSON.stringify(ordered)).digest("hex");
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return compare(a, b);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

async function computeTraffic({ ask, source, segments, rowsMin }: WindowInput): Promise<Computed[]> {
  const [row = []] = await ask(queries.traffic(source, segments));
  const isLogged = source.columns.some((column) => column.name === "latency_ms");
  return segments.map(({ name }, i) => {
    const at = i * 7;
    const rows = optionalNumberIn(row, at) ?? 0;
    const insufficient = rows < rowsMin;
    const share = (offset: number) => (optionalNumberIn(row, at + offset) ?? 0) / rows;
    const [latencyP50Ms, latencyP95Ms, latencyP99Ms] = [4, 5, 6].map((o) => optionalNumberIn(row, at + o));
    const values: MetricValues = {
      rows,
      ...(insufficient || !isLogged
        ? {}
        : {
            ...{ errorShare: share(1), defaultedShare: share(2), newShare: share(3) },
            ...(latencyP50Ms === undefined ? {} : { latencyP50Ms }),
            ...(latencyP95Ms === undefined ? {} : { latencyP95Ms }),
            ...(latencyP99Ms === undefined ? {} : { latencyP99Ms }),
          }),
    };
    return { segment: name, column: "", rows, insufficient, sampledRows: 0, values, bins: [] };
  });
}

async function withPerformance(input: WindowInput, totals: readonly Computed[]): Promise<Computed[]> {
  const { ask, source, segments, performance, labels, rowsMin } = input;
  if (performance === undefined || (totals[0]?.rows ?? 0) === 0) return [...totals];
  if (labels === undefined) return totals.map((one) => withValues(one, { labelCoverage: 0, labelled: 0 }));
  const question = { performance, labels, segments };
  const [counts = []] = await ask(queries.labelCounts(source, question));
  const rows = await ask(queries.judgedValues(source, question, SAMPLE_ROWS_MAX), SAMPLE_ROWS_MAX);
  const made: Computed[] = [];
  for (const [i, total] of totals.entries()) {
    const [predictions, labelled] = [numberIn(counts, i * 2), numberIn(counts, i * 2 + 1)];
    const coverage = predictions === 0 ? {} : { labelCoverage: labelled / predictions, labelled };
    const judged = labelled < rowsMin ? [] : rows.filter((row) => row[5 + i] === true).map(judgedOf);
    // Drawn from all: what a small segment got of it may be too few although it has enough.
    const scores = judged.length < rowsMin ? {} : performanceMetrics(performance, judged);
    const sampled = withValues(total, { ...coverage, ...scores });
    made.push(
      judged.length < labelled && judged.length > 0 ? { ...sampled, sampledRows: judged.length } : sampled,
    );
    await setImmediate();
  }
  return made;
}

function withValues(one: Computed, values: MetricValues): Computed {
  return { ...one, values: { ...one.values, ...values } };
}

function judgedOf(row: readonly unknown[]): Judged {
  const [predicted, actual, predictedNumber, actualNumber, score] = row;
  const numeric = (value: unknown) => (typeof value === "number" ? value : undefined);
  return {
    predicted: String(predicted),
    actual: String(actual),
    predictedNumber: numeric(predictedNumber),
    actualNumber: numeric(actualNumber),
    score: numeric(score),
  };
}

interface BinRow {
  bin: number;
  /** By segment. */
  rows: readonly number[];
  least: readonly (number | undefined)[];
  greatest: readonly (number | undefined)[];
}

/** The bins of all number columns in one pass, by the column's place. */
async function numberBins(
  input: WindowInput,
  profiles: Map<string, Profile>,
): Promise<Map<number, BinRow[]>> {
  const { ask, source, segments, columns } = input;
  const edges = columns.flatMap(({ name }, at) => {
    const profile = profiles.get(name);
    return profile?.kind === "number" ? [{ at, edges: profile.edges }] : [];
  });
  const found = new Map<number, BinRow[]>();
  if (edges.length === 0) return found;
  const n = segments.length;
  for (const row of await ask(queries.numberBinCounts(source, columns, { edges, segments }))) {
    const ofColumn = found.get(numberIn(row, 0)) ?? [];
    ofColumn.push({
      bin: numberIn(row, 1),
      rows: segments.map((_, i) => numberIn(row, 2 + i)),
      least: segments.map((_, i) => optionalNumberIn(row, 2 + n + 2 * i)),
      greatest: segments.map((_, i) => optionalNumberIn(row, 3 + n + 2 * i)),
    });
    found.set(numberIn(row, 0), ofColumn);
  }
  return found;
}

async function numberResults(
  input: WindowInput,
  of: { column: WatchedColumn; profile: NumberProfile; bins: readonly BinRow[]; rowsOf: readonly number[] },
): Promise<Computed[]> {
  const { ask, source, segments, rowsMin } = input;
  const { column, profile, bins, rowsOf } = of;
  const most = (rowsOf[0] ?? 0) > SAMPLE_ROWS_MAX ? SAMPLE_ROWS_MAX : undefined;
  const values = await ask(queries.numberValues(source, column, { segments, most }), SAMPLE_ROWS_MAX);
  const made: Computed[] = [];
  for (const [i, segment] of segments.entries()) {
    const counts = Array.from({ length: profile.counts.length + 2 }, (_, at) =>
      countOf(bins, i, binAt(at, profile)),
    );
    const sample = sampleOfCounts(pairsOf(values, i));
    const rows = rowsOf[i] ?? 0;
    const insufficient = rows < rowsMin;
    made.push({
      segment: segment.name,
      column: column.name,
      rows,
      insufficient,
      sampledRows: most === undefined ? 0 : sample.size,
      values: insufficient
        ? {}
        : numberMetrics(profile, { bins: counts, sample, extremes: extremesOf(bins, i) }),
      bins: counts,
    });
    await setImmediate();
  }
  return made;
}

function countOf(bins: readonly BinRow[], segment: number, bin: number): number {
  return bins.find((row) => row.bin === bin)?.rows[segment] ?? 0;
}

/** What the engine calls the bin at a place of `binsOf`. */
function binAt(place: number, { counts }: NumberProfile): number {
  if (place < counts.length) return place;
  return place === counts.length ? queries.MISSING_BIN : queries.INVALID_BIN;
}

function extremesOf(
  bins: readonly BinRow[],
  segment: number,
): { minimum: number; maximum: number } | undefined {
  const least = bins.flatMap((row) => row.least[segment] ?? []);
  const greatest = bins.flatMap((row) => row.greatest[segment] ?? []);
  return least.length === 0 ? undefined : { minimum: Math.min(...least), maximum: Math.max(...greatest) };
}

function* pairsOf(rows: Awaited<ReturnType<Ask>>, segment: number): Generator<readonly [number, number]> {
  for (const row of rows) {
    const count = numberIn(row, 1 + segment);
    if (count > 0) yield [numberIn(row, 0), count];
  }
}

async function categoryResults(
  input: WindowInput,
  of: { column: WatchedColumn; profile: CategoryProfile; rowsOf: readonly number[] },
): Promise<Computed[]> {
  const { ask, source, segments, rowsMin } = input;
  const { column, profile, rowsOf } = of;
  const categories = profile.categories.map(([name]) => name);
  const found = await ask(queries.categoryBinCounts(source, column, { categories, segments }));
  const n = segments.length;
  const size = binsOf(profile).length;
  return segments.map((segment, i) => {
    const counts = Array.from({ length: size }, () => 0);
    let distinct = 0;
    for (const row of found) {
      const at = placeOf(numberIn(row, 0), profile);
      counts[at] = (counts[at] ?? 0) + numberIn(row, 1 + i);
      distinct += numberIn(row, 1 + n + i);
    }
    const rows = rowsOf[i] ?? 0;
    const insufficient = rows < rowsMin;
    const values = insufficient ? {} : categoryMetrics(profile, { bins: counts, distinct });
    return {
      segment: segment.name,
      column: column.name,
      rows,
      insufficient,
      sampledRows: 0,
      values,
      bins: counts,
    };
  });
}

/** Where a row of the answer stands among the reference's bins: shown ones, other, unseen, missing. */
function placeOf(bin: number, profile: CategoryProfile): number {
  const shown = Math.min(profile.categories.length, CATEGORIES_SHOWN);
  if (bin === queries.MISSING_BIN) return shown + 2;
  if (bin > 0) return bin <= shown ? bin - 1 : shown;
  // Where the reference had more than are kept, one that is not named may be one of those.
  return profile.unnamed > 0 ? shown : shown + 1;
}
