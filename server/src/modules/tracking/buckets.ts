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

interface Bucket {
  x: number;
  last: number | null;
  min: number | null;
  max: number | null;
  count: number;
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
  const buckets: (Bucket | undefined)[] = Array.from({ length: axis.buckets });

  function join(index: number, part: Bucket): void {
    const bucket = buckets[index];
    if (bucket === undefined) {
      buckets[index] = { ...part };
      return;
    }
    bucket.count += part.count;
    if (part.min !== null && (bucket.min === null || part.min < bucket.min)) bucket.min = part.min;
    if (part.max !== null && (bucket.max === null || part.max > bucket.max)) bucket.max = part.max;
    if (part.x < bucket.x) return;
    bucket.x = part.x;
    bucket.last = part.last;
  }

  return {
    takeHead(head) {
      const index = bucketOf(head, axis);
      if (index === -1) return false;
      const { last_value, min_value, max_value, size } = head;
      const x = endsOf(head, axis).last;
      join(index, { x, last: last_value, min: min_value, max: max_value, count: size });
      return true;
    },
    takePoints({ timestampsMs, steps, values }) {
      for (let i = 0; i < steps.length; i += 1) {
        const x = axis.kind === "step" ? (steps[i] ?? 0) : (timestampsMs[i] ?? 0) - axis.originMs;
        const index = indexOf(x, axis);
        if (index === -1) continue;
        const value = finite(values[i] ?? 0);
        join(index, { x, last: value, min: value, max: value, count: 1 });
      }
    },
    result(runId) {
      const filled = buckets.filter((bucket) => bucket !== undefined);
      return {
        runId,
        x: filled.map(({ x }) => x),
        last: filled.map(({ last }) => last),
        min: filled.map(({ min }) => min),
        max: filled.map(({ max }) => max),
        count: filled.map(({ count }) => count),
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
