import type { Job } from "#lib/jobs";
import type { Audit } from "./door.ts";

const CHECKPOINT_EVERY_MS = 60_000; // What an intruder on the machine can still rewrite unseen.

/** Signs the trail once a minute if it grew. The process that stops calls `audit.checkpoint()` once more. */
export function auditJobs(audit: Audit): Job[] {
  return [{ name: "audit.checkpoint", everyMs: CHECKPOINT_EVERY_MS, run: () => audit.checkpoint() }];
}
