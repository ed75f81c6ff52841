import type { OwnerOf } from "#modules/artifacts";
import type { TrackingDeps } from "./deps.ts";
import type { Tracking } from "./door.ts";
import { createExperiments } from "./experiments.ts";
import { createLoggedModels, recordModelPoints } from "./logged-models.ts";
import { createMetrics } from "./metrics.ts";
import { createPlaces, placeOf } from "./places.ts";
import { createRunLinks } from "./run-links.ts";
import { createRunList } from "./run-list.ts";
import { createRunLog } from "./run-log.ts";
import { createRunReader } from "./run-reader.ts";
import { createRuns } from "./runs.ts";

/** Experiments, runs, metrics and logged models. Files below an experiment's id carry that experiment's grants. */
export function createTracking(deps: TrackingDeps): Tracking {
  const places = createPlaces(deps);
  const reader = createRunReader();
  deps.artifacts.registerOwner("", experimentOfPath);
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

/** Paths of runs and logged models begin with their experiment's number; no other module begins one with a number. */
const experimentOfPath: OwnerOf = async (projectId, path) => {
  const id = /^(\d{1,15})(?:\/|$)/.exec(path)?.[1];
  return id === undefined ? undefined : placeOf(projectId, Number(id));
};
