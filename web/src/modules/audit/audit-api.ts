import type { AuditRecord, auditApi } from "@atrium/contract/audit";
import { operation } from "../../lib/api.ts";

export const searchRecords = operation<(typeof auditApi)["searchRecords"]>("GET /audit/records");
export const searchProjectRecords = operation<(typeof auditApi)["searchProjectRecords"]>(
  "GET /audit/project-records",
);
export const proveRecord = operation<(typeof auditApi)["proveRecord"]>("GET /audit/records/:seq/proof");
export const verifyTrail = operation<(typeof auditApi)["verifyTrail"]>("POST /audit/verify");

export type Outcome = AuditRecord["outcome"];

export interface AuditQuery {
  text?: string;
  action?: string;
  actorId?: string;
  outcome?: Outcome;
  fromMs?: number;
}

const DAY_MS = 86_400_000;
export const SPANS: Record<string, { title: string; ms: number }> = {
  hour: { title: "Last hour", ms: 3_600_000 },
  day: { title: "Last day", ms: DAY_MS },
  week: { title: "Last 7 days", ms: 7 * DAY_MS },
  month: { title: "Last 30 days", ms: 30 * DAY_MS },
};
// A span's start moves in steps of a minute, so that the same question keeps the same cache key for a while.
const STEP_MS = 60_000;

/** The address of the page as a question to the server. */
export function auditQuery(url: Readonly<Record<string, string | undefined>>, nowMs: number): AuditQuery {
  const span = SPANS[url.span ?? ""];
  const outcome = url.outcome;
  return {
    ...(url.text ? { text: url.text } : {}),
    ...(url.action ? { action: url.action } : {}),
    ...(url.actor ? { actorId: url.actor } : {}),
    ...(outcome === "done" || outcome === "denied" || outcome === "failed" ? { outcome } : {}),
    ...(span ? { fromMs: Math.floor((nowMs - span.ms) / STEP_MS) * STEP_MS } : {}),
  };
}
