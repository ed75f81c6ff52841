import type { MetricBuckets } from "@atrium/contract/tracking";
import type { Points } from "./points.ts";
import { finite } from "./series.ts";
import type { ChunkHead } from "./tables.ts";

/** What lies along the chart: steps, or milliseconds since 1970 or since `originMs`. */
export interface Axis {
  kind: "step" | "time" | "relative";
  originMs: number;
  /** The ends, both included, in the axis' own unit. */
  from: number;
  to: number;
  buckets: number;
}

/** Gathers points into equal parts of an axis; give it chunks in the order of time. */
export interface Gathering {
  /** Takes a chunk by its head alone, when all of it falls into one bucket; answers whether it did. */
  takeHead(head: ChunkHead): boolean;
  takePoints(points: Points): void;
  /** The buckets that have points, along the axis; each stands at its last point. */
  result(runId: string): MetricBuckets;
}

export function gather(axis: Axis): Gathering {
  const counts = new Float64Array(axis.buckets);
  const ends = new Float64Array(axis.buckets).fill(Number.NEGATIVE_INFINITY);
  // NaN where no number is: it is what JSON's null will stand for.
  const lasts = new Float64Array(axis.buckets).fill(Number.NaN);
  const least = new Float64Array(axis.buckets).fill(Number.NaN);
  const greatest = new Float64Array(axis.buckets).fill(Number.NaN);

  function join(index: number, x: number, last: number): void {
    if (x < (ends[index] ?? 0)) return;
    ends[index] = x;
    lasts[index] = last;
  }

  function widen(index: number, min: number, max: number): void {
    if (!(min >= (least[index] ?? 0))) least[index] = Number.isNaN(min) ? (least[index] ?? 0) : min;
    if (!(max <= (greatest[index] ?? 0))) greatest[index] = Number.isNaN(max) ? (greatest[index] ?? 0) : max;
  }

  return {
    takeHead(head) {
      const index = bucketOf(head, axis);
      if (index === -1) return false;
      counts[index] = (counts[index] ?? 0) + head.size;
      widen(index, head.min_value ?? Number.NaN, head.max_value ?? Number.NaN);
      join(index, endsOf(head, axis).last, head.last_value ?? Number.NaN);
      return true;
    },
    takePoints({ timestampsMs, steps, values }) {
      for (let i = 0; i < steps.length; i += 1) {
        const x = axis.kind === "step" ? (steps[i] ?? 0) : (timestampsMs[i] ?? 0) - axis.originMs;
        const index = indexOf(x, axis);
        if (index === -1) continue;
        const value = finite(values[i] ?? 0) ?? Number.NaN;
        counts[index] = (counts[index] ?? 0) + 1;
        widen(index, value, value);
        join(index, x, value);
      }
    },
    result(runId) {
      const filled = [...counts.keys()].filter((i) => (counts[i] ?? 0) > 0);
      const column = (values: Float64Array) => filled.map((i) => values[i] ?? 0);
      const drawn = (values: Float64Array) => column(values).map((value) => finite(value));
      return {
        runId,
        x: column(ends),
        last: drawn(lasts),
        min: drawn(least),
        max: drawn(greatest),
        count: column(counts),
      };
    },
  };
}

function indexOf(x: number, { from, to, buckets }: Axis): number {
  if (x < from || x > to) return -1;
  const width = (to - from) / buckets;
  return width > 0 ? Math.min(buckets - 1, Math.floor((x - from) / width)) : 0;
}

/** The bucket into which all points of a chunk fall, as far as its head tells; else -1. */
export function bucketOf(head: ChunkHead, axis: Axis): number {
  if (axis.kind === "step" && head.in_order === 0) return -1;
  const { first, last } = endsOf(head, axis);
  const index = indexOf(first, axis);
  return index === indexOf(last, axis) ? index : -1;
}

/** Where a chunk begins and ends along an axis. */
export function endsOf(
  head: ChunkHead,
  axis: Pick<Axis, "kind" | "originMs">,
): { first: number; last: number } {
  if (axis.kind === "step") return { first: head.min_step, last: head.max_step };
  return { first: head.first_ms - axis.originMs, last: head.last_ms - axis.originMs };
}
