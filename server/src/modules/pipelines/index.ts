export { type Expression, parseExpression } from "./cel.ts";
export type { NewPipelineRun, Pipelines, RunCondition } from "./door.ts";
export { pipelinesJobs } from "./jobs.ts";
export { createPipelines } from "./pipelines.ts";
export type {
  ArtifactSource,
  Code,
  Component,
  Dag,
  Importer,
  InputParameter,
  Json,
  Loop,
  OutputRef,
  ParameterSource,
  ParameterType,
  Plan,
  Retry,
  Task,
} from "./plan.ts";
export { pipelinesRoutes } from "./routes.ts";
