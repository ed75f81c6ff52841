import type { Monitor } from "@atrium/contract/monitoring";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { Insufficient } from "./health.tsx";
import { metricText } from "./metric-words.ts";
import { useSeries, useWindow, useWindows } from "./monitoring-api.ts";
import { Sparkline } from "./sparkline.tsx";
import { windowWords } from "./window-words.ts";
import { firstToSee, type RankedColumn, rankColumns } from "./worst.ts";

const SHOWN = 6;

/** The features that are farthest from the reference, each with its way there. */
export function WorstFeatures({ project, monitor }: { project: string; monitor: Monitor }) {
  const at = { project, monitor: monitor.id };
  const { rows } = useWindows(at);
  const window = firstToSee(rows);
  const { data } = useWindow(at, window?.startMs);
  if (!window || !data) return null;
  const ranked = rankColumns(monitor.columns, data.results, { segment: "all", metric: "psi" });
  return (
    <section aria-label="Farthest from the reference" className="card min-w-0">
      <header className="flex h-9 items-center gap-2 border-line border-b px-3">
        <h2 className="mr-auto whitespace-nowrap">Farthest from the reference</h2>
        <span className="truncate text-ink-3 text-xs">PSI, {windowWords(window)}</span>
      </header>
      <ul>
        {ranked.slice(0, SHOWN).map((column) => (
          <WorstLine key={column.name} project={project} monitor={monitor} column={column} />
        ))}
      </ul>
    </section>
  );
}

function WorstLine({
  project,
  monitor,
  column,
}: {
  project: string;
  monitor: Monitor;
  column: RankedColumn;
}) {
  const { name, value, rows = 0 } = column;
  const { data } = useSeries({ project, monitor: monitor.id }, { segment: "all", column: name });
  const threshold = data?.thresholds.find(({ metric }) => metric === "psi")?.threshold;
  const isBeyond = value !== undefined && threshold !== undefined && value > threshold;
  const place = new URLSearchParams({ tab: "drift", peek: name });
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_120px_5rem] items-center gap-3 border-line border-b px-3 py-1.5 last:border-0">
      <Link className="link truncate" to={`${paths.monitor(project, monitor.name)}?${place}`} title={name}>
        {name}
      </Link>
      <Sparkline metric="psi" points={data?.points ?? []} threshold={threshold} label={name} />
      <span className={`nums text-right ${isBeyond ? "font-medium text-bad" : ""}`}>
        {value === undefined && column.insufficient ? (
          <Insufficient rows={rows} rowsMin={monitor.rowsMin} />
        ) : (
          metricText("psi", value)
        )}
      </span>
    </li>
  );
}
