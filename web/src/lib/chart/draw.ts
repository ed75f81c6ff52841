import uPlot from "uplot";
import { formatNumber, formatTime } from "../format.ts";
import { axesOf, scalesOf, xText } from "./axes.ts";
import { areLabelled, endLabels, LABEL_WIDTH_MAX } from "./end-labels.ts";
import type { LineChartProps } from "./line-chart.tsx";
import { type Line, positiveOnly, smooth } from "./lines.ts";
import { marksPlugin } from "./marks.ts";
import { crosshairNote } from "./note.ts";
import { plotOf } from "./plot.ts";
import { readTheme } from "./theme.ts";

const LAST_TICK_PX = 18; // Half of a time under the very end of the axis.

/** Builds the picture. */
export function drawChart(place: HTMLElement, props: LineChartProps, height: number): uPlot {
  const theme = readTheme(place);
  const { marks, yText = formatNumber } = props;
  const shaped = props.lines.map((line) => shape(line, props));
  const { lines, data, series, bands } = plotOf(shaped, props, theme);
  const labelled = areLabelled(lines);
  return new uPlot(
    {
      width: place.clientWidth || 300,
      ms: 1,
      height,
      padding: [8, labelled ? LABEL_WIDTH_MAX : LAST_TICK_PX, 0, 0],
      scales: scalesOf(props),
      axes: axesOf(props, theme),
      series,
      bands,
      legend: { show: false },
      cursor: cursorOf(props),
      hooks: { setSelect: [(chart) => zoom(chart, props)] },
      plugins: [
        ...(labelled ? [endLabels(lines, theme)] : []),
        ...(marks ? [marksPlugin(() => marks, theme)] : []),
        crosshairNote({
          lines,
          yText,
          holds: props.points === "dots" ? "the point" : "until the next",
          say: props.note ?? ((value) => ({ title: `${props.xTitle} ${noteText(value, props.xKind)}` })),
        }),
      ],
    },
    data,
    place,
  );
}

function shape(line: Line, props: LineChartProps): Line {
  const safe = (values: readonly (number | null)[]) =>
    props.scale === "log" ? positiveOnly(values) : values;
  const weight = props.smoothing ?? 0;
  return {
    ...line,
    y: safe(smooth(line.y, weight)),
    ...(line.low && line.high ? { low: safe(line.low), high: safe(line.high) } : {}),
  };
}

function cursorOf({ onRange, sync }: LineChartProps): uPlot.Cursor {
  return {
    drag: { x: Boolean(onRange), y: false, setScale: false },
    points: { size: 7 },
    ...(sync ? { sync: { key: sync, scales: ["x", null], setSeries: false } } : {}),
    bind: {
      dblclick: () => () => {
        onRange?.(undefined);
        return null;
      },
    },
  };
}

function zoom(chart: uPlot, props: LineChartProps): void {
  const { left, width } = chart.select;
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (width < 4) return;
  const from = chart.posToVal(left, "x");
  const to = chart.posToVal(left + width, "x");
  if (to > from) props.onRange?.([from, to]);
}

function noteText(value: number, kind: LineChartProps["xKind"]): string {
  return kind === "time" ? formatTime(value) : xText(value, kind);
}
