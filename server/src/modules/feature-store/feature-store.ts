import { createBuildTrainingSet } from "./build-training-set.ts";
import { createCatalog } from "./catalog.ts";
import { createDefinitions } from "./definitions.ts";
import type { FeatureStoreDeps } from "./deps.ts";
import type { FeatureStore } from "./door.ts";
import { createGate } from "./gate.ts";
import { createHistories } from "./history.ts";
import { createMaterializations } from "./materializations.ts";
import { createRunMaterialization } from "./materialize.ts";
import { createOnline } from "./online.ts";
import { createPush } from "./push.ts";
import * as queries from "./queries.ts";
import { createTrainingSets } from "./training-sets.ts";

/** What the worker calls: all that waits, one after another. */
export interface FeatureStoreWorker {
  materialize(signal: AbortSignal): Promise<void>;
  buildTrainingSets(signal: AbortSignal): Promise<void>;
}

/** Features, from definitions to training sets and online values. */
export function createFeatureStore(given: Omit<FeatureStoreDeps, "writing">): {
  features: FeatureStore;
  worker: FeatureStoreWorker;
} {
  const deps: FeatureStoreDeps = { ...given, writing: new Set() };
  const { db } = deps;
  const gate = createGate(deps);
  const catalog = createCatalog(deps);
  const histories = createHistories(deps);
  const run = createRunMaterialization(deps, gate, histories);
  const build = createBuildTrainingSet(deps, gate, histories);
  return {
    features: {
      ...createDefinitions(deps, gate, catalog),
      ...createOnline(deps, gate, catalog),
      ...createPush(deps, gate, catalog),
      ...createMaterializations(deps, gate, histories),
      ...createTrainingSets(deps, gate, { catalog, histories }),
      copyOnline: (folder) => deps.online.copyTo(folder),
      start: catalog.start,
      stop: async () => {
        catalog.stop();
        await deps.online.close();
      },
    },
    worker: {
      materialize: (signal) => drain(() => queries.nextMaterialization(db.reader), run, signal),
      buildTrainingSets: (signal) => drain(() => queries.nextTrainingSet(db.reader), build, signal),
    },
  };
}

/** Until nothing waits, or the first is one that has to wait for another round. */
async function drain<Row extends { id: string }>(
  next: () => Promise<Row | undefined>,
  work: (row: Row, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const done = new Set<string>();
  for (let row = await next(); row !== undefined && !signal.aborted; row = await next()) {
    if (done.has(row.id)) return;
    done.add(row.id);
    await work(row, signal);
  }
}
