import type { Datasets } from "#modules/datasets";
import type { FeatureStore } from "#modules/feature-store";
import type { Pipelines } from "#modules/pipelines";
import type { Registry } from "#modules/registry";
import type { Serving } from "#modules/serving";
import type { Step } from "../step.ts";
import { datasetStep } from "./dataset.ts";
import { featuresStep } from "./features.ts";
import { pipelineStep } from "./pipeline.ts";

export interface FlightsDeps {
  datasets: Datasets;
  features: FeatureStore;
  pipelines: Pipelines;
  registry: Registry;
  serving: Serving;
  /** The Parquet file of flights. */
  file(): string;
  /** The compiled pipeline. */
  spec: string;
}

/** The sample project, in the order in which its parts stand on each other. */
export function flightsSteps(deps: FlightsDeps): readonly Step[] {
  return [datasetStep(deps.datasets, deps.file), featuresStep(deps.features), pipelineStep(deps)];
}
