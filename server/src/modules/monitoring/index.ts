export type { Sources, StartPipeline } from "./deps.ts";
export type { Monitoring } from "./door.ts";
export { createMonitoring } from "./monitoring.ts";
export { monitoringRoutes } from "./routes.ts";
