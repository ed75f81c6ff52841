import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useApi } from "../../lib/api.ts";
import { LineChart } from "../../lib/chart/line-chart.tsx";
import type { Line } from "../../lib/chart/lines.ts";
import { seriesColour } from "../../lib/colours.ts";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { useUrl } from "../../lib/url.ts";
import { timeRange } from "./log-query.ts";
import { SpanSelect } from "./span-select.tsx";
import { metricRange, metricSeries } from "./telemetry-api.ts";

const CHARTS_MAX = 24;
const POINTS_MAX = 300;

/** The server's own metrics, a chart a name, all on one crosshair. */
export function Metrics() {
  const [url, setUrl] = useUrl();
  const [now, setNow] = useState(() => Date.now());
  const range = useMemo(() => timeRange(url, now), [url, now]);
  const { data, error, refetch } = useApi(metricSeries, { query: {} });
  const names = useMemo(() => [...new Set(data?.items.map((series) => series.name) ?? [])].sort(), [data]);
  const found = names.filter((name) => name.includes(url.find ?? ""));
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton />;
  if (names.length === 0)
    return (
      <EmptyState title="No metrics yet" drawing="chart">
        The server writes its own metrics within the first minute.
      </EmptyState>
    );
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap gap-2">
        <input
          className="field !h-7 max-w-64"
          aria-label="Find a metric"
          placeholder="Find a metric"
          value={url.find ?? ""}
          onChange={(event) => setUrl({ find: event.target.value || undefined })}
        />
        <SpanSelect
          url={url}
          onSpan={(span) => {
            setNow(Date.now());
            setUrl({ span, from: undefined, to: undefined });
          }}
        />
      </div>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,380px),1fr))] gap-3">
        {found.slice(0, CHARTS_MAX).map((name) => (
          <MetricChart
            key={name}
            name={name}
            range={range}
            onRange={(next) =>
              setUrl({
                from: next && String(Math.round(next[0])),
                to: next && String(Math.round(next[1])),
              })
            }
          />
        ))}
      </div>
      {found.length > CHARTS_MAX && (
        <p className="text-ink-3">{found.length - CHARTS_MAX} more; search by name to see them.</p>
      )}
    </div>
  );
}

function MetricChart({
  name,
  range,
  onRange,
}: {
  name: string;
  range: { fromMs: number; toMs: number };
  onRange: (range: readonly [number, number] | undefined) => void;
}) {
  const { data } = useQuery({
    queryKey: [metricRange.route, { name, ...range }],
    queryFn: ({ signal }) => metricRange({ query: { name, ...range, pointsMax: POINTS_MAX } }, signal),
    placeholderData: (before) => before,
  });
  const lines = useMemo<Line[]>(
    () =>
      (data?.items ?? []).map(({ series, points }, index) => ({
        id: series.id,
        label:
          Object.entries(series.labels)
            .map(([label, value]) => `${label}=${value}`)
            .join(" ") || name,
        colour: seriesColour(index),
        x: points.map(([atMs]) => atMs),
        y: points.map(([, value]) => value),
      })),
    [data, name],
  );
  return (
    <figure className="card min-w-0 p-3">
      <figcaption className="mb-1 truncate font-medium" title={name}>
        {name}
      </figcaption>
      <LineChart
        title={name}
        lines={lines}
        xTitle=""
        xKind="time"
        range={[range.fromMs, range.toMs]}
        onRange={onRange}
        sync="server-metrics"
        height={180}
      />
    </figure>
  );
}
