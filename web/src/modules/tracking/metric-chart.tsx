import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { useApi } from "../../lib/api.ts";
import { LineChart } from "../../lib/chart/line-chart.tsx";
import { type Line, lineOf } from "../../lib/chart/lines.ts";
import { formatCount } from "../../lib/format.ts";
import { ErrorState } from "../../lib/states.tsx";
import type { ChartSettings } from "./chart-settings.tsx";
import { metricBuckets } from "./runs-api.ts";
import { SingleValues } from "./single-values.tsx";

export interface ChartedRun {
  id: string;
  name: string;
  colour: string;
}

// A bucket every other pixel is all that an eye can tell apart.
const PIXELS_A_BUCKET = 2;
const BUCKETS_MIN = 50;
const BUCKETS_MAX = 1000;

/** One metric of some runs, read when it comes into view. */
export function MetricChart({
  project,
  runs,
  metric,
  settings,
  onRange,
}: {
  project: string;
  runs: readonly ChartedRun[];
  metric: string;
  settings: ChartSettings;
  onRange: (range: readonly [number, number] | undefined) => void;
}) {
  const { axis, scale, smoothing, range } = settings;
  const place = useRef<HTMLElement>(null);
  const buckets = useBucketsInView(place);
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

/** How finely a chart reads its points: as finely as it is wide, and not at all before it is first in view. */
function useBucketsInView(place: RefObject<HTMLElement | null>): number {
  const [buckets, setBuckets] = useState(0);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const seen = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      const wanted = Math.round(element.clientWidth / PIXELS_A_BUCKET);
      setBuckets((now) => now || Math.min(BUCKETS_MAX, Math.max(BUCKETS_MIN, wanted)));
    });
    seen.observe(element);
    return () => seen.disconnect();
  }, [place]);
  return buckets;
}
