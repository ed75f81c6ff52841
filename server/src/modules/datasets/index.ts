export { createDatasets } from "./datasets.ts";
export type { Datasets, DatasetTable } from "./door.ts";
export { datasetsJobs } from "./jobs.ts";
export { datasetsRoutes } from "./routes.ts";
