import type { MetricSeries } from "@atrium/contract/telemetry";
import { AppError } from "#lib/errors";
import type { Sample } from "#lib/metrics";
import { seal, unseal } from "#lib/seal";
import { createSlice } from "#lib/slice";
import type { TelemetryDeps } from "./deps.ts";
import { type LabelCondition, parseLabels } from "./log-filter.ts";
import { KEPT_DAYS } from "./log-keeping.ts";
import { type Points, packPoints, packReading, thin, unpackPoints, unpackReading } from "./metric-chunk.ts";
import { createReadingMaker } from "./metric-reading.ts";
import * as queries from "./queries.ts";
import { telemetryKey } from "./seals.ts";
import type { ChunkRow, SeriesRow } from "./tables.ts";

export const SAMPLE_EVERY_MS = 15_000;
const SAMPLES_A_CHUNK = 120; // Half an hour in one small row a series.
const SERIES_MAX = 5000; // Of the whole store; a page cannot show more, and more is a label that holds values.
export const SERIES_SHOWN_MAX = 200; // In one chart.
const CHUNKS_READ_MAX = 40_000; // A week of 120 series: about a second of work in slices.
const CHUNKS_A_STEP = 200;
const ROWS_A_STATEMENT = 50;
const DAY_MS = 24 * 3600 * 1000;

/** The process's own numbers over time. Every reading is stored at once; many become a chunk a series. */
export interface MetricStore {
  /** Stores the numbers as they are now. */
  sample(): Promise<void>;
  series(name: string | undefined, labels: string): Promise<MetricSeries[]>;
  range(asked: {
    name: string;
    labels: string;
    fromMs: number;
    toMs: number;
    pointsMax: number;
  }): Promise<{ series: MetricSeries; points: [number, number][] }[]>;
  forgetOld(signal: AbortSignal): Promise<void>;
}

export function createMetricStore(deps: TelemetryDeps): MetricStore {
  const { db, clock, metrics, log, processName } = deps;
  const writer = processName ?? "main";
  const maker = createReadingMaker();
  const ids = new Map<string, number>();
  let sampled: number | undefined;
  let full = false;

  return { sample, series, range, forgetOld };

  async function sample(): Promise<void> {
    const atMs = clock.now();
    const samples = maker.read(metrics.collect()).map((sample) => ({ sample, identity: identityOf(sample) }));
    const unknown = samples.filter(({ identity }) => !ids.has(identity));
    for (let i = 0; i < unknown.length; i += ROWS_A_STATEMENT)
      await learn(unknown.slice(i, i + ROWS_A_STATEMENT), atMs);
    const reading = new Map<number, number>();
    for (const { sample, identity } of samples) {
      const id = ids.get(identity);
      if (id !== undefined) reading.set(id, sample.value);
    }
    const body = seal(await key(), packReading(reading), `telemetry sample ${writer} ${atMs}`);
    await db.transaction((tx) => queries.addSample(tx, { writer, at_ms: atMs, body }));
    sampled ??= (await queries.samplesOf(db.reader, writer, SAMPLES_A_CHUNK)).length - 1;
    sampled += 1;
    if (sampled >= SAMPLES_A_CHUNK) await makeChunks();
  }

  function labelsOf({ labels }: Sample): Record<string, string> {
    const all = processName === undefined ? labels : { ...labels, process: processName };
    return Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  function identityOf(sample: Sample): string {
    return JSON.stringify([sample.name, labelsOf(sample)]);
  }

  /** Finds or makes the series of some samples. What is more than the store takes is said once and left out. */
  async function learn(
    samples: readonly { sample: Sample; identity: string }[],
    atMs: number,
  ): Promise<void> {
    const taken = samples.slice(0, Math.max(0, SERIES_MAX - ids.size));
    if (taken.length < samples.length && !full) {
      full = true;
      log.warn(
        `This process has more than ${SERIES_MAX} metric series; the store keeps those that came first.`,
      );
    }
    const found = await db.transaction(async (tx) => {
      const learnt: [string, number][] = [];
      for (const { sample, identity } of taken) {
        const { name, kind } = sample;
        const row = {
          ...{ project_id: "", unit: "", help: "", total: 0 },
          identity_text: identity,
          name,
          kind,
          labels: JSON.stringify(labelsOf(sample)),
          last_ms: atMs,
        };
        learnt.push([identity, await queries.seriesId(tx, row)]);
      }
      return learnt;
    });
    for (const [identity, id] of found) ids.set(identity, id);
  }

  /** Turns readings into chunks. Adding a chunk twice changes nothing, so a kill in between costs nothing. */
  async function makeChunks(): Promise<void> {
    const rows = await queries.samplesOf(db.longReader, writer, SAMPLES_A_CHUNK);
    const last = rows.at(-1);
    if (last === undefined) return;
    const points = new Map<number, Points>();
    const opener = await key();
    const slice = createSlice();
    for (const { at_ms, body } of rows) {
      await slice();
      const reading = unpackReading(unseal(opener, body, `telemetry sample ${writer} ${at_ms}`));
      for (const [id, value] of reading) addPoint(points, id, [at_ms, value]);
    }
    let chunks: ChunkRow[] = [];
    for (const [id, of] of points) {
      await slice();
      chunks.push(chunkOf(opener, id, of));
      if (chunks.length < ROWS_A_STATEMENT) continue;
      await save(chunks, last.at_ms);
      chunks = [];
    }
    await save(chunks, last.at_ms);
    await db.transaction((tx) => queries.removeSamples(tx, writer, last.at_ms));
    sampled = undefined;
  }

  async function save(chunks: readonly ChunkRow[], atMs: number): Promise<void> {
    await db.transaction(async (tx) => {
      await queries.addChunks(tx, chunks);
      await queries.markSeriesUsed(
        tx,
        chunks.map((chunk) => chunk.series_id),
        atMs,
      );
    });
  }

  async function series(name: string | undefined, labels: string): Promise<MetricSeries[]> {
    const conditions = parseLabels(labels);
    const rows = await queries.seriesNamed(db.longReader, { projectId: "", name }, SERIES_MAX);
    return rows.map(toSeries).filter((one) => matches(one, conditions));
  }

  async function range(asked: {
    name: string;
    labels: string;
    fromMs: number;
    toMs: number;
    pointsMax: number;
  }): Promise<{ series: MetricSeries; points: [number, number][] }[]> {
    if (asked.fromMs >= asked.toMs)
      throw new AppError("invalid", "The time range ends before it begins.", { at: "query.fromMs" });
    const shown = (await series(asked.name, asked.labels)).slice(0, SERIES_SHOWN_MAX);
    const points = new Map<number, Points>(shown.map(({ id }) => [Number(id), { atMs: [], values: [] }]));
    await readChunks(points, asked);
    await readSamples(points, asked);
    return shown
      .map((one) => ({
        series: one,
        points: thin(points.get(Number(one.id)) ?? { atMs: [], values: [] }, asked, asked.pointsMax),
      }))
      .filter((one) => one.points.length > 0);
  }

  async function readChunks(
    points: Map<number, Points>,
    { fromMs, toMs }: { fromMs: number; toMs: number },
  ): Promise<void> {
    const opener = await key();
    const slice = createSlice();
    let after = { series_id: -1, from_ms: -1 };
    for (let read = 0; ; read += CHUNKS_A_STEP) {
      if (read >= CHUNKS_READ_MAX)
        throw new AppError("invalid", "There are too many points; choose a shorter range or fewer series.", {
          at: "query.fromMs",
          reason: "too_many",
        });
      const asked = { seriesIds: [...points.keys()], fromMs, toMs, after, limit: CHUNKS_A_STEP };
      const rows = await queries.chunksWithin(db.longReader, asked);
      for (const row of rows) {
        await slice();
        const chunk = unpackPoints(unseal(opener, row.body, chunkContext(row)));
        for (const [i, atMs] of chunk.atMs.entries())
          addPoint(points, row.series_id, [atMs, chunk.values[i] ?? 0]);
      }
      after = rows.at(-1) ?? after;
      if (rows.length < CHUNKS_A_STEP) return;
    }
  }

  /** Readings that are no chunk yet; while chunks are being made a point may be in both, and counts once. */
  async function readSamples(
    points: Map<number, Points>,
    { fromMs, toMs }: { fromMs: number; toMs: number },
  ): Promise<void> {
    const opener = await key();
    const slice = createSlice();
    const chunked = new Map([...points].map(([id, { atMs }]) => [id, atMs.at(-1) ?? -1]));
    let from = fromMs;
    for (;;) {
      const rows = await queries.samplesWithin(db.longReader, from, toMs, CHUNKS_A_STEP);
      for (const row of rows) {
        await slice();
        const context = `telemetry sample ${row.writer} ${row.at_ms}`;
        for (const [id, value] of unpackReading(unseal(opener, row.body, context)))
          if (row.at_ms > (chunked.get(id) ?? Number.POSITIVE_INFINITY))
            addPoint(points, id, [row.at_ms, value]);
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < CHUNKS_A_STEP) return;
      from = last.at_ms + 1;
    }
  }

  async function forgetOld(signal: AbortSignal): Promise<void> {
    const beforeMs = clock.now() - KEPT_DAYS * DAY_MS;
    while (!signal.aborted) {
      const gone = await db.transaction((tx) => queries.removeOldMetrics(tx, beforeMs, CHUNKS_A_STEP));
      if (gone < CHUNKS_A_STEP) return;
    }
  }

  async function key(): Promise<Buffer> {
    return telemetryKey(await deps.instanceKey());
  }
}

function chunkOf(key: Buffer, seriesId: number, points: Points): ChunkRow {
  const place = { series_id: seriesId, from_ms: points.atMs[0] ?? 0, to_ms: points.atMs.at(-1) ?? 0 };
  return { ...place, body: seal(key, packPoints(points), chunkContext(place)) };
}

/** What authenticates a chunk: it opens in its own place only. */
export function chunkContext({ series_id, from_ms }: Pick<ChunkRow, "series_id" | "from_ms">): string {
  return `telemetry chunk ${series_id} ${from_ms}`;
}

function addPoint(points: Map<number, Points>, id: number, [atMs, value]: [number, number]): void {
  const of = points.get(id) ?? { atMs: [], values: [] };
  of.atMs.push(atMs);
  of.values.push(value);
  points.set(id, of);
}

export function toSeries(row: SeriesRow): MetricSeries {
  return {
    id: String(row.id),
    name: row.name,
    kind: row.kind,
    labels: JSON.parse(row.labels) as Record<string, string>,
  };
}

export function matches(
  { labels }: Pick<MetricSeries, "labels">,
  conditions: readonly LabelCondition[],
): boolean {
  return conditions.every(({ name, values }) => values.includes(labels[name] ?? ""));
}
