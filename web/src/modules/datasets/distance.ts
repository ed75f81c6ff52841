import type { ColumnProfile, DatasetHistogram } from "@atrium/contract/datasets";
import { plainText } from "./value.ts";

/**
 * How far a column moved between two versions, from 0 to 1: the widest gap between the cumulative shares of a histogram
 * (Kolmogorov–Smirnov, on its bins), or half the sum of the differences between the shares of frequent values.
 */
export function distanceOf(from: ColumnProfile | undefined, to: ColumnProfile | undefined): number {
  if (!from || !to) return 1;
  const isDrawn = from.histogram && to.histogram && to.histogram.kind !== "lengths";
  return isDrawn && from.histogram && to.histogram
    ? cumulativeGap(from.histogram, to.histogram)
    : shareGap(from.top ?? [], to.top ?? []);
}

function cumulativeGap(from: DatasetHistogram, to: DatasetHistogram): number {
  const places = [...from.edges, ...to.edges];
  return Math.max(0, ...places.map((place) => Math.abs(shareBelow(from, place) - shareBelow(to, place))));
}

/** Values spread evenly within a bin, as nothing else is known of them. */
function shareBelow({ edges, counts }: DatasetHistogram, place: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const below = counts.reduce((sum, count, index) => {
    const [low, high] = [edges[index] ?? 0, edges[index + 1] ?? 0];
    const part = high > low ? (place - low) / (high - low) : Number(place >= high);
    return sum + count * Math.min(1, Math.max(0, part));
  }, 0);
  return total === 0 ? 0 : below / total;
}

type Top = NonNullable<ColumnProfile["top"]>;

function shareGap(from: Top, to: Top): number {
  const [before, after] = [shares(from), shares(to)];
  const values = new Set([...before.keys(), ...after.keys()]);
  const gaps = [...values].map((value) => Math.abs((before.get(value) ?? 0) - (after.get(value) ?? 0)));
  return gaps.reduce((sum, gap) => sum + gap, 0) / 2;
}

function shares(top: Top): Map<string, number> {
  const total = Math.max(
    1,
    top.reduce((sum, { count }) => sum + count, 0),
  );
  return new Map(top.map(({ value, count }) => [plainText(value), count / total]));
}
