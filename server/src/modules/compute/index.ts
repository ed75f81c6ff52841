export { createCompute } from "./compute.ts";
export type { ClientVariables, ServerAddress } from "./deps.ts";
export type {
  Compute,
  Environments,
  Jobs,
  NewJob,
} from "./door.ts";
export { computeJobs } from "./keeping.ts";
export { computeRoutes } from "./routes.ts";
