import { assert } from "#lib/errors";
import { append, asNumber, decodePoints, encodePoints, merge, type Points, sizeOf, slice } from "./points.ts";
import type { ChunkHead, ChunkRow, SeriesRow } from "./tables.ts";

const TAIL_POINTS_MAX = 256; // Read and written whole with each new point: 6 KiB.
const CHUNK_POINTS_MAX = 1000; // One full log batch of one metric is one chunk.

const NO_TAIL = Buffer.alloc(0);

/** Which metric of which run a series is. */
export type SeriesOf = Pick<SeriesRow, "run_id" | "key" | "project_id" | "experiment_id">;

/**
 * A series with more points: they join its tail; when that grows too large, all of it that fills chunks becomes chunks.
 * `standing` is the series as stored, `points` are arranged and not empty.
 */
export function extend(
  of: SeriesOf,
  standing: SeriesRow | undefined,
  points: Points,
): { series: SeriesRow; chunks: ChunkRow[] } {
  const tail = standing?.tail ?? NO_TAIL;
  const fits = sizeOf(tail) + points.steps.length <= TAIL_POINTS_MAX;
  const longer = fits ? append(tail, points) : undefined; // How nearly all points come: a few, later than all before.
  const parts =
    longer === undefined ? cut(of, merge([decodePoints(tail), points]), standing?.chunks ?? 0) : undefined;
  const chunks = parts?.chunks ?? [];
  const firstMs = points.timestampsMs[0] ?? 0;
  const { value, is_nan, step, at_ms } = latest(standing, points);
  return {
    series: {
      run_id: of.run_id,
      key: of.key,
      project_id: of.project_id,
      experiment_id: of.experiment_id,
      ...{ value, is_nan, step, at_ms },
      first_ms: Math.min(firstMs, standing?.first_ms ?? firstMs),
      chunks: (standing?.chunks ?? 0) + chunks.length,
      tail: longer ?? encodePoints(parts?.rest ?? points),
    },
    chunks,
  };
}

function cut(of: SeriesOf, all: Points, next: number): { chunks: ChunkRow[]; rest: Points } {
  const size = all.steps.length;
  const chunks: ChunkRow[] = [];
  let at = 0;
  while (size - at > TAIL_POINTS_MAX) {
    const part = slice(all, at, Math.min(size, at + CHUNK_POINTS_MAX));
    const { run_id, key } = of;
    chunks.push({ run_id, key, ...headOf(part, next + chunks.length), points: encodePoints(part) });
    at += part.steps.length;
  }
  return { chunks, rest: slice(all, at, size) };
}

type Latest = Pick<SeriesRow, "value" | "is_nan" | "step" | "at_ms">;

/** The greatest by step, then timestamp, then value, where NaN compares as 0; of equal ones the first stays. */
function latest(standing: Latest | undefined, points: Points): Latest {
  let best = standing;
  for (let i = 0; i < points.steps.length; i += 1) {
    const value = points.values[i] ?? 0;
    const candidate = {
      value: asNumber(value),
      is_nan: Number(Number.isNaN(value)),
      step: points.steps[i] ?? 0,
      at_ms: points.timestampsMs[i] ?? 0,
    };
    if (best === undefined || isLater(candidate, best)) best = candidate;
  }
  assert(best !== undefined, "a series is extended by some points");
  return best;
}

function isLater(a: Latest, b: Latest): boolean {
  if (a.step !== b.step) return a.step > b.step;
  if (a.at_ms !== b.at_ms) return a.at_ms > b.at_ms;
  return a.value > b.value;
}

/** What charts need of points without reading them. */
export function headOf(points: Points, number: number): ChunkHead {
  const { timestampsMs, steps, values } = points;
  const end = steps.length - 1;
  const head = {
    number,
    size: steps.length,
    in_order: 1,
    first_ms: timestampsMs[0] ?? 0,
    first_step: steps[0] ?? 0,
    last_ms: timestampsMs[end] ?? 0,
    last_step: steps[end] ?? 0,
    min_step: Number.POSITIVE_INFINITY,
    max_step: Number.NEGATIVE_INFINITY,
    min_value: null as number | null,
    max_value: null as number | null,
    last_value: finite(values[end] ?? 0),
  };
  for (let i = 0; i < steps.length; i += 1) {
    const step = steps[i] ?? 0;
    if (step < head.max_step) head.in_order = 0;
    if (step < head.min_step) head.min_step = step;
    if (step > head.max_step) head.max_step = step;
    const value = finite(values[i] ?? 0);
    if (value === null) continue;
    if (head.min_value === null || value < head.min_value) head.min_value = value;
    if (head.max_value === null || value > head.max_value) head.max_value = value;
  }
  return head;
}

/** A value as charts draw it: neither NaN nor the number that stands for infinity. */
export function finite(value: number): number | null {
  return Math.abs(value) < Number.MAX_VALUE ? value : null;
}

/** Which chunks must be read together: those that overlap in time and step, so that points in two of them count once. */
export function groupsOf<T extends ChunkHead>(heads: readonly T[]): T[][] {
  const ordered = [...heads].sort((a, b) => a.first_ms - b.first_ms || a.first_step - b.first_step);
  const groups: T[][] = [];
  let end = { ms: Number.NEGATIVE_INFINITY, step: 0 };
  for (const head of ordered) {
    const apart = head.first_ms > end.ms || (head.first_ms === end.ms && head.first_step > end.step);
    if (apart) groups.push([head]);
    else groups.at(-1)?.push(head);
    const later = head.last_ms > end.ms || (head.last_ms === end.ms && head.last_step > end.step);
    if (later) end = { ms: head.last_ms, step: head.last_step };
  }
  return groups;
}
