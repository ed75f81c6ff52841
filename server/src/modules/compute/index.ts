export { createCompute } from "./compute.ts";
export type { ClientVariables, ServerAddress } from "./deps.ts";
export type {
  Compute,
  EnvironmentSpec,
  Environments,
  JobStatus,
  Jobs,
  NewJob,
  ReadyEnvironment,
} from "./door.ts";
export { computeJobs } from "./keeping.ts";
export { computeRoutes } from "./routes.ts";
