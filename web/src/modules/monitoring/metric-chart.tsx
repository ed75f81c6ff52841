import type { Monitor, SeriesPoint } from "@atrium/contract/monitoring";
import { useMemo } from "react";
import { LineChart } from "../../lib/chart/line-chart.tsx";
import type { Line } from "../../lib/chart/lines.ts";
import type { Marks } from "../../lib/chart/marks.ts";
import { formatCount } from "../../lib/format.ts";
import { metricText, metricWords } from "./metric-words.ts";
import { windowWords } from "./window-words.ts";

export interface Threshold {
  metric: string;
  rule: string;
  threshold: number;
  severity: string;
}

interface Drawn {
  metric: string;
  series: { points: readonly SeriesPoint[]; thresholds: readonly Threshold[] };
}

/**
 * One metric, a dot a window, with the thresholds of its rules. A window that is too small for it is hatched: it is no
 * zero, and the line does not pass it.
 */
export function MetricChart({
  monitor,
  metric,
  series,
  band,
  beside,
  chosen,
  onPick,
  says,
  height = 120,
}: Drawn & {
  monitor: Monitor;
  /** Where the true value lies with 95 % confidence, a pair a window. */
  band?: readonly (readonly [number, number] | undefined)[] | undefined;
  /** Another metric drawn faintly beside it. */
  beside?: string | undefined;
  chosen?: { from: number; to: number } | undefined;
  onPick?: ((startMs: number) => void) | undefined;
  /** What the note says of a window, instead of how many rows it has. */
  says?: (startMs: number) => string | undefined;
  height?: number;
}) {
  const { points, thresholds } = series;
  const lines = useMemo(() => linesOf({ metric, points, band, beside }), [metric, points, band, beside]);
  const marks = useMemo<Marks>(
    () => ({
      levels: thresholds
        .filter((line) => line.metric === metric)
        .map((line) => ({
          value: line.threshold,
          label: metricText(metric, line.threshold),
          colour: line.severity === "critical" ? "var(--bad)" : "var(--warn)",
        })),
      spans: [
        ...points
          .filter(({ values, insufficient }) => insufficient && values[metric as "psi"] === undefined)
          .map(({ startMs, endMs }) => ({ from: startMs, to: endMs, kind: "without" as const })),
        ...(chosen ? [{ ...chosen, kind: "chosen" as const }] : []),
      ],
      // The distance to zero is what a distance, a share and a count say.
      ...(metricWords(metric).worse === "neither" && metricWords(metric).unit === "number"
        ? {}
        : { reaches: [0] }),
      ...(onPick
        ? {
            onPick: (x: number) => {
              const point = points.find(({ startMs, endMs }) => x >= startMs && x < endMs);
              if (point) onPick(point.startMs);
            },
          }
        : {}),
    }),
    [thresholds, metric, points, chosen?.from, chosen?.to, onPick],
  );
  const rowsOf = (startMs: number) => {
    const { rows = 0, insufficient = false } = points.find((point) => point.startMs === startMs) ?? {};
    const n = `n = ${formatCount(rows)}`;
    return insufficient ? `insufficient: ${n}, needs ${formatCount(monitor.rowsMin)}` : n;
  };
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return <p className="text-ink-3">No window yet</p>;
  return (
    <LineChart
      title={metricWords(metric).title}
      lines={lines}
      xTitle=""
      xKind="time"
      range={[first.startMs, last.endMs]}
      points="dots"
      marks={marks}
      yText={(value) => metricText(metric, value)}
      note={(x) => noteOf(points, says ?? rowsOf, x)}
      sync={`monitor-${monitor.id}`}
      height={height}
    />
  );
}

function linesOf({
  metric,
  points,
  band,
  beside,
}: {
  metric: string;
  points: readonly SeriesPoint[];
  band?: readonly (readonly [number, number] | undefined)[] | undefined;
  beside?: string | undefined;
}): Line[] {
  // A dot stands in the middle of its window.
  const x = points.map(({ startMs, endMs }) => (startMs + endMs) / 2);
  const valuesOf = (name: string) => points.map(({ values }) => values[name as "psi"] ?? null);
  const main: Line = {
    id: metric,
    label: metricWords(metric).title,
    colour: "var(--series-0)",
    x,
    y: valuesOf(metric),
  };
  const withBand = band?.some((one) => one !== undefined)
    ? {
        ...main,
        low: band.map((one) => one?.[0] ?? null),
        high: band.map((one) => one?.[1] ?? null),
      }
    : main;
  if (beside === undefined) return [withBand];
  const other = valuesOf(beside);
  if (other.every((value) => value === null)) return [withBand];
  return [withBand, { id: beside, label: "noise", looks: "faint", colour: "var(--ink-3)", x, y: other }];
}

function noteOf(
  points: readonly SeriesPoint[],
  says: (startMs: number) => string | undefined,
  x: number,
): { title: string; words?: string | undefined } {
  const point = points.find(({ startMs, endMs }) => x >= startMs && x < endMs);
  return point ? { title: windowWords(point), words: says(point.startMs) } : { title: "" };
}
