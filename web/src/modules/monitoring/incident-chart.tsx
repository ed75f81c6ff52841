import type { Incident } from "@atrium/contract/monitoring";
import { useMemo } from "react";
import { MetricChart } from "./metric-chart.tsx";
import { useMonitor, useTrial } from "./monitoring-api.ts";
import { seriesOf } from "./rule-trial.tsx";

/** The value that the rule looks at in each window, the worst of several features, with the time of the incident set off. */
export function IncidentChart({ project, incident }: { project: string; incident: Incident }) {
  const { monitorId, metric, column, segment, comparison, threshold, severity, rule } = incident;
  const { data: monitor } = useMonitor({ project, monitor: monitorId });
  const { data: trial } = useTrial(project, {
    ...{ monitorId, name: rule, metric, segment, comparison, threshold, severity },
    ...{ windows: 1, channels: [], enabled: true },
    ...(column === undefined ? {} : { column }),
  });
  const windowMs = monitor?.windowMs ?? 0;
  const series = useMemo(
    () => trial && seriesOf(trial, { metric, rule, threshold, severity }, windowMs),
    [trial, metric, rule, threshold, severity, windowMs],
  );
  if (!monitor || !trial || !series) return null;
  return (
    <section className="card min-w-0 p-3" aria-label="Over time">
      <h2 className="mb-1">{column === undefined ? "The worst feature over time" : "Over time"}</h2>
      <MetricChart
        monitor={monitor}
        metric={metric}
        series={series}
        says={(startMs) => trial.points.find((point) => point.startMs === startMs)?.column}
        chosen={{ from: incident.windowStartMs, to: incident.lastWindowStartMs + windowMs }}
        height={220}
      />
    </section>
  );
}
