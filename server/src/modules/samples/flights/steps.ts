import type { Datasets } from "#modules/datasets";
import type { FeatureStore } from "#modules/feature-store";
import type { Notebooks } from "#modules/notebooks";
import type { Serving } from "#modules/serving";
import type { Step } from "../step.ts";
import { datasetStep } from "./dataset.ts";
import { endpointStep, type Share } from "./endpoint.ts";
import { createWarming, type WarmingDeps } from "./environments.ts";
import { featuresStep } from "./features.ts";
import { monitoringStep, type WatchingDeps } from "./monitoring.ts";
import { notebookStep } from "./notebook.ts";
import { type PipelineDeps, pipelineStep } from "./pipeline.ts";
import { replayStep } from "./replay.ts";

export interface FlightsDeps extends WatchingDeps, WarmingDeps, PipelineDeps {
  datasets: Datasets;
  features: FeatureStore;
  serving: Serving;
  shares: readonly Share[];
  /** The Parquet file of flights. */
  file(): string;
  notebooks: Pick<Notebooks, "files">;
  /** A notebook that looks at all of it. */
  notebook: string;
}

/** The sample project, in the order in which its parts stand on each other. */
export function flightsSteps(deps: FlightsDeps): readonly Step[] {
  const warm = createWarming(deps);
  return [
    begunWith(warm, datasetStep(deps.datasets, deps.file)),
    featuresStep(deps.features),
    pipelineStep(deps),
    endpointStep(deps),
    replayStep(deps),
    monitoringStep(deps),
    notebookStep(deps.notebooks, deps.notebook),
  ];
}

function begunWith(warm: ReturnType<typeof createWarming>, step: Step): Step {
  return {
    ...step,
    round: (given) => {
      warm(given);
      return step.round(given);
    },
  };
}
