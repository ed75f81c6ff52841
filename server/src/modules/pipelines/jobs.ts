import type { Job } from "#lib/jobs";
import type { Database } from "#ports/database";
import type { CommandRunner } from "./carry-out.ts";
import { projectsWithPipelines, removeSome } from "./run-queries.ts";

const SECOND_MS = 1000;
const HOUR_MS = 3600 * 1000;
const STEP_RUNS = 5; // With their steps and events up to 100,000 rows, mostly some hundred.

/** What the worker does for pipelines: it carries out commands, and removes what purged projects have left. */
export function pipelinesJobs(deps: {
  db: Database;
  commands: CommandRunner;
  projectIds(): Promise<readonly string[]>;
}): Job[] {
  return [
    // One round lasts until the worker stops or loses its lease; then the next holder goes on after a second.
    { name: "pipelines-commands", everyMs: SECOND_MS, run: (signal) => deps.commands.run(signal) },
    { name: "pipelines-purge", everyMs: HOUR_MS, run: (signal) => purge(deps, signal) },
  ];
}

async function purge(
  { db, projectIds }: { db: Database; projectIds(): Promise<readonly string[]> },
  signal: AbortSignal,
): Promise<void> {
  // Ours first: a project made between the two questions must not look like a purged one.
  const ours = await projectsWithPipelines(db.longReader);
  const standing = new Set(await projectIds());
  for (const projectId of ours.filter((id) => !standing.has(id))) {
    let isEmpty = false;
    while (!isEmpty && !signal.aborted)
      isEmpty = await db.transaction((tx) => removeSome(tx, projectId, STEP_RUNS));
  }
}
