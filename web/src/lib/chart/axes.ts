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
      ...(xKind === "time" ? {} : { values: (_, ticks) => ticks.map((tick) => xText(tick, xKind)) }),
    },
    {
      ...axis,
      size: (_, values) => 14 + 6.5 * Math.max(3, ...(values ?? []).map((value) => value.length)),
      values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : yText(tick))),
    },
  ];
}

/** A value of x as its axis writes it; a time is left to the chart. */
export function xText(value: number, kind: LineChartProps["xKind"]): string {
  return kind === "duration" ? formatDuration(value) : formatNumber(value);
}
