import type { Monitor, MonitorMetric } from "@atrium/contract/monitoring";
import { DRIFT_METRICS } from "@atrium/contract/monitoring/metric-names";
import { Bell } from "lucide-react";
import { useState } from "react";
import { Peek } from "../../lib/peek.tsx";
import { useSession } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { useUrl } from "../../lib/url.ts";
import { DistributionDrawing } from "./distribution.tsx";
import { isBeyond } from "./drift-card.tsx";
import { Insufficient } from "./health.tsx";
import { MetricChart } from "./metric-chart.tsx";
import { metricText, metricWords } from "./metric-words.ts";
import { useDistribution, useSeries, useWindow } from "./monitoring-api.ts";
import { RuleDialog } from "./rule-dialog.tsx";
import type { ChosenWindow } from "./use-chosen-window.ts";
import { WindowChoice } from "./window-choice.tsx";

const QUALITY: readonly MonitorMetric[] = [
  "nullShare",
  "outOfRangeShare",
  "unseenShare",
  "typeErrorShare",
  "distinct",
  "mean",
  "standardDeviation",
  "minimum",
  "median",
  "maximum",
];

interface Of {
  project: string;
  monitor: Monitor;
  column: Monitor["columns"][number];
  windows: ChosenWindow;
  segment: string;
}

/** The feature that the address names, beside what it was opened from. */
export function PeekedColumn(of: Omit<Of, "column">) {
  const [url, setUrl] = useUrl();
  const peeked = of.monitor.columns.find(({ name }) => name === url.peek);
  if (!peeked) return null;
  return (
    <Peek title={peeked.name} onClose={() => setUrl({ peek: undefined })}>
      <ColumnPeek {...of} column={peeked} />
    </Peek>
  );
}

/** One feature in one window: its values beside the reference's, its distances, what its values are like. */
function ColumnPeek(of: Of) {
  const { project, monitor, column, windows, segment } = of;
  const { can } = useSession();
  const [over, setOver] = useState<"rule" | undefined>();
  const { chosen, choose } = windows;
  const { data: series } = useSeries({ project, monitor: monitor.id }, { segment, column: column.name });
  if (!chosen) return <Skeleton />;
  return (
    <div className="flex flex-col gap-4 p-4">
      <WindowChoice monitor={monitor} of={windows} keys="none" />
      <Comparison {...of} startMs={chosen.startMs} />
      {series && (
        <section>
          <h2 className="mb-1">PSI over time</h2>
          <MetricChart
            monitor={monitor}
            metric="psi"
            series={series}
            beside="psiNoise"
            chosen={{ from: chosen.startMs, to: chosen.endMs }}
            onPick={choose}
            height={150}
          />
        </section>
      )}
      <Values {...of} startMs={chosen.startMs} />
      {can("monitor:write") && (
        <button type="button" className="button self-start" onClick={() => setOver("rule")}>
          <Bell size={14} /> Alarm on this feature
        </button>
      )}
      {over === "rule" && (
        <RuleDialog
          project={project}
          monitor={monitor}
          start={{ metric: "psi", column: column.name, segment }}
          onClose={() => setOver(undefined)}
        />
      )}
    </div>
  );
}

function Comparison({ project, monitor, column, segment, startMs }: Of & { startMs: number }) {
  const asked = { startMs, column: column.name, segment };
  const { data, error, refetch } = useDistribution({ project, monitor: monitor.id }, asked);
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={4} />;
  return <DistributionDrawing distribution={data} />;
}

/** What the window says of the column in numbers. */
function Values({ project, monitor, column, segment, startMs }: Of & { startMs: number }) {
  const at = { project, monitor: monitor.id };
  const { data } = useWindow(at, startMs);
  const { data: series } = useSeries(at, { segment, column: column.name });
  const result = data?.results.find((one) => one.segment === segment && one.column === column.name);
  if (!result) return null;
  const isThere = (metric: MonitorMetric) => result.values[metric] !== undefined;
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <section>
        <h2 className="mb-1">Distance from the reference</h2>
        {result.insufficient ? (
          <p>
            <Insufficient rows={result.rows} rowsMin={monitor.rowsMin} />
          </p>
        ) : (
          <ValueList
            metrics={DRIFT_METRICS.filter(isThere)}
            values={result.values}
            thresholds={series?.thresholds ?? []}
          />
        )}
        {result.sampledRows !== undefined && (
          <p className="text-ink-3 text-xs">
            KS and Wasserstein are of {result.sampledRows} rows, drawn with a fixed seed.
          </p>
        )}
      </section>
      <section>
        <h2 className="mb-1">Values</h2>
        <ValueList
          metrics={QUALITY.filter(isThere)}
          values={result.values}
          thresholds={series?.thresholds ?? []}
        />
      </section>
    </div>
  );
}

function ValueList({
  metrics,
  values,
  thresholds,
}: {
  metrics: readonly MonitorMetric[];
  values: Partial<Record<MonitorMetric, number | undefined>>;
  thresholds: readonly { metric: string; comparison: "above" | "below"; threshold: number; rule: string }[];
}) {
  return (
    <dl className="grid grid-cols-[minmax(0,1fr)_max-content] gap-x-4 gap-y-0.5">
      {metrics.map((metric) => {
        const broken = thresholds.find((line) => line.metric === metric && isBeyond(line, values[metric]));
        return (
          <div key={metric} className="contents">
            <dt className="truncate text-ink-3" title={metricWords(metric).words}>
              {metricWords(metric).title}
            </dt>
            <dd
              className={`nums text-right ${broken ? "font-medium text-bad" : ""}`}
              title={broken ? `Beyond the threshold of ${broken.rule}` : String(values[metric])}
            >
              {metricText(metric, values[metric])}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
