import { z } from "zod";
import { endpoint } from "../http.ts";
import { labels, time } from "./fields.ts";

export const logLevel = z.enum(["debug", "info", "warn", "error"]);
export type LogLevel = z.output<typeof logLevel>;

/** One log line. `id` is opaque and orders lines of the same millisecond. */
export const logLine = z.object({
  id: z.string(),
  atMs: z.number().int(),
  level: logLevel,
  message: z.string(),
  labels: z.record(z.string(), z.string()),
  fields: z.record(z.string(), z.unknown()),
});
export type LogLine = z.output<typeof logLine>;

const logFilter = z.object({
  /** Inclusive start and exclusive end, milliseconds since 1970 UTC; the last hour when not given. */
  fromMs: time.optional(),
  toMs: time.optional(),
  labels,
  /** Words that must all be in the message or the fields, whatever their case; "a phrase" in quotes. */
  text: z.string().max(500).default(""),
});

const searchLogsQuery = logFilter.extend({
  pageSize: z.coerce.number().int().min(1).max(1000).default(200),
  pageToken: z.string().max(500).optional(),
});
const searchLogsAnswer = z.object({
  items: z.array(logLine),
  nextToken: z.string().optional(),
  /** Lines that were lost before they were stored, since this process began; 0 is the rule. */
  dropped: z.number().int(),
});
const histogramQuery = logFilter.extend({ buckets: z.coerce.number().int().min(1).max(500).default(60) });
const histogramAnswer = z.object({
  stepMs: z.number().int(),
  buckets: z.array(z.object({ atMs: z.number().int(), counts: z.partialRecord(logLevel, z.number().int()) })),
});
const labelValuesQuery = logFilter.extend({ label: z.string().max(64) });
const labelValuesAnswer = z.object({ items: z.array(z.string()) });
const tailQuery = z.object({ labels, text: z.string().max(500).default("") });

export const logsApi = {
  searchLogs: endpoint({
    method: "GET",
    path: "/logs",
    permission: "telemetry:read",
    scope: "project",
    summary: "Log lines of the project, newest first.",
    query: searchLogsQuery,
    answer: searchLogsAnswer,
  }),
  logHistogram: endpoint({
    method: "GET",
    path: "/logs/histogram",
    permission: "telemetry:read",
    scope: "project",
    summary: "How many lines there were over time, by level.",
    query: histogramQuery,
    answer: histogramAnswer,
  }),
  logLabelValues: endpoint({
    method: "GET",
    path: "/logs/label-values",
    permission: "telemetry:read",
    scope: "project",
    summary: "The values of one label in a time range.",
    query: labelValuesQuery,
    answer: labelValuesAnswer,
  }),
  tailLogs: endpoint({
    method: "GET",
    path: "/logs/tail",
    permission: "telemetry:read",
    scope: "project",
    summary: "New lines of the project as they come: server-sent events, each a JSON log line.",
    query: tailQuery,
    answer: z.string(),
  }),
  searchInstanceLogs: endpoint({
    method: "GET",
    path: "/instance/logs",
    permission: "instance:read",
    scope: "instance",
    summary: "Log lines of the server itself and of all projects, newest first.",
    query: searchLogsQuery,
    answer: searchLogsAnswer,
  }),
  instanceLogHistogram: endpoint({
    method: "GET",
    path: "/instance/logs/histogram",
    permission: "instance:read",
    scope: "instance",
    summary: "How many lines there were over time, by level, of the whole instance.",
    query: histogramQuery,
    answer: histogramAnswer,
  }),
  instanceLogLabelValues: endpoint({
    method: "GET",
    path: "/instance/logs/label-values",
    permission: "instance:read",
    scope: "instance",
    summary: "The values of one label in a time range, of the whole instance.",
    query: labelValuesQuery,
    answer: labelValuesAnswer,
  }),
  tailInstanceLogs: endpoint({
    method: "GET",
    path: "/instance/logs/tail",
    permission: "instance:read",
    scope: "instance",
    summary: "New lines of the whole instance as they come: server-sent events, each a JSON log line.",
    query: tailQuery,
    answer: z.string(),
  }),
};
