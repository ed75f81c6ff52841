export type { Json, NewPipelineRun, Pipelines, RunCondition, RunSearch } from "./door.ts";
export { pipelinesJobs } from "./jobs.ts";
export { createPipelines } from "./pipelines.ts";
export { pipelinesRoutes } from "./routes.ts";
