import { Activity, ChartLine, ScrollText } from "lucide-react";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { useRooms } from "../../lib/rooms.ts";
import { useSession } from "../../lib/session.tsx";

/** One click to what its engines print, to what is measured of it, and to the monitors that watch it. */
export function Elsewhere({ project, name }: { project: string; name: string }) {
  const { can } = useSession();
  const monitoring = useRooms().find(({ id }) => id === "monitoring");
  const watches = monitoring?.needs.every((permission) => can(permission)) ? monitoring.path : undefined;
  return (
    <span className="flex flex-wrap gap-x-3">
      {can("telemetry:read") && (
        <Link
          className="link inline-flex items-center gap-1"
          to={`${paths.logs(project)}?q=endpoint=${encodeURIComponent(name)}&span=24h`}
        >
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
      {watches && (
        <Link
          className="link inline-flex items-center gap-1"
          to={`${watches.replace("$project", encodeURIComponent(project))}?endpoint=${encodeURIComponent(name)}`}
        >
          <Activity size={14} aria-hidden /> Monitors
        </Link>
      )}
    </span>
  );
}
