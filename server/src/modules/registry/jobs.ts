import type { Job } from "#lib/jobs";
import type { Database } from "#ports/database";
import type { RegistryDeps } from "./deps.ts";
import { projectsWithModels, removeModels } from "./queries.ts";
import { projectsWithWebhooks, removeEndedBefore, removeWebhooks } from "./webhook-queries.ts";
import { createWebhookSending } from "./webhook-sending.ts";

const HOUR_MS = 3600 * 1000;
const SEND_EVERY_MS = 2000;
const DELIVERIES_KEPT_MS = 30 * 24 * HOUR_MS; // For people who ask why they heard nothing.
const REMOVED_A_STEP = 500; // Some milliseconds of the writer.
const STEP_MODELS = 20; // With their versions and tags some thousand rows: milliseconds of the writer.

/** What the worker does for the registry: it sends what webhooks are to be told, and removes what is over. */
export function registryJobs(
  deps: Pick<RegistryDeps, "db" | "clock" | "events" | "projects" | "ownAddress" | "webhookHeaders"> & {
    projectIds(): Promise<readonly string[]>;
  },
): Job[] {
  const sending = createWebhookSending(deps);
  return [
    { name: "registry-webhooks", everyMs: SEND_EVERY_MS, run: sending.sendDue },
    { name: "registry-purge", everyMs: HOUR_MS, run: (signal) => purge(deps, signal) },
    { name: "registry-sweep", everyMs: HOUR_MS, run: (signal) => sweep(deps, signal) },
  ];
}

async function sweep({ db, clock }: Pick<RegistryDeps, "db" | "clock">, signal: AbortSignal): Promise<void> {
  let removed = REMOVED_A_STEP;
  while (removed === REMOVED_A_STEP && !signal.aborted) {
    const beforeMs = clock.now() - DELIVERIES_KEPT_MS;
    removed = await db.transaction((tx) => removeEndedBefore(tx, beforeMs, REMOVED_A_STEP));
  }
}

async function purge(
  { db, projectIds }: { db: Database; projectIds(): Promise<readonly string[]> },
  signal: AbortSignal,
): Promise<void> {
  // Ours first: a project made between the two questions must not look like a purged one.
  const ours = new Set([
    ...(await projectsWithModels(db.longReader)),
    ...(await projectsWithWebhooks(db.longReader)),
  ]);
  const standing = new Set(await projectIds());
  for (const projectId of [...ours].filter((id) => !standing.has(id))) {
    let removed = STEP_MODELS;
    while (removed === STEP_MODELS && !signal.aborted) {
      removed = await db.transaction((tx) => removeModels(tx, projectId, STEP_MODELS));
    }
    if (!signal.aborted) await db.transaction((tx) => removeWebhooks(tx, projectId));
  }
}
