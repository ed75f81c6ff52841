import type { MetricSeries } from "@atrium/contract/telemetry";
import { AppError } from "#lib/errors";
import { unseal } from "#lib/seal";
import { createSlice } from "#lib/slice";
import type { TelemetryDeps } from "./deps.ts";
import { parseLabels } from "./log-filter.ts";
import type { LogKeys } from "./log-keys.ts";
import { type Points, thin, unpackPoints } from "./metric-chunk.ts";
import { chunkContext, matches, SERIES_SHOWN_MAX, toSeries } from "./metric-store.ts";
import { pointsWithin } from "./point-queries.ts";
import { openPoints } from "./points-row.ts";
import { MARK_EVERY_MS, PROJECT_SERIES_MAX } from "./project-metrics.ts";
import * as queries from "./queries.ts";
import type { MetricSelection, StoredSeries } from "./signals.ts";

const SELECTED_MAX = 5000; // Of one question; a chart shows some hundred.
const POINTS_READ_MAX = 2_000_000; // 32 MiB of numbers, and about a second of work in slices.
const ROWS_A_STEP = 200;

/** Reads what a project's jobs, endpoints and senders measured. */
export interface ProjectMetricReading {
  select(projectId: string, selection: MetricSelection): Promise<StoredSeries[]>;
  selectSeries(
    projectId: string,
    selection: Omit<MetricSelection, "toMs">,
  ): Promise<Omit<StoredSeries, "points">[]>;
  series(projectId: string, asked: { name?: string | undefined; labels: string }): Promise<MetricSeries[]>;
  range(
    projectId: string,
    asked: { name: string; labels: string; fromMs: number; toMs: number; pointsMax: number },
  ): Promise<{ series: MetricSeries; points: [number, number][] }[]>;
}

type Read = StoredSeries & { id: number };

export function createProjectMetricReading(
  { db }: Pick<TelemetryDeps, "db">,
  keys: LogKeys,
): ProjectMetricReading {
  return {
    select: async (projectId, selection) => (await read(projectId, selection)).map(withoutId),
    selectSeries: async (projectId, selection) =>
      (await chosen(projectId, selection)).map(withoutId).map(({ points: _, ...series }) => series),
    series: async (projectId, { name, labels }) => {
      const conditions = parseLabels(labels);
      const rows = await queries.seriesNamed(db.longReader, { projectId, name }, PROJECT_SERIES_MAX);
      return rows
        .map(toSeries)
        .filter((one) => matches(one, conditions))
        .slice(0, SELECTED_MAX);
    },
    range: async (projectId, asked) => {
      const { name, fromMs, toMs, pointsMax } = asked;
      if (fromMs >= toMs)
        throw new AppError("invalid", "The time range ends before it begins.", { at: "query.fromMs" });
      const conditions = parseLabels(asked.labels);
      const selection = {
        name,
        fromMs,
        toMs,
        matches: (one: Pick<MetricSeries, "labels">) => matches(one, conditions),
      };
      const found = await read(projectId, selection, SERIES_SHOWN_MAX);
      return found.map(({ id, kind, labels, points }) => ({
        series: { id: String(id), name, kind, labels },
        points: thin(points, asked, pointsMax),
      }));
    },
  };

  async function chosen(
    projectId: string,
    { name, matches: wanted, fromMs }: Omit<MetricSelection, "toMs">,
  ): Promise<Read[]> {
    const rows = await queries.seriesNamed(db.longReader, { projectId, name }, PROJECT_SERIES_MAX);
    const slice = createSlice();
    const found: Read[] = [];
    for (const row of rows) {
      await slice();
      if (row.last_ms < fromMs - MARK_EVERY_MS) continue;
      const { name: known, kind, unit, help } = row;
      const labels = JSON.parse(row.labels) as Record<string, string>;
      if (wanted({ name: known, labels }))
        found.push({ id: row.id, name: known, kind, unit, help, labels, points: { atMs: [], values: [] } });
    }
    return found;
  }

  /** Series that have points in the range, or the first few of them that match. */
  async function read(projectId: string, selection: MetricSelection, most?: number): Promise<Read[]> {
    const matching = await chosen(projectId, selection);
    if (most === undefined && matching.length > SELECTED_MAX)
      throw tooMany(`more than ${SELECTED_MAX} series match; choose fewer`);
    const key = await keys(projectId);
    if (key === undefined) return [];
    const found = new Map(matching.slice(0, most).map((one) => [one.id, one]));
    const budget = createBudget();
    // What waits is read first: were it made chunks meanwhile, it would be found there once more, and counts once.
    const waiting = await readWaiting(projectId, { key, selection, found, budget });
    await readChunks({ key, selection, found, budget });
    const slice = createSlice();
    for (const [id, points] of waiting) {
      await slice();
      const into = found.get(id)?.points;
      for (const [i, atMs] of points.atMs.entries()) {
        into?.atMs.push(atMs);
        into?.values.push(points.values[i] ?? 0);
      }
    }
    for (const one of found.values()) {
      await slice();
      one.points = tidy(one.points, selection);
    }
    return [...found.values()].filter(({ points }) => points.atMs.length > 0);
  }

  async function readWaiting(projectId: string, { key, selection, found, budget }: Reading) {
    const points = new Map<number, Points>();
    const slice = createSlice();
    let after = { stored_ms: -1, id: "" };
    for (;;) {
      const { fromMs, toMs } = selection;
      const rows = await pointsWithin(db.longReader, { projectId, fromMs, toMs, after, limit: ROWS_A_STEP });
      for (const row of rows) {
        await slice();
        for (const { seriesId, atMs, value } of openPoints(key, row.id, row.body)) {
          if (!found.has(seriesId)) continue;
          const of = points.get(seriesId) ?? { atMs: [], values: [] };
          of.atMs.push(atMs);
          of.values.push(value);
          points.set(seriesId, of);
          budget.spend(1);
        }
      }
      after = rows.at(-1) ?? after;
      if (rows.length < ROWS_A_STEP) return points;
    }
  }

  async function readChunks({ key, selection, found, budget }: Reading): Promise<void> {
    const slice = createSlice();
    const seriesIds = [...found.keys()];
    let after = { series_id: -1, from_ms: -1 };
    for (;;) {
      const range = { fromMs: selection.fromMs, toMs: selection.toMs + 1 };
      const rows = await queries.chunksWithin(db.longReader, {
        seriesIds,
        ...range,
        after,
        limit: ROWS_A_STEP,
      });
      for (const row of rows) {
        await slice();
        const chunk = unpackPoints(unseal(key, row.body, chunkContext(row)));
        budget.spend(chunk.atMs.length);
        const into = found.get(row.series_id)?.points;
        for (const [i, atMs] of chunk.atMs.entries()) {
          into?.atMs.push(atMs);
          into?.values.push(chunk.values[i] ?? 0);
        }
      }
      after = rows.at(-1) ?? after;
      if (rows.length < ROWS_A_STEP) return;
    }
  }
}

interface Reading {
  key: Buffer;
  selection: MetricSelection;
  found: ReadonlyMap<number, Read>;
  budget: { spend(points: number): void };
}

/** By time, each moment once, and of one moment what came last; both ends are inclusive. */
export function tidy(points: Points, range: { fromMs: number; toMs: number }): Points {
  const places = points.atMs.map((_, place) => place);
  places.sort((a, b) => (points.atMs[a] ?? 0) - (points.atMs[b] ?? 0) || a - b);
  const tidied: Points = { atMs: [], values: [] };
  for (const place of places) {
    const atMs = points.atMs[place] ?? 0;
    if (atMs < range.fromMs || atMs > range.toMs) continue;
    const again = tidied.atMs.at(-1) === atMs ? 1 : 0;
    tidied.atMs.length -= again;
    tidied.values.length -= again;
    tidied.atMs.push(atMs);
    tidied.values.push(points.values[place] ?? 0);
  }
  return tidied;
}

function createBudget(): { spend(points: number): void } {
  let left = POINTS_READ_MAX;
  return {
    spend(points) {
      left -= points;
      if (left < 0)
        throw tooMany(`more than ${POINTS_READ_MAX} points match; choose a shorter range or fewer series`);
    },
  };
}

function tooMany(what: string): AppError {
  return new AppError("invalid", `The question is too large: ${what}.`, { reason: "too_many" });
}

function withoutId({ id: _, ...series }: Read): StoredSeries {
  return series;
}
