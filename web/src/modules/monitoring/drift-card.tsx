import type { Monitor, MonitorMetric, MonitorWindow } from "@atrium/contract/monitoring";
import { Insufficient } from "./health.tsx";
import { MetricChart } from "./metric-chart.tsx";
import { metricText, metricWords } from "./metric-words.ts";
import { useSeries } from "./monitoring-api.ts";
import type { RankedColumn } from "./worst.ts";

/** One feature over time; its name opens it, a click on its chart opens it at that window. */
export function DriftCard({
  at: { project, segment, metric },
  monitor,
  column,
  window,
  onOpen,
}: {
  at: { project: string; segment: string; metric: MonitorMetric };
  monitor: Monitor;
  column: RankedColumn;
  window: MonitorWindow;
  onOpen: (startMs?: number) => void;
}) {
  const { name, kind, role, value } = column;
  const { data } = useSeries({ project, monitor: monitor.id }, { segment, column: name });
  const broken = data?.thresholds.find((line) => line.metric === metric && isBeyond(line, value));
  const isForOthers = data?.points.every(
    ({ values, insufficient }) => insufficient || values[metric] === undefined,
  );
  return (
    <li className={`card flex min-w-0 flex-col gap-1 p-3 ${broken ? "border-bad" : ""}`}>
      <header className="flex items-baseline gap-2">
        <button
          type="button"
          className="min-w-0 truncate text-left font-medium hover:underline"
          title={name}
          onClick={() => onOpen()}
        >
          {name}
        </button>
        <span className="mr-auto text-ink-3 text-xs">{role === "output" ? "output" : kind}</span>
        <span
          className={`nums whitespace-nowrap ${broken ? "font-medium text-bad" : ""}`}
          title={broken && `Beyond the threshold of ${broken.rule}`}
        >
          {value === undefined && column.insufficient ? (
            <Insufficient rows={column.rows ?? 0} rowsMin={monitor.rowsMin} />
          ) : (
            metricText(metric, value)
          )}
        </span>
      </header>
      {!data && <div className="skeleton h-30" />}
      {data && isForOthers && data.points.some(({ insufficient }) => !insufficient) ? (
        <p className="flex h-30 items-center justify-center text-ink-3">
          {metricWords(metric).title} is not for a {kind}
        </p>
      ) : (
        data && (
          <MetricChart
            monitor={monitor}
            metric={metric}
            series={data}
            beside={metric === "psi" ? "psiNoise" : undefined}
            chosen={{ from: window.startMs, to: window.endMs }}
            onPick={onOpen}
          />
        )
      )}
    </li>
  );
}

export function isBeyond(
  line: { comparison: "above" | "below"; threshold: number },
  value: number | undefined,
): boolean {
  if (value === undefined) return false;
  return line.comparison === "above" ? value > line.threshold : value < line.threshold;
}
