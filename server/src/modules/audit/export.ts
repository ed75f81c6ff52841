import type { AuditFilter, AuditRecord } from "@atrium/contract/audit";
import type { Tx } from "#ports/database";
import { recordOf } from "./event.ts";
import * as queries from "./queries.ts";

const EXPORT_PAGE = 1000; // About 500 KiB of text at a time, whatever the length of the trail.

type Column = [string, (record: AuditRecord) => unknown];

const COLUMNS: readonly Column[] = [
  ["seq", (r) => r.seq],
  ["time", (r) => new Date(r.atMs).toISOString()],
  ["actor_kind", (r) => r.actor.kind],
  ["actor_id", (r) => r.actor.id],
  ["actor_name", (r) => r.actor.name],
  ["via_kind", (r) => r.via.kind],
  ["via_id", (r) => r.via.id],
  ["action", (r) => r.action],
  ["resource_type", (r) => r.resource.type],
  ["resource_id", (r) => r.resource.id],
  ["resource_name", (r) => r.resource.name],
  ["organisation_id", (r) => r.organisationId],
  ["project_id", (r) => r.projectId],
  ["outcome", (r) => r.outcome],
  ["ip", (r) => r.request.ip],
  ["user_agent", (r) => r.request.userAgent],
  ["request_id", (r) => r.request.id],
  ["details", (r) => JSON.stringify(r.details)],
  ["hash", (r) => r.hash],
];

/** All matching records, oldest first, as text in pieces. */
export async function* exportRecords(
  tx: Tx,
  filter: AuditFilter,
  format: "ndjson" | "csv",
): AsyncIterable<string> {
  if (format === "csv") yield `${COLUMNS.map(([name]) => name).join(",")}\r\n`;
  const line = format === "csv" ? csvLine : (record: AuditRecord) => `${JSON.stringify(record)}\n`;
  let position: number | undefined;
  while (true) {
    const rows = await queries.matching(tx, filter, { order: "asc", position, limit: EXPORT_PAGE });
    if (rows.length > 0) yield rows.map((row) => line(recordOf(row))).join("");
    if (rows.length < EXPORT_PAGE) return;
    position = rows.at(-1)?.seq;
  }
}

function csvLine(record: AuditRecord): string {
  return `${COLUMNS.map(([, value]) => csvCell(String(value(record) ?? ""))).join(",")}\r\n`;
}

/** Quoted as in RFC 4180; a leading apostrophe keeps spreadsheets from running a name as a formula. */
function csvCell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
