export type { TelemetryDeps } from "./deps.ts";
export { telemetryJobs } from "./jobs.ts";
export { telemetryRoutes } from "./routes.ts";
export { createTelemetry } from "./telemetry.ts";
