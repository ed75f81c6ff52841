import type { Monitor } from "@atrium/contract/monitoring";
import { Activity } from "../../lib/activity.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { Drift } from "./drift.tsx";
import { IncidentList } from "./incident-list.tsx";
import { MonitorOverview } from "./monitor-overview.tsx";
import { useRules } from "./monitoring-api.ts";
import { Performance } from "./performance.tsx";
import { Quality } from "./quality.tsx";
import { Rules } from "./rules.tsx";
import { Segments } from "./segments.tsx";

export function MonitorTabs({ project, monitor }: { project: string; monitor: Monitor }) {
  const { rows: rules } = useRules(project, monitor.id);
  const of = { project, monitor };
  return (
    <Tabs
      tabs={[
        { id: "overview", title: "Overview", content: () => <MonitorOverview {...of} /> },
        { id: "drift", title: "Drift", count: monitor.columns.length, content: () => <Drift {...of} /> },
        { id: "quality", title: "Data quality", content: () => <Quality {...of} /> },
        { id: "performance", title: "Performance", content: () => <Performance {...of} /> },
        { id: "segments", title: "Segments", content: () => <Segments {...of} /> },
        { id: "rules", title: "Rules", count: rules.length, content: () => <Rules {...of} /> },
        {
          id: "incidents",
          title: "Incidents",
          count: monitor.openIncidents,
          content: () => <IncidentList project={project} monitorId={monitor.id} />,
        },
        {
          id: "activity",
          title: "Activity",
          content: () => <Activity project={project} type="monitor" id={monitor.id} />,
        },
      ]}
    />
  );
}
