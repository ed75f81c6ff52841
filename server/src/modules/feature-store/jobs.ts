import type { Job } from "#lib/jobs";
import type { Database } from "#ports/database";
import type { OnlineStore } from "#ports/online-store";
import type { FeatureStoreWorker } from "./feature-store.ts";
import * as queries from "./queries.ts";

const LOOK_EVERY_MS = 500; // What somebody has just asked for begins soon; looking is one read of an index.
const HOUR_MS = 3600 * 1000;
const STEP_ROWS = 200; // Milliseconds of the writer.

interface FeatureStoreJobsDeps {
  db: Database;
  online: OnlineStore;
  worker: FeatureStoreWorker;
  projectIds(): Promise<readonly string[]>;
}

/** What the worker does for features: it materializes, builds training sets, and removes what purged projects have left. */
export function featureStoreJobs(deps: FeatureStoreJobsDeps): Job[] {
  const { worker } = deps;
  return [
    { name: "features-materialize", everyMs: LOOK_EVERY_MS, run: (signal) => worker.materialize(signal) },
    {
      name: "features-training-sets",
      everyMs: LOOK_EVERY_MS,
      run: (signal) => worker.buildTrainingSets(signal),
    },
    { name: "features-purge", everyMs: HOUR_MS, run: (signal) => purge(deps, signal) },
  ];
}

async function purge({ db, online, projectIds }: FeatureStoreJobsDeps, signal: AbortSignal): Promise<void> {
  // Ours first: a project made between the two questions must not look like a purged one.
  const ours = await queries.projectsWithFeatures(db.longReader);
  const standing = new Set(await projectIds());
  for (const projectId of ours.filter((id) => !standing.has(id))) {
    for (const tableId of await queries.viewIds(db.longReader, { project_id: projectId })) {
      if (!signal.aborted) await online.drop({ projectId, tableId });
    }
    let removed = STEP_ROWS;
    while (removed > 0 && !signal.aborted) {
      removed = await db.transaction((tx) => queries.removeSome(tx, projectId, STEP_ROWS));
    }
  }
}
