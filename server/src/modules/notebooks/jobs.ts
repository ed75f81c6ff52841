import type { Job } from "#lib/jobs";
import type { Database } from "#ports/database";
import { projectsWithNotebooks, removeSome } from "./queries.ts";

const SETTLE_EVERY_MS = 30_000; // News of ended servers comes at once; this finds what it did not reach, and starts that take too long.
const SWEEP_EVERY_MS = 10_000;
const HOUR_MS = 3600 * 1000;
const STEP_FILES = 50; // With up to a hundred versions each.

export interface NotebooksKeeping {
  settle(): Promise<void>;
  sweep(signal: AbortSignal): Promise<void>;
}

/** What the worker does for notebooks. */
export function notebooksJobs(deps: {
  db: Database;
  keeping: NotebooksKeeping;
  projectIds(): Promise<readonly string[]>;
}): Job[] {
  const { keeping } = deps;
  return [
    { name: "notebooks-settle", everyMs: SETTLE_EVERY_MS, run: () => keeping.settle() },
    { name: "notebooks-sweep", everyMs: SWEEP_EVERY_MS, run: (signal) => keeping.sweep(signal) },
    { name: "notebooks-purge", everyMs: HOUR_MS, run: (signal) => purge(deps, signal) },
  ];
}

async function purge(
  { db, projectIds }: { db: Database; projectIds(): Promise<readonly string[]> },
  signal: AbortSignal,
): Promise<void> {
  // Ours first: a project made between the two questions must not look like a purged one.
  const ours = await projectsWithNotebooks(db.longReader);
  const standing = new Set(await projectIds());
  for (const projectId of ours.filter((id) => !standing.has(id))) {
    let removed = STEP_FILES;
    while (removed > 0 && !signal.aborted) {
      removed = await db.transaction((tx) => removeSome(tx, projectId, STEP_FILES));
    }
  }
}
