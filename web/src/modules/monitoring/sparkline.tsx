import type { SeriesPoint } from "@atrium/contract/monitoring";
import { metricText, metricWords } from "./metric-words.ts";

const WIDTH = 120;
const HEIGHT = 24;
const EDGE = 2; // For the stroke's own width.

/** One metric over the newest windows, small; windows without a value leave a gap. */
export function Sparkline({
  metric,
  points,
  threshold,
  label,
}: {
  metric: string;
  points: readonly SeriesPoint[];
  threshold?: number | undefined;
  label: string;
}) {
  const values = points.map(({ values: all }) => all[metric as "psi"]);
  const there = values.filter((value) => value !== undefined);
  const most = Math.max(...there, threshold ?? 0, Number.MIN_VALUE);
  const least = Math.min(0, ...there);
  const x = (index: number) => EDGE + (index / Math.max(1, values.length - 1)) * (WIDTH - 2 * EDGE);
  const y = (value: number) => HEIGHT - EDGE - ((value - least) / (most - least)) * (HEIGHT - 2 * EDGE);
  const path = values
    .map((value, index) => {
      if (value === undefined) return "";
      const verb = index === 0 || values[index - 1] === undefined ? "M" : "L";
      // A lone value between gaps is a dot: a line of no length, drawn with round ends.
      return `${verb}${x(index).toFixed(1)} ${y(value).toFixed(1)}${verb === "M" ? "h0.01" : ""}`;
    })
    .join("");
  const last = there.at(-1);
  return (
    <svg
      role="img"
      aria-label={`${metricWords(metric).title} of ${label}: last ${metricText(metric, last)}, at most ${metricText(metric, there.length ? Math.max(...there) : undefined)}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      className="block max-w-full"
    >
      {threshold !== undefined && (
        <line
          x1={0}
          x2={WIDTH}
          y1={y(threshold)}
          y2={y(threshold)}
          stroke="var(--warn)"
          strokeDasharray="3 3"
        />
      )}
      <path
        d={path}
        fill="none"
        stroke="var(--series-0)"
        strokeWidth={1.5}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
