import type { Incident } from "@atrium/contract/monitoring";
import { formatTime } from "../../lib/format.ts";
import { Link } from "../../lib/link.tsx";
import { paths } from "../../lib/paths.ts";
import type { Column } from "../../lib/table/column.ts";
import { Ago } from "../../lib/words.tsx";
import { IncidentState, SeverityWord } from "./health.tsx";
import { firedWords } from "./rule-words.ts";

/** Columns of incidents; on a monitor's own page its name says nothing. */
export function incidentColumns(project: string, on: "room" | "monitor"): readonly Column<Incident>[] {
  return [
    {
      id: "rule",
      title: "Incident",
      width: 200,
      fixed: "first",
      text: ({ rule }) => rule,
      cell: ({ id, rule }) => (
        <Link to={paths.incident(project, id)} className="font-medium hover:underline">
          {rule}
        </Link>
      ),
    },
    {
      id: "state",
      title: "State",
      width: 170,
      usual: "shown",
      text: ({ state }) => state,
      cell: (incident) => <IncidentState incident={incident} />,
    },
    {
      id: "severity",
      title: "Severity",
      width: 90,
      usual: "shown",
      text: ({ severity }) => severity,
      cell: ({ severity }) => <SeverityWord severity={severity} />,
    },
    {
      id: "fired",
      title: "What fired",
      width: 330,
      usual: "shown",
      text: firedWords,
      cell: (incident) => <span title={firedWords(incident)}>{firedWords(incident)}</span>,
    },
    ...(on === "monitor"
      ? []
      : [
          {
            id: "monitor",
            title: "Monitor",
            width: 180,
            usual: "shown" as const,
            text: ({ monitor }: Incident) => monitor,
            cell: ({ monitor, monitorId }: Incident) => (
              <Link to={paths.monitor(project, monitorId)} className="link">
                {monitor}
              </Link>
            ),
          },
        ]),
    {
      id: "opened",
      title: "Opened",
      width: 110,
      usual: "shown",
      text: ({ openedMs }) => formatTime(openedMs),
      cell: ({ openedMs }) => <Ago at={openedMs} />,
    },
    {
      id: "resolved",
      title: "Resolved",
      width: 110,
      usual: "shown",
      text: ({ resolvedMs }) => resolvedMs && formatTime(resolvedMs),
      cell: ({ resolvedMs }) => resolvedMs !== undefined && <Ago at={resolvedMs} />,
    },
  ];
}
