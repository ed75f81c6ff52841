export type {
  DataRow,
  FeatureColumn,
  FeatureRef,
  FeatureServiceShape,
  FeatureStatus,
  FeatureStore,
  FeatureValue,
  KeyRow,
  OnlineFeatures,
  WrittenRow,
} from "./door.ts";
export { createFeatureStore } from "./feature-store.ts";
export { featureStoreJobs } from "./jobs.ts";
export { featureStoreRoutes } from "./routes.ts";
export { parseTime } from "./value.ts";
