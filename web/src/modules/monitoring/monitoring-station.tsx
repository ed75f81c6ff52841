import { Activity } from "lucide-react";
import { plural } from "../../lib/format.ts";
import { paths } from "../../lib/paths.ts";
import { Station } from "../../lib/station.tsx";
import { Ago } from "../../lib/words.tsx";
import { useMonitors } from "./monitoring-api.ts";

/** Monitors on home's flow: how many, the newest window, and whether incidents are open. */
export function MonitoringStation({ project }: { project: string }) {
  const { rows, isPending } = useMonitors(project);
  const newest = rows.reduce<number | undefined>(
    (found, { lastWindow }) => (lastWindow && lastWindow.endMs > (found ?? 0) ? lastWindow.endMs : found),
    undefined,
  );
  const open = rows.reduce((sum, { openIncidents }) => sum + openIncidents, 0);
  const broken = rows.filter(({ problem }) => problem !== undefined);
  const [first] = broken;
  return (
    <Station
      title="Monitoring"
      icon={Activity}
      to={paths.monitoring(project)}
      count={isPending ? undefined : rows.length}
      newest={
        newest !== undefined && (
          <>
            newest window <Ago at={newest} />
          </>
        )
      }
      trouble={
        open > 0
          ? { words: plural(open, "open incident"), to: paths.incidents(project) }
          : first && { words: `${first.name} cannot compute`, to: paths.monitor(project, first.name) }
      }
      empty={<>Watch the first endpoint</>}
    />
  );
}
