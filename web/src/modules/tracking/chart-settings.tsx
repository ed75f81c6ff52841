import { useMemo } from "react";
import { Choice } from "../../lib/choice.tsx";
import { useStored } from "../../lib/stored.ts";
import { useUrl } from "../../lib/url.ts";
import type { XAxis } from "./runs-api.ts";

const SMOOTHINGS = [0, 0.3, 0.6, 0.9, 0.97];

/** How all charts of a page are drawn. */
export interface ChartSettings {
  axis: XAxis;
  scale: "linear" | "log";
  smoothing: number;
  /** The part of x that is shown; all of it when absent. */
  range: readonly [number, number] | undefined;
  setSmoothing: (smoothing: number) => void;
}

/** As the address says; how much is smoothed is remembered in this browser. */
export function useChartSettings(): ChartSettings {
  const [url] = useUrl();
  const [smoothing, setSmoothing] = useStored("smoothing", 0);
  const range = useMemo(() => parseRange(url.zoom), [url.zoom]);
  return {
    axis: url.x === "time" || url.x === "relative" ? url.x : "step",
    scale: url.y === "log" ? "log" : "linear",
    ...{ smoothing, range, setSmoothing },
  };
}

/** The line above the charts: which of them are seen, and how they are drawn. */
export function ChartControls({ settings }: { settings: ChartSettings }) {
  const [url, setUrl] = useUrl();
  const { axis, scale, smoothing, range, setSmoothing } = settings;
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <input
        className="field !h-7 max-w-48"
        aria-label="Find a metric"
        placeholder="Find a metric"
        value={url.find ?? ""}
        onChange={(event) => setUrl({ find: event.target.value || undefined })}
      />
      <Choice
        label="Across"
        looks="named"
        value={axis}
        options={[
          ["step", "Step"],
          ["time", "Time"],
          ["relative", "Relative"],
        ]}
        onChange={(x) => setUrl({ x: x === "step" ? undefined : x, zoom: undefined })}
      />
      <Choice
        label="Scale"
        looks="named"
        value={scale}
        options={[
          ["linear", "Linear"],
          ["log", "Log"],
        ]}
        onChange={(y) => setUrl({ y: y === "linear" ? undefined : y })}
      />
      <label className="flex items-center gap-2 text-ink-2">
        Smoothing
        <input
          type="range"
          className="w-24 accent-(--accent)"
          min={0}
          max={SMOOTHINGS.length - 1}
          value={Math.max(0, SMOOTHINGS.indexOf(smoothing))}
          onChange={(event) => setSmoothing(SMOOTHINGS[Number(event.target.value)] ?? 0)}
        />
        <span className="nums w-8 text-ink-3">{smoothing}</span>
      </label>
      {range && (
        <button type="button" className="button" onClick={() => setUrl({ zoom: undefined })}>
          Show all of it
        </button>
      )}
    </div>
  );
}

function parseRange(text: string | undefined): readonly [number, number] | undefined {
  const [from, to] = (text ?? "").split(",").map(Number);
  return from !== undefined && to !== undefined && Number.isFinite(from) && Number.isFinite(to) && from < to
    ? [from, to]
    : undefined;
}
