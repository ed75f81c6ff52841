import type { Monitor } from "@atrium/contract/monitoring";
import { Activity, Plus } from "lucide-react";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";
import { MonitorHealth } from "./health.tsx";
import { useMonitors } from "./monitoring-api.ts";

type Watched = { endpoint: string } | { dataset: string } | { trainingSet: string };

/** On another thing's page: the monitors that watch it or compare with it, and a way to a new one. */
export function WatchedBy({ project, of }: { project: string; of: Watched }) {
  const { can } = useSession();
  if (!can("monitor:read")) return null;
  return <Monitors project={project} of={of} />;
}

function Monitors({ project, of }: { project: string; of: Watched }) {
  const { can } = useSession();
  const { rows, isPending } = useMonitors(project);
  if (isPending) return null;
  const found = rows.filter((monitor) => concerns(monitor, of));
  const source = "trainingSet" in of ? undefined : of;
  return (
    <section aria-label="Monitors" className="card min-w-0">
      <header className="flex h-9 items-center gap-2 border-line border-b px-3">
        <Activity size={14} aria-hidden className="text-ink-3" />
        <h2 className="mr-auto">Monitors</h2>
        {source && can("monitor:write") && (
          <Link to={paths.newMonitor(project, source)} className="button button-plain !h-6 !px-2">
            <Plus size={12} /> New
          </Link>
        )}
      </header>
      {found.length === 0 ? (
        <p className="p-3 text-ink-3">Nothing watches it.</p>
      ) : (
        <ul>
          {found.map((monitor) => (
            <li
              key={monitor.id}
              className="flex flex-wrap items-center gap-x-3 border-line border-b px-3 py-1.5 last:border-0"
            >
              <Link className="link mr-auto" to={paths.monitor(project, monitor.name)}>
                {monitor.name}
              </Link>
              <MonitorHealth monitor={monitor} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function concerns({ source, reference }: Monitor, of: Watched): boolean {
  if ("endpoint" in of) return source.kind === "endpoint" && source.endpoint === of.endpoint;
  if ("trainingSet" in of)
    return reference.kind === "training-set" && reference.trainingSet === of.trainingSet;
  return (
    (source.kind === "dataset" && source.dataset === of.dataset) ||
    (reference.kind === "dataset" && reference.dataset === of.dataset)
  );
}
