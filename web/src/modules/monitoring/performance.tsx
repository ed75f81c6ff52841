import type { Monitor, MonitorMetric, SeriesPoint } from "@atrium/contract/monitoring";
import { useMemo } from "react";
import { EmptyState, Skeleton } from "../../lib/states.tsx";
import { wilson } from "./confidence.ts";
import { NoWindows } from "./drift.tsx";
import { MetricChart, type Threshold } from "./metric-chart.tsx";
import { metricText, metricWords } from "./metric-words.ts";
import { useSeries } from "./monitoring-api.ts";
import { performanceCode } from "./same-as-code.ts";
import { useChosenWindow, useSegment } from "./use-chosen-window.ts";
import { SegmentChoice, WindowChoice } from "./window-choice.tsx";

const CHARTS: Record<"regression" | "classification", readonly MonitorMetric[]> = {
  regression: ["mae", "rmse", "bias", "r2"],
  classification: ["accuracy", "precision", "recall", "f1", "rocAuc", "logLoss", "brier", "calibrationError"],
};
const TRAFFIC: readonly MonitorMetric[] = [
  "errorShare",
  "defaultedShare",
  "newShare",
  "latencyP50Ms",
  "latencyP95Ms",
];

/** How right the predictions were, as far as labels have come, and how they were answered. */
export function Performance({ project, monitor }: { project: string; monitor: Monitor }) {
  const windows = useChosenWindow(project, monitor);
  const [segment, setSegment] = useSegment(monitor);
  const { data } = useSeries({ project, monitor: monitor.id }, { segment });
  if (windows.isPending || !data) return <Skeleton rows={8} />;
  if (!windows.chosen) return <NoWindows monitor={monitor} />;
  const task = monitor.performance?.task;
  const charts = [
    ...(task === undefined ? [] : (["labelCoverage", ...CHARTS[task]] as const)),
    ...(monitor.source.kind === "endpoint" ? TRAFFIC : []),
  ].filter(
    (metric) => metric === "labelCoverage" || data.points.some(({ values }) => values[metric] !== undefined),
  );
  return (
    <div className="flex flex-col gap-3 p-4">
      <div className="flex flex-wrap items-center gap-2">
        <SegmentChoice monitor={monitor} segment={segment} onSegment={setSegment} />
        <WindowChoice monitor={monitor} of={windows} />
      </div>
      {task === undefined ? (
        <NoPerformance project={project} monitor={monitor} />
      ) : (
        <p className="text-ink-3 text-xs">
          Of the predictions that have a label by now. The band is where the true value lies with 95 %
          confidence (Wilson), where what is drawn is a share of labelled predictions.
        </p>
      )}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,340px),1fr))] gap-3">
        {charts.map((metric) => (
          <PerformanceCard
            key={metric}
            monitor={monitor}
            metric={metric}
            series={data}
            chosen={windows.chosen}
            onPick={windows.choose}
          />
        ))}
      </ul>
    </div>
  );
}

function PerformanceCard({
  monitor,
  metric,
  series,
  chosen,
  onPick,
}: {
  monitor: Monitor;
  metric: MonitorMetric;
  series: { points: readonly SeriesPoint[]; thresholds: readonly Threshold[] };
  chosen: { startMs: number; endMs: number } | undefined;
  onPick: (startMs: number) => void;
}) {
  const band = useMemo(() => bandOf(metric, series.points), [metric, series.points]);
  const at = series.points.findIndex(({ startMs }) => startMs === chosen?.startMs);
  const point = series.points[at];
  const [low, high] = band?.[at] ?? [];
  const n = metric === "labelCoverage" ? point?.rows : point?.values.labelled;
  return (
    <li className="card min-w-0 p-3">
      <header className="mb-1 flex items-baseline gap-2">
        <h2 className="mr-auto truncate" title={metricWords(metric).words}>
          {metricWords(metric).title}
        </h2>
        <span className="nums whitespace-nowrap">{metricText(metric, point?.values[metric])}</span>
        {low !== undefined && high !== undefined && (
          <span className="nums whitespace-nowrap text-ink-3 text-xs" title="95 % confidence">
            {metricText(metric, low)} – {metricText(metric, high)}
          </span>
        )}
        {n !== undefined && <span className="nums whitespace-nowrap text-ink-3 text-xs">n = {n}</span>}
      </header>
      <MetricChart
        monitor={monitor}
        metric={metric}
        series={series}
        band={band}
        chosen={chosen && { from: chosen.startMs, to: chosen.endMs }}
        onPick={onPick}
        height={150}
      />
    </li>
  );
}

/** Accuracy is a share of the labelled; of precision and recall the windows do not keep how many they are shares of. */
function bandOf(metric: MonitorMetric, points: readonly SeriesPoint[]) {
  if (metric !== "accuracy") return undefined;
  return points.map(({ values: { accuracy, labelled } }) =>
    accuracy === undefined || !labelled ? undefined : wilson(accuracy, labelled),
  );
}

function NoPerformance({ project, monitor }: { project: string; monitor: Monitor }) {
  return (
    <EmptyState
      title="Nothing says how right the predictions were"
      drawing="chart"
      command={performanceCode(project, monitor)}
    >
      Name the column that holds the prediction; labels{" "}
      {monitor.source.kind === "endpoint"
        ? "come by prediction id, as late as they like within the grace."
        : "stand in a column of the dataset."}
    </EmptyState>
  );
}
