import { useEffect, useMemo, useRef } from "react";
import type uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatNumber } from "../format.ts";
import { onThemeChange } from "../theme.ts";
import { drawChart } from "./draw.ts";
import { describe, type Line } from "./lines.ts";
import type { Mark } from "./marks.ts";

export interface LineChartProps {
  title: string;
  lines: readonly Line[];
  xTitle: string;
  /** How the x axis writes a value; times and durations are in milliseconds. */
  xKind: "number" | "time" | "duration";
  scale?: "linear" | "log";
  smoothing?: number;
  /** The part of x that is shown; all of it when absent. */
  range?: readonly [number, number] | undefined;
  /** A drag zooms in, a double click asks for everything again. The caller reads finer buckets. */
  onRange?: (range: readonly [number, number] | undefined) => void;
  /** Moments worth a line across the chart, such as a change of what is measured. */
  marks?: readonly Mark[];
  /** `zero`: the scale begins at nothing, for what cannot be less. */
  floor?: "data" | "zero";
  /** Charts of one key share the crosshair. */
  sync?: string;
  height?: number;
}

/** Many lines, with bands where points were bucketed; drawn on a canvas, told in words to screen readers. */
export function LineChart(props: LineChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const words = useMemo(() => describe(props.title, props.lines, formatNumber), [props.title, props.lines]);
  const { lines, marks, floor, scale, smoothing, range, xKind, sync, height = 220 } = props;

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let chart: uPlot | undefined;
    const draw = () => {
      chart?.destroy();
      chart = drawChart(element, latest.current, height);
    };
    draw();
    const resized = new ResizeObserver(() => chart?.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    const forget = onThemeChange(draw);
    return () => {
      resized.disconnect();
      forget();
      chart?.destroy();
    };
  }, [lines, marks, floor, scale, smoothing, range?.[0], range?.[1], xKind, sync, height]);

  return <div ref={place} role="img" aria-label={words} className="relative w-full" style={{ height }} />;
}
