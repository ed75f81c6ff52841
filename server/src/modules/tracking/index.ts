export type { TrackingDeps } from "./deps.ts";
export type {
  Batch,
  Dataset,
  DatasetInput,
  Experiments,
  History,
  KeyValue,
  LoggedModel,
  LoggedModels,
  Metrics,
  ModelOrder,
  NewLoggedModel,
  NewRun,
  Point,
  Run,
  RunChanges,
  Runs,
  Search,
  Tracking,
} from "./door.ts";
export { trackingJobs } from "./jobs.ts";
export { trackingRoutes } from "./routes.ts";
export type { ClientTags } from "./run.ts";
export { createTracking } from "./tracking.ts";
