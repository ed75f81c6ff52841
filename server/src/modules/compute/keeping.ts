import type { Job } from "#lib/jobs";
import type { Database } from "#ports/database";
import type { ComputeKeeping } from "./compute.ts";
import * as queries from "./queries.ts";

const HOUR_MS = 3600 * 1000;
const SOON_MS = 50; // The queue of a machine is taken up at once; a round lasts until the server stops.
const STEP_JOBS = 100;

/** What the worker does for compute: it runs this machine's jobs, and removes what is left over. */
export function computeJobs(deps: {
  keeping: ComputeKeeping;
  db: Database;
  projectIds(): Promise<readonly string[]>;
}): Job[] {
  const { keeping } = deps;
  return [
    { name: `compute-run.${keeping.machine}`, everyMs: SOON_MS, run: keeping.runJobs },
    { name: `compute-sweep.${keeping.machine}`, everyMs: HOUR_MS, run: keeping.sweep },
    { name: "compute-purge", everyMs: HOUR_MS, run: (signal) => purge(deps, signal) },
  ];
}

async function purge(
  { db, projectIds }: { db: Database; projectIds(): Promise<readonly string[]> },
  signal: AbortSignal,
): Promise<void> {
  // Ours first: a project made between the two questions must not look like a purged one.
  const ours = await queries.projectsWithJobs(db.longReader);
  const standing = new Set(await projectIds());
  for (const projectId of ours.filter((id) => !standing.has(id))) {
    const nowMs = Date.now();
    await db.transaction(async (tx) => {
      await queries.cancelAllActive(tx, projectId, nowMs);
      await queries.removeEnvironments(tx, projectId);
    });
    let removed = STEP_JOBS;
    while (removed === STEP_JOBS && !signal.aborted) {
      removed = await db.transaction((tx) => queries.removeJobs(tx, projectId, STEP_JOBS));
    }
  }
}
