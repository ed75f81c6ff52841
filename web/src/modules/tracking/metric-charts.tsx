import { useState } from "react";
import { plural } from "../../lib/format.ts";
import { EmptyState } from "../../lib/states.tsx";
import { useUrl } from "../../lib/url.ts";
import { ChartControls, useChartSettings } from "./chart-settings.tsx";
import { type ChartedRun, MetricChart } from "./metric-chart.tsx";

const CHARTS_AT_FIRST = 24;

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
  const settings = useChartSettings();
  const [all, setAll] = useState<"all" | "some">("some");
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
      <ChartControls settings={settings} />
      <div className="grid items-start grid-cols-[repeat(auto-fill,minmax(min(100%,380px),1fr))] gap-3">
        {shown.map((name) => (
          <MetricChart
            key={name}
            project={project}
            runs={runs}
            metric={name}
            settings={settings}
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
