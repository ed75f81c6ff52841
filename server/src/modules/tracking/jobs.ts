import type { Job } from "#lib/jobs";
import type { Database } from "#ports/database";
import { removeLoggedModels } from "./queries/logged-models.ts";
import { projectsWithExperiments, removeExperiments, removeRuns } from "./queries/purge.ts";

const HOUR_MS = 3600 * 1000;
const STEP_RUNS = 20; // With their values some thousand rows: milliseconds of the writer.

/** What the worker does for tracking: it removes what purged projects have left. */
export function trackingJobs(deps: { db: Database; projectIds(): Promise<readonly string[]> }): Job[] {
  return [{ name: "tracking-purge", everyMs: HOUR_MS, run: (signal) => purge(deps, signal) }];
}

async function purge(
  { db, projectIds }: { db: Database; projectIds(): Promise<readonly string[]> },
  signal: AbortSignal,
): Promise<void> {
  // Ours first: a project made between the two questions must not look like a purged one.
  const ours = await projectsWithExperiments(db.longReader);
  const standing = new Set(await projectIds());
  for (const projectId of ours.filter((id) => !standing.has(id))) {
    while (!signal.aborted) {
      const removed = await db.transaction((tx) => removeRuns(tx, projectId, STEP_RUNS));
      if (removed < STEP_RUNS) break;
    }
    while (!signal.aborted) {
      const removed = await db.transaction((tx) => removeLoggedModels(tx, projectId, STEP_RUNS));
      if (removed < STEP_RUNS) break;
    }
    if (signal.aborted) return;
    await db.transaction((tx) => removeExperiments(tx, projectId));
  }
}
