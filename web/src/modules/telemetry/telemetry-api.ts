import type { telemetryApi } from "@atrium/contract/telemetry";
import { operation } from "../../lib/api.ts";

export const searchLogs = operation<(typeof telemetryApi)["searchLogs"]>("GET /logs");
export const logHistogram = operation<(typeof telemetryApi)["logHistogram"]>("GET /logs/histogram");
export const searchInstanceLogs =
  operation<(typeof telemetryApi)["searchInstanceLogs"]>("GET /instance/logs");
export const instanceLogHistogram = operation<(typeof telemetryApi)["instanceLogHistogram"]>(
  "GET /instance/logs/histogram",
);
export const metricSeries = operation<(typeof telemetryApi)["metricSeries"]>("GET /instance/metrics/series");
export const metricRange = operation<(typeof telemetryApi)["metricRange"]>("GET /instance/metrics/range");

/** Where lines are looked for. */
export type Scope = "project" | "instance";
