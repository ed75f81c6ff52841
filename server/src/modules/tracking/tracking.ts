import { createArtifactOwner } from "./artifact-owner.ts";
import type { TrackingDeps } from "./deps.ts";
import type { Tracking } from "./door.ts";
import { createExperiments } from "./experiments.ts";
import { createLoggedModels, recordModelPoints } from "./logged-models.ts";
import { createMetrics } from "./metrics.ts";
import { createPlaces } from "./places.ts";
import { createRunLinks } from "./run-links.ts";
import { createRunList } from "./run-list.ts";
import { createRunLog } from "./run-log.ts";
import { createRunReader } from "./run-reader.ts";
import { createRuns } from "./runs.ts";

/** Experiments, runs, metrics and logged models. */
export function createTracking(deps: TrackingDeps): Tracking {
  const places = createPlaces(deps);
  const reader = createRunReader();
  deps.artifacts.registerOwner("", createArtifactOwner(deps));
  return {
    experiments: createExperiments(deps, places),
    runs: {
      ...createRuns(deps, places, reader),
      ...createRunLog(deps, places, recordModelPoints),
      ...createRunLinks(deps, places),
      ...createRunList(deps, places, reader),
    },
    metrics: createMetrics(deps, places),
    loggedModels: createLoggedModels(deps, places),
  };
}
