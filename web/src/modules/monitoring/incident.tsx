import type { Incident } from "@atrium/contract/monitoring";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Activity } from "../../lib/activity.tsx";
import { CodeDialog } from "../../lib/code-dialog.tsx";
import { Link } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { ObjectHeader } from "../../lib/page.tsx";
import { paths } from "../../lib/paths.ts";
import { useProject } from "../../lib/session.tsx";
import { ErrorState, Skeleton } from "../../lib/states.tsx";
import { Tabs } from "../../lib/tabs.tsx";
import { Ago } from "../../lib/words.tsx";
import { IncidentState, SeverityWord } from "./health.tsx";
import { IncidentActions } from "./incident-actions.tsx";
import { IncidentChart } from "./incident-chart.tsx";
import { IncidentFacts } from "./incident-facts.tsx";
import { IncidentTimeline } from "./incident-timeline.tsx";
import { useIncident } from "./monitoring-api.ts";
import { firedWords } from "./rule-words.ts";
import { incidentCode } from "./same-as-code.ts";

/** One incident: what fired, what happened since, what to do. */
export function IncidentScreen() {
  const project = useProject();
  const { incident: id = "" } = useParams({ strict: false }) as { incident?: string };
  const { data, error, refetch } = useIncident(project, id);
  if (error && !data) return <ErrorState heading="h1" error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton rows={10} />;
  return <IncidentPage project={project} incident={data} />;
}

function IncidentPage({ project, incident }: { project: string; incident: Incident }) {
  const [code, setCode] = useState<"shown" | "hidden">("hidden");
  return (
    <>
      <ObjectHeader
        kind="Incident"
        name={incident.rule}
        id={incident.id}
        facts={
          <>
            <IncidentState incident={incident} />
            <SeverityWord severity={incident.severity} />
            <Link className="link" to={paths.monitor(project, incident.monitorId)}>
              {incident.monitor}
            </Link>
            <span>
              opened <Ago at={incident.openedMs} />
            </span>
          </>
        }
        actions={
          <>
            <IncidentActions project={project} incident={incident} />
            <MoreMenu items={[{ title: "Copy as code", run: () => setCode("shown") }]} />
          </>
        }
      />
      <Tabs
        tabs={[
          {
            id: "overview",
            title: "Overview",
            content: () => <IncidentOverview project={project} incident={incident} />,
          },
          {
            id: "activity",
            title: "Activity",
            content: () => <Activity project={project} type="incident" id={incident.id} />,
          },
        ]}
      />
      {code === "shown" && (
        <CodeDialog code={incidentCode(project, incident.id)} onClose={() => setCode("hidden")} />
      )}
    </>
  );
}

function IncidentOverview({ project, incident }: { project: string; incident: Incident }) {
  return (
    <div className="grid gap-4 p-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="flex min-w-0 flex-col gap-4">
        <section className="card flex flex-col gap-3 p-3">
          <h2>What fired</h2>
          <p>{firedWords(incident)}.</p>
          <IncidentFacts project={project} incident={incident} />
        </section>
        <IncidentChart project={project} incident={incident} />
      </div>
      <div className="card min-w-0 self-start p-3">
        <IncidentTimeline project={project} incident={incident} />
      </div>
    </div>
  );
}
