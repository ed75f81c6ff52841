import type { Job } from "#lib/jobs";
import type { DatasetsDeps } from "./deps.ts";
import { createPreparing } from "./preparing.ts";
import * as queries from "./queries.ts";
import { createStorage } from "./storage.ts";

const HOUR_MS = 3600 * 1000;
const PREPARE_EVERY_MS = 1000; // One indexed read when nothing is due; somebody looks at a page that says `pending`.
const AT_ONCE = 2; // As many as the engine runs; the others wait in the database, where nothing is lost.
const STEP_DATASETS = 20;
const STEP_FOLDERS = 50;

/** What the worker does for datasets: looks at versions that came, clears away what no version names, and purged projects. */
export function datasetsJobs(deps: DatasetsDeps & { projectIds(): Promise<readonly string[]> }): Job[] {
  const storage = createStorage(deps);
  const { prepare } = createPreparing(deps, storage);
  return [
    {
      name: "datasets-prepare",
      everyMs: PREPARE_EVERY_MS,
      run: async (signal) => {
        while (!signal.aborted) {
          const due = await queries.dueVersions(deps.db.reader, deps.clock.now(), AT_ONCE);
          if (due.length === 0) return;
          const ended = await Promise.allSettled(due.map((row) => prepare(row, signal)));
          const failure = ended.find((each) => each.status === "rejected");
          if (failure !== undefined) throw failure.reason;
        }
      },
    },
    { name: "datasets-clear", everyMs: HOUR_MS, run: (signal) => clear(deps, storage, signal) },
  ];
}

async function clear(
  deps: DatasetsDeps & { projectIds(): Promise<readonly string[]> },
  storage: ReturnType<typeof createStorage>,
  signal: AbortSignal,
): Promise<void> {
  const { db, clock } = deps;
  while (!signal.aborted) {
    const due = await queries.dueLeftovers(db.reader, clock.now(), STEP_FOLDERS);
    for (const { project_id: projectId, path } of due) await storage.discard({ projectId, path });
    if (due.length < STEP_FOLDERS) break;
  }
  // Ours first: a project made between the two questions must not look like a purged one.
  const ours = await queries.projectsWithDatasets(db.longReader);
  const standing = new Set(await deps.projectIds());
  for (const projectId of ours.filter((id) => !standing.has(id))) {
    let removed = STEP_DATASETS;
    while (removed === STEP_DATASETS && !signal.aborted) {
      removed = await db.transaction((tx) => queries.removeDatasets(tx, projectId, STEP_DATASETS));
    }
  }
}
