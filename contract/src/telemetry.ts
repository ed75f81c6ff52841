import { logsApi } from "./telemetry/logs.ts";
import { metricsApi } from "./telemetry/metrics.ts";
import { tracesApi } from "./telemetry/traces.ts";

export { type LogLevel, type LogLine, logLevel, logLine } from "./telemetry/logs.ts";
export { type MetricSeries, metricSeries } from "./telemetry/metrics.ts";
export type { Span, SpanStatus, TraceSummary } from "./telemetry/traces.ts";

/** Logs, metrics and traces: an operation each. */
export const telemetryApi = { ...logsApi, ...metricsApi, ...tracesApi };
