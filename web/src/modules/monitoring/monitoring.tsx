import { Plus } from "lucide-react";
import { useState } from "react";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { Link } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { RoomHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject, useSession } from "../../lib/session.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { Channels } from "./channels.tsx";
import { IncidentList } from "./incident-list.tsx";
import { MonitorList } from "./monitor-list.tsx";
import { useMonitors } from "./monitoring-api.ts";
import { monitorsCode } from "./same-as-code.ts";
import { Silences } from "./silences.tsx";

/** What is watched, what went wrong, who is told and who is not. */
export function MonitoringScreen() {
  const project = useProject();
  const { can } = useSession();
  const { rows } = useMonitors(project);
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  const open = rows.reduce((sum, { openIncidents }) => sum + openIncidents, 0);
  return (
    <>
      <RoomHeader title="Monitoring">
        {can("monitor:write") && rows.length > 0 && (
          <Link to={paths.newMonitor(project)} className="button">
            <Plus size={14} /> New monitor
          </Link>
        )}
        <MoreMenu items={[{ title: "Copy as code", run: () => setCode("shown") }]} />
      </RoomHeader>
      <Tabs
        tabs={[
          { id: "monitors", title: "Monitors", content: () => <MonitorList project={project} /> },
          {
            id: "incidents",
            title: "Incidents",
            count: open,
            content: () => <IncidentList project={project} />,
          },
          { id: "silences", title: "Silences", content: () => <Silences project={project} /> },
          { id: "channels", title: "Channels", content: () => <Channels project={project} /> },
        ]}
      />
      {code === "shown" && <CodeDialog code={monitorsCode(project)} onClose={() => setCode("hidden")} />}
    </>
  );
}
