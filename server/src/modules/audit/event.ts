import { createHash } from "node:crypto";
import type { AuditRecord } from "@atrium/contract/audit";
import { canonicalJson } from "./canonical.ts";
import type { AuditActor, AuditEntry } from "./record.ts";
import type { RecordRow } from "./tables.ts";

/** One event as it is hashed: everything that is known of what happened. */
export type AuditEvent = Omit<AuditRecord, "hash">;

const DETAILS_BYTES_MAX = 8 * 1024; // With the rest an event stays far below the 65,535 bytes of a log tile's entry.
const TEXT_MAX = 512; // Names, ids and user agents come from callers; the trail keeps their beginning.

export function makeEvent(
  actor: AuditActor,
  entry: AuditEntry,
  at: Pick<AuditEvent, "seq" | "atMs">,
): AuditEvent {
  return {
    ...at,
    actor: { kind: bounded(actor.kind), id: bounded(actor.id), name: bounded(actor.name) },
    via: { kind: bounded(actor.via.kind), id: bounded(actor.via.id) },
    action: bounded(entry.action),
    resource: {
      type: bounded(entry.resource.type),
      id: bounded(entry.resource.id),
      ...(entry.resource.name === undefined ? {} : { name: bounded(entry.resource.name) }),
    },
    ...(entry.organisationId === undefined ? {} : { organisationId: bounded(entry.organisationId) }),
    ...(entry.projectId === undefined ? {} : { projectId: bounded(entry.projectId) }),
    outcome: entry.outcome ?? "done",
    details: boundedDetails(entry.details ?? {}),
    request: {
      id: bounded(actor.request.id),
      ip: bounded(actor.request.ip),
      userAgent: bounded(actor.request.userAgent),
    },
  };
}

/** The link of the chain: SHA-256 over the link before and the event's canonical text. */
export function chainHash(previous: Buffer, event: string): Buffer {
  return createHash("sha256").update(previous).update(event).digest();
}

/** The link before the first record. */
export const CHAIN_START = Buffer.alloc(32);

/** PostgreSQL's text knows no NUL, and half a surrogate pair has no UTF-8: both become the replacement character. */
function bounded(text: string): string {
  return text.slice(0, TEXT_MAX).replaceAll("\0", "\ufffd").toWellFormed();
}

/** Too many details are told by their digest: an audit record must never be the reason why a change fails. */
function boundedDetails(details: Record<string, unknown>): Record<string, unknown> {
  const text = canonicalJson(details);
  const bytes = Buffer.byteLength(text);
  if (bytes <= DETAILS_BYTES_MAX) return details;
  return { tooLarge: { bytes, sha256: createHash("sha256").update(text).digest("hex") } };
}

/** The columns that are searched; they repeat the event, and verify compares them with it. */
export function eventColumns(event: AuditEvent): Omit<RecordRow, "event" | "hash"> {
  return {
    seq: event.seq,
    at_ms: event.atMs,
    actor_id: event.actor.id,
    action: event.action,
    resource_type: event.resource.type,
    resource_id: event.resource.id,
    organisation_id: event.organisationId ?? null,
    project_id: event.projectId ?? null,
    outcome: event.outcome,
  };
}

/** A stored record as it is shown. */
export function recordOf(row: RecordRow): AuditRecord {
  return { ...(JSON.parse(row.event) as AuditEvent), hash: row.hash.toString("hex") };
}
