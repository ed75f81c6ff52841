import type uPlot from "uplot";

/** When something happened that the lines may show. */
export interface Moment {
  at: number;
  label: string;
}

const FONT = '10px "Inter Variable", system-ui, sans-serif';
const LABEL_WIDTH = 64; // Between nearer moments a label would lie over the next one, so it is left out.

/** Draws a dashed line for each moment that is in view, and its label where there is room. */
export function drawMoments(chart: uPlot, moments: readonly Moment[], ink: string): void {
  const { ctx, bbox, scales } = chart;
  const { min, max } = scales.x ?? {};
  if (typeof min !== "number" || typeof max !== "number") return;
  const ratio = devicePixelRatio;
  const seen = moments.filter(({ at }) => at >= min && at <= max).sort((a, b) => a.at - b.at);
  ctx.save();
  ctx.scale(ratio, ratio);
  ctx.font = FONT;
  ctx.textBaseline = "top";
  ctx.strokeStyle = ink;
  ctx.fillStyle = ink;
  ctx.setLineDash([3, 3]);
  const [left = 0, right = 0, top = 0, bottom = 0] = [
    bbox.left,
    bbox.left + bbox.width,
    bbox.top,
    bbox.top + bbox.height,
  ].map((px) => px / ratio);
  const places = seen.map(({ at }) => chart.valToPos(at, "x", true) / ratio);
  seen.forEach(({ label }, index) => {
    const x = places[index] ?? 0;
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, bottom);
    ctx.stroke();
    const isRoomy = (from: number, to: number) => to - from >= LABEL_WIDTH;
    const side = isRoomy(x, places[index + 1] ?? right)
      ? "left"
      : isRoomy(places[index - 1] ?? left, x)
        ? "right"
        : undefined;
    if (side === undefined) return;
    ctx.textAlign = side;
    ctx.fillText(label, side === "left" ? x + 3 : x - 3, top);
  });
  ctx.restore();
}
