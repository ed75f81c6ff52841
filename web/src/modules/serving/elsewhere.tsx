import type { monitoringApi } from "@atrium/contract/monitoring";
import { Activity, ChartLine, ScrollText } from "lucide-react";
import { operation, useApi } from "../../lib/api.ts";
import { plural } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useSession } from "../../lib/session.tsx";

const listMonitors = operation<(typeof monitoringApi)["listMonitors"]>("GET /monitors");

/** One click to what its engines print, to what is measured of it, and to the monitors that watch it. */
export function Elsewhere({ project, name }: { project: string; name: string }) {
  const { can } = useSession();
  return (
    <span className="flex flex-wrap gap-x-3">
      {can("telemetry:read") && (
        <Link className="link inline-flex items-center gap-1" to={paths.logsOf(project, "endpoint", name)}>
          <ScrollText size={14} aria-hidden /> Logs
        </Link>
      )}
      {can("instance:read") && (
        <Link
          className="link inline-flex items-center gap-1"
          to={`${paths.logs(project)}?tab=metrics&find=serving_`}
        >
          <ChartLine size={14} aria-hidden /> Metrics
        </Link>
      )}
      {can("monitor:read") && <Monitors project={project} name={name} />}
    </span>
  );
}

/** Its one monitor, or all of them; where nothing watches it yet, the form that changes that. */
function Monitors({ project, name }: { project: string; name: string }) {
  const { can } = useSession();
  const { data } = useApi(listMonitors, { project, query: { endpoint: name } });
  if (!data) return null;
  const [first, ...others] = data.items;
  if (!first && !can("monitor:write")) return null;
  const to = first
    ? others.length === 0
      ? paths.monitor(project, first.name)
      : paths.monitoring(project)
    : paths.newMonitor(project, { endpoint: name });
  return (
    <Link className="link inline-flex items-center gap-1" to={to}>
      <Activity size={14} aria-hidden /> {first ? plural(data.items.length, "monitor") : "Watch it"}
    </Link>
  );
}
