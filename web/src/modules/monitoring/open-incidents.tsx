import type { Monitor } from "@atrium/contract/monitoring";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import { Ago } from "../../lib/words.tsx";
import { IncidentState } from "./health.tsx";
import { useIncidents } from "./monitoring-api.ts";
import { firedWords } from "./rule-words.ts";

/** What is wrong now, each with a way to it. */
export function OpenIncidents({ project, monitor }: { project: string; monitor: Monitor }) {
  const { rows } = useIncidents(project, { monitorId: monitor.id, state: "unresolved" });
  return (
    <section aria-label="Open incidents" className="card min-w-0">
      <h2 className="flex h-9 items-center border-line border-b px-3">Open incidents</h2>
      {rows.length === 0 ? (
        <p className="p-3 text-ink-3">None: every rule that stands is content.</p>
      ) : (
        <ul>
          {rows.map((incident) => (
            <li key={incident.id} className="border-line border-b p-3 last:border-0">
              <div className="flex flex-wrap items-center gap-x-3">
                <Link className="link font-medium" to={paths.incident(project, incident.id)}>
                  {incident.rule}
                </Link>
                <IncidentState incident={incident} />
                <span className="ml-auto text-ink-3">
                  <Ago at={incident.openedMs} />
                </span>
              </div>
              <p className="text-ink-2">{firedWords(incident)}</p>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
