import { useEffect, useMemo, useRef } from "react";
import type uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatNumber } from "../format.ts";
import { onThemeChange } from "../theme.ts";
import { drawChart } from "./draw.ts";
import { describe, type Line } from "./lines.ts";
import { levelWords, type Marks } from "./marks.ts";

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
  /** Charts of one key share the crosshair. */
  sync?: string;
  height?: number;
  /** `dots` marks every point, for lines of few points that stand for something one can choose. */
  points?: "dots";
  /** Levels, spans and clicks; give the same object while nothing of it changes. */
  marks?: Marks | undefined;
  /** How the y axis and the note write a value; a plain number when not given. */
  yText?: (value: number) => string;
  /** How the note names an x, and what it adds there; the time or number alone when not given. */
  note?: (x: number) => { title: string; words?: string | undefined };
}

/** Many lines, with bands where points were bucketed; drawn on a canvas, told in words to screen readers. */
export function LineChart(props: LineChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const { lines, scale, smoothing, range, xKind, sync, height = 220, marks } = props;
  const words = useMemo(
    () => describe(props.title, lines, formatNumber) + levelWords(marks?.levels, formatNumber),
    [props.title, lines, marks?.levels],
  );

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
  }, [lines, scale, smoothing, range?.[0], range?.[1], xKind, sync, height, marks]);

  return <div ref={place} role="img" aria-label={words} className="relative w-full" style={{ height }} />;
}
