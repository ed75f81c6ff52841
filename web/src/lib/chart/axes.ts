import type uPlot from "uplot";
import { formatDuration, formatNumber } from "../format.ts";
import type { LineChartProps } from "./line-chart.tsx";
import { rangeOf } from "./marks.ts";
import { type ChartTheme, FONT } from "./theme.ts";

/** The scales behind both axes: what part of x is shown, and how y runs. */
export function scalesOf({ xKind, range, scale, marks }: LineChartProps): uPlot.Scales {
  return {
    x: {
      time: xKind === "time",
      ...(range ? { range: [range[0], range[1]] as [number, number] } : {}),
    },
    y: {
      distr: scale === "log" ? 3 : 1,
      ...(marks ? { range: (_: uPlot, low: number, high: number) => rangeOf(marks, [low, high]) } : {}),
    },
  };
}

/** Both axes on a faint grid; the one of y is as wide as its longest text. */
export function axesOf({ xKind, yText = formatNumber }: LineChartProps, theme: ChartTheme): uPlot.Axis[] {
  const axis: uPlot.Axis = {
    stroke: theme.ink,
    font: FONT,
    grid: { stroke: theme.line, width: 1 },
    ticks: { show: false },
    gap: 6,
  };
  return [
    {
      ...axis,
      size: xKind === "time" ? 42 : 28,
      values: xKind === "time" ? TIMES : (_, ticks) => ticks.map((tick) => xText(tick, xKind)),
    },
    {
      ...axis,
      size: (_, values) => 14 + 6.5 * Math.max(3, ...(values ?? []).map((value) => value.length)),
      values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : yText(tick))),
    },
  ];
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * How times are written from which distance of two ticks on, and what stands below where a year, a day or a minute begins:
 * days before months and 24 hours, as everywhere else here.
 * @remarks Columns: uPlot's axis.values: distance, text, then below it at a new year, month, day, hour, minute, second; 1 joins both.
 */
const TIMES: uPlot.Axis.Values = [
  [365 * DAY_MS, "{YYYY}", null, null, null, null, null, null, 1],
  [28 * DAY_MS, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [DAY_MS, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [MINUTE_MS, "{HH}:{mm}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [SECOND_MS, "{HH}:{mm}:{ss}", "\n{D} {MMM}", null, "\n{D} {MMM}", null, null, null, 1],
  [1, ":{ss}.{fff}", "\n{D} {MMM} {HH}:{mm}", null, "\n{D} {MMM} {HH}:{mm}", null, "\n{HH}:{mm}", null, 1],
];

/** A value of x as its axis writes it; a time is left to the chart. */
export function xText(value: number, kind: LineChartProps["xKind"]): string {
  return kind === "duration" ? formatDuration(value) : formatNumber(value);
}
