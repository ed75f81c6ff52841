import uPlot from "uplot";
import type { LineChartProps } from "./line-chart.tsx";
import type { Line } from "./lines.ts";
import type { ChartTheme } from "./theme.ts";

/** A line and which of the chart's series draws it. */
export interface PlottedLine {
  line: Line;
  series: number;
}

interface Plot {
  lines: readonly PlottedLine[];
  data: uPlot.AlignedData;
  series: uPlot.Series[];
  bands: uPlot.Band[];
}

/** The lines as the chart takes them: each is one series, and two unseen ones more when it has a band. */
export function plotOf(lines: readonly Line[], props: LineChartProps, theme: ChartTheme): Plot {
  const tables: uPlot.AlignedData[] = [];
  const series: uPlot.Series[] = [{ label: props.xTitle }];
  const bands: uPlot.Band[] = [];
  const plotted = lines.map((line): PlottedLine => {
    const colour = theme.resolve(line.colour);
    const at = series.push(seenSeries(line, colour, props.points)) - 1;
    tables.push(tableOf(line));
    if (line.low && line.high) {
      const unseen: uPlot.Series = { stroke: "transparent", width: 0, points: { show: false } };
      series.push({ ...unseen, label: `${line.label} max` }, { ...unseen, label: `${line.label} min` });
      bands.push({ series: [at + 1, at + 2], fill: `color-mix(in oklab, ${colour} 16%, transparent)` });
    }
    return { line, series: at };
  });
  const data = tables.length > 0 ? uPlot.join(tables) : ([[0], []] as unknown as uPlot.AlignedData);
  return { lines: plotted, data, series, bands };
}

function tableOf({ x, y, low, high }: Line): uPlot.AlignedData {
  return [x, y, ...(low && high ? [high, low] : [])] as unknown as uPlot.AlignedData;
}

function seenSeries(line: Line, colour: string, points: LineChartProps["points"]): uPlot.Series {
  return {
    label: line.label,
    stroke: colour,
    width: 1.5,
    ...(line.looks === "faint" ? { dash: [2, 3] } : {}),
    points: {
      show: line.looks !== "faint",
      ...(points === "dots" ? {} : { filter: lonely }),
      size: points === "dots" ? 5 : 6,
      fill: colour,
    },
  };
}

/** Values with a gap on either side: a line would not show them at all. Another line's x is no gap. */
function lonely(chart: uPlot, series: number): number[] {
  const values = chart.data[series] ?? [];
  const isGap = (from: number, step: number) => {
    let at = from + step;
    while (values[at] === undefined && at >= 0 && at < values.length) at += step;
    return typeof values[at] !== "number";
  };
  return Array.from(values.keys()).filter(
    (at) => typeof values[at] === "number" && isGap(at, -1) && isGap(at, 1),
  );
}
