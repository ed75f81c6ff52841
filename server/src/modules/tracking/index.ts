export type {
  Batch,
  DatasetInput,
  History,
  LoggedModel,
  ModelOrder,
  Point,
  Run,
  Tracking,
} from "./door.ts";
export { trackingJobs } from "./jobs.ts";
export { trackingRoutes } from "./routes.ts";
export { createTracking } from "./tracking.ts";
