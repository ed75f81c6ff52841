import type uPlot from "uplot";
import { spreadLabels } from "./lines.ts";
import type { PlottedLine } from "./plot.ts";
import { type ChartTheme, FONT } from "./theme.ts";

/** The room at the right that the labels want. */
export const LABEL_WIDTH_MAX = 96;

const LABELS_MAX = 8; // More would hide the lines; the note at the crosshair names them all.
const LABEL_HEIGHT = 14;

/** Whether each line is named at its end: one alone needs no name, and too many have no room. */
export function areLabelled(lines: readonly PlottedLine[]): boolean {
  const named = lines.filter(({ line }) => line.looks !== "faint").length;
  return named > 1 && named <= LABELS_MAX;
}

/** The name of each line beside its last value. */
export function endLabels(lines: readonly PlottedLine[], theme: ChartTheme): uPlot.Plugin {
  return { hooks: { draw: (chart) => drawLabels(chart, lines, theme) } };
}

function drawLabels(chart: uPlot, lines: readonly PlottedLine[], theme: ChartTheme): void {
  const { ctx, bbox, data } = chart;
  const ratio = devicePixelRatio;
  const ends = lines.flatMap(({ line, series }) => {
    const values = data[series] ?? [];
    const at = (values as (number | null | undefined)[]).findLastIndex(
      (value) => value !== null && value !== undefined,
    );
    const value = values[at];
    return typeof value === "number" ? [{ line, y: chart.valToPos(value, "y", true) / ratio }] : [];
  });
  const placed = spreadLabels(
    ends.map((end) => end.y - LABEL_HEIGHT / 2),
    LABEL_HEIGHT,
    { top: bbox.top / ratio, bottom: (bbox.top + bbox.height) / ratio - LABEL_HEIGHT },
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
