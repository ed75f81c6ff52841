export type { TelemetryDeps } from "./deps.ts";
export type { Telemetry } from "./door.ts";
export { telemetryJobs } from "./jobs.ts";
export { telemetryRoutes } from "./routes.ts";
export type { MetricPoint, SpanEntry, StoredSeries } from "./signals.ts";
export { createTelemetry } from "./telemetry.ts";
