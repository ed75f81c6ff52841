export type { TelemetryDeps } from "./deps.ts";
export type { LogEntry, LogScope, Telemetry } from "./door.ts";
export { telemetryJobs } from "./jobs.ts";
export { telemetryRoutes } from "./routes.ts";
export type { TailOptions } from "./tail.ts";
export { createTelemetry } from "./telemetry.ts";
