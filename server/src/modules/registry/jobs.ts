import type { Job } from "#lib/jobs";
import type { Database } from "#ports/database";
import { projectsWithModels, removeModels } from "./queries.ts";

const HOUR_MS = 3600 * 1000;
const STEP_MODELS = 20; // With their versions and tags some thousand rows: milliseconds of the writer.

/** What the worker does for the registry: it removes what purged projects have left. */
export function registryJobs(deps: { db: Database; projectIds(): Promise<readonly string[]> }): Job[] {
  return [{ name: "registry-purge", everyMs: HOUR_MS, run: (signal) => purge(deps, signal) }];
}

async function purge(
  { db, projectIds }: { db: Database; projectIds(): Promise<readonly string[]> },
  signal: AbortSignal,
): Promise<void> {
  // Ours first: a project made between the two questions must not look like a purged one.
  const ours = await projectsWithModels(db.longReader);
  const standing = new Set(await projectIds());
  for (const projectId of ours.filter((id) => !standing.has(id))) {
    let removed = STEP_MODELS;
    while (removed === STEP_MODELS && !signal.aborted) {
      removed = await db.transaction((tx) => removeModels(tx, projectId, STEP_MODELS));
    }
  }
}
