import type { MetricBuckets } from "@atrium/contract/tracking";
import { AppError, assert } from "#lib/errors";
import { decodePageTokenFor, encodePageTokenFor, type PositionKind } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import { type Axis, bucketOf, endsOf, gather } from "./buckets.ts";
import type { TrackingDeps } from "./deps.ts";
import type { History, Metrics } from "./door.ts";
import type { Places } from "./places.ts";
import {
  asNumber,
  comparing,
  decodePoints,
  merge,
  NO_POINTS,
  type Points,
  pointsOf,
  slice,
} from "./points.ts";
import { chunkHeads, chunkPoints, firstPoints, seriesOf } from "./queries/series.ts";
import { groupsOf, headOf } from "./series.ts";
import type { ChunkHead, SeriesRow } from "./tables.ts";

const PAGE_MAX = 50_000; // Points: 1.2 MB, and some milliseconds to make an answer of.
const CHUNKS_AT_ONCE = 16; // Up to 16,000 points are read, decoded and gathered in a millisecond.
const HEADS_AT_ONCE = 256; // Rows that come from another thread are made anew here: a fraction of a millisecond.
const RUNS_MAX = 200; // More lines than a chart shows.
const TAIL = -1; // Where a chunk's number stands: the points that no chunk holds yet.

/** A series as it is read: heads of its parts, and the tail's points at hand. */
interface OpenSeries {
  runId: string;
  key: string;
  heads: ChunkHead[];
  tail: Points;
}

/** Reading what runs have measured. */
export function createMetrics({ db }: TrackingDeps, places: Places): Metrics {
  return { history, buckets };

  async function history(
    actor: Actor,
    projectId: string,
    asked: { runId: string; key: string; pageSize: number; pageToken?: string | undefined },
  ): Promise<History> {
    const { runId, key } = asked;
    await places.requireAtRun(actor, "run:read", { projectId, runId });
    const question = [runId, key];
    const after = asked.pageToken
      ? pointAt(decodePageTokenFor(question, asked.pageToken, POSITION))
      : undefined;
    const size = Math.min(asked.pageSize, PAGE_MAX);
    const [row] = await seriesOf(db.reader, runId, [key]);
    if (row === undefined) return NO_POINTS;
    const series = await open(db.reader, row, after?.timestampsMs[0] ?? 0);
    const points = await pointsFrom(series, after, size + 1);
    if (points.steps.length <= size) return points;
    const page = slice(points, 0, size);
    const position = positionOf(page, size - 1);
    return { ...page, nextToken: encodePageTokenFor(question, position) };
  }

  /** At least `wanted` points behind a point, in order, if there are so many; no more chunks are read than they need. */
  async function pointsFrom(series: OpenSeries, after: Points | undefined, wanted: number): Promise<Points> {
    const parts: Points[] = [];
    let have = 0;
    let batch: ChunkHead[] = [];
    let expected = 0;
    const groups = groupsOf(series.heads);
    for (const [i, group] of groups.entries()) {
      batch.push(...group);
      expected += group.reduce((sum, head) => sum + head.size, 0);
      if (have + expected < wanted && i < groups.length - 1) continue;
      const part = behind(merge(await load(db.reader, series, batch)), after);
      parts.push(part);
      have += part.steps.length;
      if (have >= wanted) break;
      batch = [];
      expected = 0;
    }
    return merge(parts);
  }

  async function buckets(
    actor: Actor,
    projectId: string,
    asked: Parameters<Metrics["buckets"]>[2],
  ): Promise<MetricBuckets[]> {
    const runIds = [...new Set(asked.runIds)];
    if (runIds.length > RUNS_MAX) {
      throw new AppError("invalid", `A chart shows at most ${RUNS_MAX} runs; ask for fewer.`, {
        at: "run_ids",
      });
    }
    for (const runId of runIds) await places.requireAtRun(actor, "run:read", { projectId, runId });
    const firsts = asked.axis === "relative" ? await firstPoints(db.reader, runIds) : [];
    const made: MetricBuckets[] = [];
    for (const runId of runIds) {
      const originMs = firsts.find((first) => first.run_id === runId)?.first_ms ?? 0;
      made.push(await bucketsOf(runId, asked, originMs));
    }
    return made;
  }

  async function bucketsOf(
    runId: string,
    asked: Parameters<Metrics["buckets"]>[2],
    originMs: number,
  ): Promise<MetricBuckets> {
    const [row] = await seriesOf(db.reader, runId, [asked.key]);
    const series = row && (await open(db.longReader, row, 0));
    const axis = axisOf(series?.heads ?? [], asked, originMs);
    const gathering = gather(axis);
    if (series === undefined) return gathering.result(runId);
    for (const groups of batches(groupsOf(series.heads), axis)) {
      const unread = groups.filter(([only, second]) => !only || second || bucketOf(only, axis) === -1);
      const points = await load(db.longReader, series, unread.flat());
      let at = 0;
      for (const group of groups) {
        const [only, second] = group;
        if (only !== undefined && second === undefined && gathering.takeHead(only)) continue;
        gathering.takePoints(merge(points.slice(at, at + group.length)));
        at += group.length;
      }
    }
    return gathering.result(runId);
  }
}

async function open(tx: Tx, row: SeriesRow, fromMs: number): Promise<OpenSeries> {
  const { run_id: runId, key } = row;
  const tail = decodePoints(row.tail);
  const heads: ChunkHead[] = [];
  let page: ChunkHead[];
  do {
    const afterNumber = heads.at(-1)?.number ?? TAIL;
    page = row.chunks === 0 ? [] : await chunkHeads(tx, { runId, key, fromMs, afterNumber }, HEADS_AT_ONCE);
    heads.push(...page);
  } while (page.length === HEADS_AT_ONCE);
  if (tail.steps.length > 0) heads.push(headOf(tail, TAIL));
  return { runId, key, heads, tail };
}

/** The points of some chunks of a series, in the order of the heads. */
async function load(tx: Tx, series: OpenSeries, heads: readonly ChunkHead[]): Promise<Points[]> {
  const { runId, key, tail } = series;
  const numbers = heads.map(({ number }) => number).filter((number) => number !== TAIL);
  const rows = numbers.length === 0 ? [] : await chunkPoints(tx, { runId, key, numbers });
  const byNumber = new Map(rows.map(({ number, points }) => [number, decodePoints(points)]));
  byNumber.set(TAIL, tail);
  return heads.map(({ number }) => {
    const points = byNumber.get(number);
    assert(points !== undefined, "a chunk is never removed while its series stands");
    return points;
  });
}

function axisOf(
  heads: readonly ChunkHead[],
  asked: Parameters<Metrics["buckets"]>[2],
  originMs: number,
): Axis {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const head of heads) {
    const { first, last } = endsOf(head, {
      kind: asked.axis,
      originMs: asked.axis === "relative" ? originMs : 0,
    });
    from = Math.min(from, first);
    to = Math.max(to, last);
  }
  return {
    kind: asked.axis,
    originMs,
    from: asked.from ?? from,
    to: asked.to ?? to,
    buckets: asked.buckets,
  };
}

/** Groups in portions whose points may be held at once; those that do not reach into the axis are left out. */
function batches(groups: readonly ChunkHead[][], axis: Axis): ChunkHead[][][] {
  const portions: ChunkHead[][][] = [];
  let size = CHUNKS_AT_ONCE;
  for (const group of groups) {
    const ends = group.map((head) => endsOf(head, axis));
    if (ends.every(({ first, last }) => last < axis.from || first > axis.to)) continue;
    if (size >= CHUNKS_AT_ONCE) {
      portions.push([]);
      size = 0;
    }
    portions.at(-1)?.push(group);
    size += group.length;
  }
  return portions;
}

function behind(points: Points, after: Points | undefined): Points {
  if (after === undefined) return points;
  const compare = comparing(points, after);
  let start = 0;
  while (start < points.steps.length && compare(start, 0) <= 0) start += 1;
  return slice(points, start, points.steps.length);
}

const POSITION: readonly PositionKind[] = ["whole", "whole", "number", "whole"];

/** JSON has no word for NaN, so a position says it beside the number. */
function positionOf({ timestampsMs, steps, values }: Points, i: number): number[] {
  const value = values[i] ?? 0;
  return [timestampsMs[i] ?? 0, steps[i] ?? 0, asNumber(value), Number(Number.isNaN(value))];
}

function pointAt([timestampMs, step, value, isNan]: (string | number | null)[]): Points {
  const point = pointsOf(1);
  point.timestampsMs[0] = Number(timestampMs);
  point.steps[0] = Number(step);
  point.values[0] = isNan === 1 ? Number.NaN : Number(value);
  return point;
}
