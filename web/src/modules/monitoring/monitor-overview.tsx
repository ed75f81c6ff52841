import type { Monitor } from "@atrium/contract/monitoring";
import { Facts } from "../../lib/page.tsx";
import { Ago, Num } from "../../lib/words.tsx";
import { NoWindows } from "./drift.tsx";
import { Insufficient } from "./health.tsx";
import { MetricChart } from "./metric-chart.tsx";
import { useSeries, useWindows } from "./monitoring-api.ts";
import { OpenIncidents } from "./open-incidents.tsx";
import { lengthWords, windowWords } from "./window-words.ts";
import { WorstFeatures } from "./worst-features.tsx";

/** Is it well, what moved, what to look at next. */
export function MonitorOverview({ project, monitor }: { project: string; monitor: Monitor }) {
  const isEmpty = monitor.lastWindow === undefined;
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        {isEmpty ? (
          <NoWindows monitor={monitor} />
        ) : (
          <>
            <WorstFeatures project={project} monitor={monitor} />
            <RowsOverTime project={project} monitor={monitor} />
          </>
        )}
      </div>
      <div className="flex min-w-0 flex-col gap-4">
        <OpenIncidents project={project} monitor={monitor} />
        <NewestWindow project={project} monitor={monitor} />
        <section className="card flex min-w-0 flex-col gap-2 p-3">
          <h2>How it watches</h2>
          {monitor.description && <p className="text-ink-2">{monitor.description}</p>}
          <Facts
            items={[
              ["Windows of", lengthWords(monitor.windowMs)],
              ["Rows may be late by", lengthWords(monitor.settleMs)],
              ["Labels may be late by", lengthWords(monitor.graceMs)],
              ["Drift needs", `${monitor.rowsMin} rows`],
              ["Reference has", <Num key="rows" value={monitor.referenceRows} />],
              ["Created", <Ago key="created" at={monitor.createdMs} />],
              ["By", monitor.createdBy],
            ]}
          />
        </section>
      </div>
    </div>
  );
}

function RowsOverTime({ project, monitor }: { project: string; monitor: Monitor }) {
  const { data } = useSeries({ project, monitor: monitor.id }, { segment: "all" });
  if (!data) return null;
  return (
    <section className="card min-w-0 p-3">
      <h2 className="mb-1">{monitor.source.kind === "endpoint" ? "Predictions" : "Rows"} a window</h2>
      <MetricChart monitor={monitor} metric="rows" series={data} height={150} />
    </section>
  );
}

function NewestWindow({ project, monitor }: { project: string; monitor: Monitor }) {
  const { rows } = useWindows({ project, monitor: monitor.id });
  const [newest] = rows;
  if (!newest) return null;
  return (
    <section className="card flex min-w-0 flex-col gap-2 p-3">
      <h2>Newest window</h2>
      <Facts
        items={[
          ["Of", windowWords(newest)],
          [
            "Rows",
            newest.insufficient ? (
              <Insufficient key="rows" rows={newest.rows} rowsMin={monitor.rowsMin} />
            ) : (
              <Num key="rows" value={newest.rows} />
            ),
          ],
          ["Labels", newest.state === "final" ? "nothing changes it any more" : "may still come"],
          ["Computed", <Ago key="computed" at={newest.computedMs} />],
          [
            "Digest",
            <code key="digest" title="The same inputs give the same digest">
              {newest.digest.slice(0, 12)}
            </code>,
          ],
        ]}
      />
    </section>
  );
}
