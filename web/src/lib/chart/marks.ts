import type uPlot from "uplot";

/** A moment on the x axis. */
export interface Mark {
  at: number;
  label: string;
}

const FONT = '10px "Inter Variable", system-ui, sans-serif';
const LABEL_WIDTH = 64; // Beside a nearer mark a label would lie over the next one, so it is left out.

/** Draws a dashed line for each mark that is in view, and its label where there is room. */
export function drawMarks(chart: uPlot, marks: readonly Mark[], ink: string): void {
  const { ctx, bbox, scales } = chart;
  const { min, max } = scales.x ?? {};
  if (typeof min !== "number" || typeof max !== "number") return;
  const ratio = devicePixelRatio;
  const seen = marks.filter(({ at }) => at >= min && at <= max).sort((a, b) => a.at - b.at);
  ctx.save();
  ctx.scale(ratio, ratio);
  ctx.font = FONT;
  ctx.textBaseline = "top";
  ctx.strokeStyle = ink;
  ctx.fillStyle = ink;
  ctx.setLineDash([3, 3]);
  const [top, bottom, right] = [bbox.top, bbox.top + bbox.height, bbox.left + bbox.width].map(
    (px) => px / ratio,
  );
  seen.forEach(({ at, label }, index) => {
    const x = chart.valToPos(at, "x", true) / ratio;
    ctx.beginPath();
    ctx.moveTo(x, top ?? 0);
    ctx.lineTo(x, bottom ?? 0);
    ctx.stroke();
    const next = seen[index + 1];
    const roomTo = next === undefined ? (right ?? 0) : chart.valToPos(next.at, "x", true) / ratio;
    if (roomTo - x >= LABEL_WIDTH) ctx.fillText(label, x + 3, top ?? 0);
  });
  ctx.restore();
}
