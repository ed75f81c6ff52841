import type { Incident } from "@atrium/contract/monitoring";
import { Facts } from "../../lib/page.tsx";
import { IncidentState, SeverityWord } from "./health.tsx";
import { IncidentActions } from "./incident-actions.tsx";
import { IncidentFacts } from "./incident-facts.tsx";
import { IncidentTimeline } from "./incident-timeline.tsx";
import { firedWords } from "./rule-words.ts";

/** What one wants to know of an incident before opening it. */
export function IncidentPeek({ project, incident }: { project: string; incident: Incident }) {
  return (
    <div className="flex flex-col gap-4 p-4">
      <p>{firedWords(incident)}.</p>
      <Facts
        items={[
          ["State", <IncidentState key="state" incident={incident} />],
          ["Severity", <SeverityWord key="severity" severity={incident.severity} />],
        ]}
      />
      <IncidentActions project={project} incident={incident} />
      <IncidentFacts project={project} incident={incident} />
      <IncidentTimeline project={project} incident={incident} />
    </div>
  );
}
