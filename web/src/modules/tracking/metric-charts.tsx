import { useEffect, useMemo, useRef, useState } from "react";
import { useApi } from "../../lib/api.ts";
import { LineChart } from "../../lib/chart/line-chart.tsx";
import { type Line, lineOf } from "../../lib/chart/lines.ts";
import { formatCount, plural } from "../../lib/format.ts";
import { EmptyState, ErrorState } from "../../lib/states.tsx";
import { useStored } from "../../lib/stored.ts";
import { useUrl } from "../../lib/url.ts";
import { metricBuckets, type XAxis } from "./runs-api.ts";
import { SingleValues } from "./single-values.tsx";

export interface ChartedRun {
  id: string;
  name: string;
  colour: string;
}

// A bucket every other pixel is all that an eye can tell apart.
const PIXELS_A_BUCKET = 2;
const BUCKETS_MAX = 1000;
const CHARTS_AT_FIRST = 24;
const SMOOTHINGS = [0, 0.3, 0.6, 0.9, 0.97];

/** A chart a metric, grouped by the part before the slash, all on one crosshair. */
export function MetricCharts({
  project,
  runs,
  metrics,
}: {
  project: string;
  runs: readonly ChartedRun[];
  metrics: readonly string[];
}) {
  const [url, setUrl] = useUrl();
  const [smoothing, setSmoothing] = useStored("smoothing", 0);
  const [all, setAll] = useState<"all" | "some">("some");
  const axis: XAxis = url.x === "time" || url.x === "relative" ? url.x : "step";
  const scale = url.y === "log" ? "log" : "linear";
  const range = useMemo(() => parseRange(url.zoom), [url.zoom]);
  const wanted = (url.find ?? "").toLowerCase();
  const found = metrics.filter((name) => name.toLowerCase().includes(wanted));
  const shown = all === "all" ? found : found.slice(0, CHARTS_AT_FIRST);
  if (metrics.length === 0)
    return (
      <EmptyState title="No metrics" drawing="chart">
        This run has logged none so far; they appear here as they come.
      </EmptyState>
    );
  return (
    <div className="flex flex-col gap-3 p-4">
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
      <div className="grid items-start grid-cols-[repeat(auto-fill,minmax(min(100%,380px),1fr))] gap-3">
        {shown.map((name) => (
          <MetricChart
            key={name}
            project={project}
            runs={runs}
            metric={name}
            axis={axis}
            scale={scale}
            smoothing={smoothing}
            range={range}
            onRange={(next) => setUrl({ zoom: next ? `${next[0]},${next[1]}` : undefined })}
          />
        ))}
      </div>
      {found.length === 0 && <p className="text-ink-3">No metric of that name.</p>}
      {shown.length < found.length && (
        <button type="button" className="button self-start" onClick={() => setAll("all")}>
          Show {plural(found.length - shown.length, "more chart")}
        </button>
      )}
    </div>
  );
}

function MetricChart({
  project,
  runs,
  metric,
  axis,
  scale,
  smoothing,
  range,
  onRange,
}: {
  project: string;
  runs: readonly ChartedRun[];
  metric: string;
  axis: XAxis;
  scale: "linear" | "log";
  smoothing: number;
  range: readonly [number, number] | undefined;
  onRange: (range: readonly [number, number] | undefined) => void;
}) {
  const place = useRef<HTMLElement>(null);
  const [buckets, setBuckets] = useState(0);
  // Read only when in view, and as finely as the chart is wide.
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const seen = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting)
        setBuckets(
          (now) =>
            now || Math.min(BUCKETS_MAX, Math.max(50, Math.round(element.clientWidth / PIXELS_A_BUCKET))),
        );
    });
    seen.observe(element);
    return () => seen.disconnect();
  }, []);
  const ids = runs.map((run) => run.id);
  const zoomed = range ? { from: range[0], to: range[1] } : {};
  const { data, error, refetch } = useApi(
    metricBuckets,
    { project, query: { runIds: ids, metric, axis, ...zoomed, buckets } },
    { enabled: buckets > 0, placeholderData: (before) => before },
  );
  const lines = useMemo<Line[]>(
    () =>
      (data?.items ?? []).flatMap((series) => {
        const run = runs.find((one) => one.id === series.runId);
        return run ? [lineOf(series, { id: run.id, label: run.name, colour: run.colour })] : [];
      }),
    [data, runs],
  );
  const points = (data?.items ?? []).reduce(
    (sum, series) => sum + series.count.reduce((a, b) => a + b, 0),
    0,
  );
  // One value a run is no curve: it reads better as a bar with its number.
  const single = data !== undefined && range === undefined && points > 0 && points <= data.items.length;
  return (
    <figure ref={place} className="card min-w-0 p-3">
      <figcaption className="mb-1 flex items-baseline gap-2">
        <span className="truncate font-medium" title={metric}>
          {metric}
        </span>
        {points > 0 && (
          <span className="nums ml-auto whitespace-nowrap text-ink-3 text-xs">
            n = {formatCount(points)}
            {lines.some((line) => line.low) ? ", min–max band" : ""}
          </span>
        )}
      </figcaption>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : single ? (
        <SingleValues runs={runs} series={data?.items ?? []} />
      ) : (
        <LineChart
          title={metric}
          lines={lines}
          xTitle={axis === "step" ? "step" : axis === "time" ? "" : "after"}
          xKind={axis === "time" ? "time" : axis === "relative" ? "duration" : "number"}
          scale={scale}
          smoothing={smoothing}
          range={range}
          onRange={onRange}
          sync={`metrics-${axis}`}
        />
      )}
    </figure>
  );
}

function Choice<Value extends string>({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: Value;
  options: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
}) {
  return (
    <fieldset className="flex items-center gap-1">
      <legend className="sr-only">{label}</legend>
      <span className="mr-1 text-ink-2" aria-hidden>
        {label}
      </span>
      {options.map(([option, title]) => (
        <button
          key={option}
          type="button"
          aria-pressed={value === option}
          className={`rounded px-2 py-0.5 ${value === option ? "bg-hover font-medium" : "text-ink-2 hover:bg-hover"}`}
          onClick={() => onChange(option)}
        >
          {title}
        </button>
      ))}
    </fieldset>
  );
}

function parseRange(text: string | undefined): readonly [number, number] | undefined {
  const [from, to] = (text ?? "").split(",").map(Number);
  return from !== undefined && to !== undefined && Number.isFinite(from) && Number.isFinite(to) && from < to
    ? [from, to]
    : undefined;
}
