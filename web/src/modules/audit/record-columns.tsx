import type { AuditRecord } from "@atrium/contract/audit";
import { formatTime } from "../../lib/format.ts";
import type { Column } from "../../lib/table/column.ts";
import { Ago } from "../../lib/words.tsx";

/** Columns of the audit trail: when, who, what, to what, and how it ended. */
export const RECORD_COLUMNS: Column<AuditRecord>[] = [
  {
    id: "time",
    title: "When",
    width: 120,
    fixed: "first",
    text: (r) => formatTime(r.atMs),
    cell: (r) => <Ago at={r.atMs} />,
  },
  {
    id: "actor",
    title: "Who",
    width: 180,
    usual: "shown",
    text: (r) => r.actor.name,
    cell: (r) => r.actor.name || r.actor.kind,
  },
  {
    id: "action",
    title: "Did what",
    width: 220,
    usual: "shown",
    text: (r) => r.action,
    cell: (r) => <code>{r.action}</code>,
  },
  {
    id: "resource",
    title: "To what",
    width: 280,
    usual: "shown",
    text: (r) => `${r.resource.type} ${r.resource.name ?? r.resource.id}`,
    cell: (r) => (
      <>
        <span className="text-ink-3">{r.resource.type}</span> {r.resource.name ?? r.resource.id}
      </>
    ),
  },
  {
    id: "outcome",
    title: "Outcome",
    width: 100,
    usual: "shown",
    text: (r) => r.outcome,
    cell: (r) => <span className={r.outcome === "done" ? "text-ink-2" : "text-bad"}>{r.outcome}</span>,
  },
  {
    id: "ip",
    title: "From",
    width: 140,
    usual: "shown",
    text: (r) => r.request.ip,
    cell: (r) => r.request.ip,
  },
  {
    id: "seq",
    title: "No.",
    width: 80,
    align: "end",
    usual: "shown",
    text: (r) => r.seq,
    cell: (r) => r.seq,
  },
];
