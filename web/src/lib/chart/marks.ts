import type uPlot from "uplot";
import { drawMoments, type Moment } from "./moments.ts";
import { type ChartTheme, FONT } from "./theme.ts";

/** A line across the chart, such as a threshold. */
export interface Level {
  value: number;
  label: string;
  /** CSS colour. */
  colour: string;
}

/** A part of x that stands out: `chosen` is what the page is about, `without` holds no value that could be shown. */
export interface Span {
  from: number;
  to: number;
  kind: "chosen" | "without";
}

/** What is drawn beside the lines, and what a click means. */
export interface Marks {
  levels?: readonly Level[];
  spans?: readonly Span[];
  moments?: readonly Moment[];
  /** Values that the y axis reaches in any case. */
  reaches?: readonly number[];
  /** Hears the x of the point nearest to a click. */
  onPick?: (x: number) => void;
}

const HATCH = 6; // Pixels from one stroke to the next.
const HEADROOM = 0.08; // Of the height, so that neither a line nor its label touches the edge.

/** Draws spans below the lines and levels above them. */
export function marksPlugin(marks: () => Marks, theme: ChartTheme): uPlot.Plugin {
  return {
    hooks: {
      ready: (chart) => {
        chart.over.addEventListener("click", () => {
          const { idx } = chart.cursor;
          const x = typeof idx === "number" ? chart.data[0][idx] : undefined;
          if (x !== undefined) marks().onPick?.(x);
        });
        if (marks().onPick) chart.over.style.cursor = "pointer";
      },
      drawClear: (chart) => {
        for (const span of marks().spans ?? []) drawSpan(chart, span, theme);
      },
      draw: (chart) => {
        drawMoments(chart, marks().moments ?? [], theme.ink);
        for (const level of marks().levels ?? []) drawLevel(chart, level, theme);
      },
    },
  };
}

/** The range of y: all values, all levels, and what it is to reach. A zero at the edge stays at the edge. */
export function rangeOf(
  marks: Marks,
  [low, high]: readonly [number | null, number | null],
): [number, number] {
  const wanted = [low, high, ...(marks.reaches ?? []), ...(marks.levels ?? []).map(({ value }) => value)];
  const numbers = wanted.filter((value): value is number => value !== null && Number.isFinite(value));
  const least = numbers.length > 0 ? Math.min(...numbers) : 0;
  const most = numbers.length > 0 ? Math.max(...numbers) : 1;
  const room = (most - least || Math.abs(most) || 1) * HEADROOM;
  return [least === 0 ? 0 : least - room, most === 0 ? 0 : most + room];
}

/** Levels for those who see no picture. */
export function levelWords(levels: readonly Level[] | undefined, format: (value: number) => string): string {
  if (!levels || levels.length === 0) return "";
  return ` ${levels.map(({ label, value }) => `${label} at ${format(value)}`).join("; ")}.`;
}

function drawSpan(chart: uPlot, span: Span, theme: ChartTheme): void {
  const { ctx, bbox } = chart;
  const left = Math.max(bbox.left, chart.valToPos(span.from, "x", true));
  const right = Math.min(bbox.left + bbox.width, chart.valToPos(span.to, "x", true));
  if (right <= left) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, bbox.top, right - left, bbox.height);
  if (span.kind === "chosen") {
    ctx.fillStyle = `color-mix(in oklab, ${theme.resolve("var(--accent)")} 18%, transparent)`;
    ctx.fill();
  } else {
    ctx.clip();
    hatch(ctx, { left, right, top: bbox.top, height: bbox.height });
    ctx.strokeStyle = theme.line;
    ctx.lineWidth = devicePixelRatio;
    ctx.stroke();
  }
  ctx.restore();
}

function hatch(
  ctx: CanvasRenderingContext2D,
  { left, right, top, height }: { left: number; right: number; top: number; height: number },
): void {
  const step = HATCH * devicePixelRatio;
  ctx.beginPath();
  // Strokes begin at multiples of the step, so that neighbours read as one field.
  for (let x = Math.floor((left - height) / step) * step; x < right; x += step) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
}

function drawLevel(chart: uPlot, { value, label, colour }: Level, theme: ChartTheme): void {
  const { ctx, bbox } = chart;
  const y = chart.valToPos(value, "y", true);
  if (y < bbox.top || y > bbox.top + bbox.height) return;
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.strokeStyle = theme.resolve(colour);
  ctx.fillStyle = ctx.strokeStyle;
  ctx.lineWidth = ratio;
  ctx.setLineDash([4 * ratio, 3 * ratio]);
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.scale(ratio, ratio);
  ctx.font = FONT;
  ctx.textAlign = "right";
  ctx.textBaseline = "bottom";
  ctx.fillText(label, (bbox.left + bbox.width) / ratio - 2, y / ratio - 2);
  ctx.restore();
}
