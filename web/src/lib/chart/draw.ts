import uPlot from "uplot";
import { formatDuration, formatNumber, formatTime } from "../format.ts";
import type { LineChartProps } from "./line-chart.tsx";
import { type Line, positiveOnly, smooth, spreadLabels } from "./lines.ts";
import { marksPlugin, rangeOf } from "./marks.ts";
import { crosshairNote } from "./note.ts";

const LABELS_MAX = 8; // More would hide the lines; the note at the crosshair names them all.
const LABEL_HEIGHT = 14;
const LABEL_WIDTH_MAX = 96;
const FONT = '11px "Inter Variable", system-ui, sans-serif';

/** Builds the picture. Each line takes one uPlot series, and two unseen ones more when it has a band. */
export function drawChart(place: HTMLElement, props: LineChartProps, height: number): uPlot {
  const theme = readTheme(place);
  const { marks, yText = formatNumber } = props;
  const shaped = props.lines.map((line) => shape(line, props));
  const tables: uPlot.AlignedData[] = [];
  const series: uPlot.Series[] = [{ label: props.xTitle }];
  const bands: uPlot.Band[] = [];
  for (const line of shaped) {
    const colour = theme.resolve(line.colour);
    tables.push([
      line.x,
      line.y,
      ...(line.low && line.high ? [line.high, line.low] : []),
    ] as unknown as uPlot.AlignedData);
    series.push({
      label: line.label,
      stroke: colour,
      width: 1.5,
      ...(line.looks === "faint" ? { dash: [2, 3] } : {}),
      points: {
        show: line.looks !== "faint",
        ...(props.points === "dots" ? {} : { filter: lonely }),
        size: props.points === "dots" ? 5 : 6,
        fill: colour,
      },
    });
    if (!line.low || !line.high) continue;
    const at = series.length;
    const unseen: uPlot.Series = { stroke: "transparent", width: 0, points: { show: false } };
    series.push({ ...unseen, label: `${line.label} max` }, { ...unseen, label: `${line.label} min` });
    bands.push({ series: [at, at + 1], fill: `color-mix(in oklab, ${colour} 16%, transparent)` });
  }
  const data = tables.length > 0 ? uPlot.join(tables) : ([[0], []] as unknown as uPlot.AlignedData);
  const named = shaped.filter(({ looks }) => looks !== "faint").length;
  const labelled = named > 1 && named <= LABELS_MAX;
  const main = mainSeries(shaped);
  const axis: uPlot.Axis = {
    stroke: theme.ink,
    font: FONT,
    grid: { stroke: theme.line, width: 1 },
    ticks: { show: false },
    gap: 6,
  };
  return new uPlot(
    {
      width: place.clientWidth || 300,
      ms: 1,
      height,
      padding: [8, labelled ? LABEL_WIDTH_MAX : 12, 0, 0],
      scales: {
        x: {
          time: props.xKind === "time",
          ...(props.range ? { range: [props.range[0], props.range[1]] as [number, number] } : {}),
        },
        y: {
          distr: props.scale === "log" ? 3 : 1,
          ...(marks ? { range: (_: uPlot, low: number, high: number) => rangeOf(marks, [low, high]) } : {}),
        },
      },
      axes: [
        {
          ...axis,
          size: props.xKind === "time" ? 42 : 28,
          ...(props.xKind === "time"
            ? {}
            : { values: (_, ticks) => ticks.map((tick) => xText(tick, props.xKind)) }),
        },
        {
          ...axis,
          size: (_, values) => 14 + 6.5 * Math.max(3, ...(values ?? []).map((value) => value.length)),
          values: (_, ticks) => ticks.map((tick) => (tick === null ? "" : yText(tick))),
        },
      ],
      series,
      bands,
      legend: { show: false },
      cursor: {
        drag: { x: Boolean(props.onRange), y: false, setScale: false },
        points: { size: 7 },
        ...(props.sync ? { sync: { key: props.sync, scales: ["x", null], setSeries: false } } : {}),
        bind: {
          dblclick: () => () => {
            props.onRange?.(undefined);
            return null;
          },
        },
      },
      hooks: {
        setSelect: [(chart) => zoom(chart, props)],
        ...(labelled ? { draw: [(chart: uPlot) => drawLabels(chart, shaped, main, theme)] } : {}),
      },
      plugins: [
        ...(marks ? [marksPlugin(() => marks, theme)] : []),
        crosshairNote({
          lines: shaped,
          main,
          yText,
          holds: props.points === "dots" ? "the point" : "until the next",
          say:
            props.note ??
            ((value) => ({
              title: `${props.xTitle} ${props.xKind === "time" ? formatTime(value) : xText(value, props.xKind)}`,
            })),
        }),
      ],
    },
    data,
    place,
  );
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

function shape(line: Line, props: LineChartProps): Line {
  const safe = (values: readonly (number | null)[]) =>
    props.scale === "log" ? positiveOnly(values) : values;
  const weight = props.smoothing ?? 0;
  const shaped = {
    ...line,
    y: safe(smooth(line.y, weight)),
    ...(line.low && line.high ? { low: safe(line.low), high: safe(line.high) } : {}),
  };
  return shaped;
}

function mainSeries(lines: readonly Line[]): number[] {
  let at = 1;
  return lines.map((line) => {
    const mine = at;
    at += line.low && line.high ? 3 : 1;
    return mine;
  });
}

function zoom(chart: uPlot, props: LineChartProps): void {
  const { left, width } = chart.select;
  chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  if (width < 4) return;
  const from = chart.posToVal(left, "x");
  const to = chart.posToVal(left + width, "x");
  if (to > from) props.onRange?.([from, to]);
}

function drawLabels(chart: uPlot, lines: readonly Line[], main: readonly number[], theme: ChartTheme): void {
  const { ctx, bbox, data } = chart;
  const ratio = devicePixelRatio;
  const ends = lines.flatMap((line, index) => {
    const values = data[main[index] ?? 0] ?? [];
    const at = (values as (number | null | undefined)[]).findLastIndex(
      (value) => value !== null && value !== undefined,
    );
    const value = values[at];
    return typeof value === "number" ? [{ line, y: chart.valToPos(value, "y", true) / ratio }] : [];
  });
  const placed = spreadLabels(
    ends.map((end) => end.y - LABEL_HEIGHT / 2),
    LABEL_HEIGHT,
    bbox.top / ratio,
    (bbox.top + bbox.height) / ratio - LABEL_HEIGHT,
  );
  ctx.save();
  ctx.scale(ratio, ratio);
  ctx.font = FONT;
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ends.forEach((end, index) => {
    ctx.fillStyle = theme.resolve(end.line.colour);
    ctx.fillText(
      fit(ctx, end.line.label, LABEL_WIDTH_MAX - 10),
      (bbox.left + bbox.width) / ratio + 6,
      (placed[index] ?? 0) + LABEL_HEIGHT / 2,
    );
  });
  ctx.restore();
}

function fit(ctx: CanvasRenderingContext2D, text: string, width: number): string {
  if (ctx.measureText(text).width <= width) return text;
  let length = text.length - 1;
  while (length > 1 && ctx.measureText(`${text.slice(0, length)}…`).width > width) length--;
  return `${text.slice(0, length)}…`;
}

function xText(value: number, kind: LineChartProps["xKind"]): string {
  return kind === "duration" ? formatDuration(value) : formatNumber(value);
}

interface ChartTheme {
  ink: string;
  line: string;
  resolve: (colour: string) => string;
}

/** A canvas knows no CSS variables, so a hidden element reads them for it. */
function readTheme(place: HTMLElement): ChartTheme {
  const resolve = (colour: string) => {
    const probe = document.createElement("span");
    probe.style.color = colour;
    place.append(probe);
    const resolved = getComputedStyle(probe).color;
    probe.remove();
    return resolved;
  };
  return { ink: resolve("var(--ink-3)"), line: resolve("var(--line)"), resolve };
}
