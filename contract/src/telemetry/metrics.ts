import { z } from "zod";
import { endpoint } from "../http.ts";
import { labels, time } from "./fields.ts";

const seriesQuery = z.object({ name: z.string().max(200).optional(), labels });
export const metricSeries = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  labels: z.record(z.string(), z.string()),
});
export type MetricSeries = z.output<typeof metricSeries>;
const seriesAnswer = z.object({ items: z.array(metricSeries) });
const rangeQuery = z.object({
  name: z.string().max(200),
  labels,
  fromMs: time,
  toMs: time,
  /** At most this many points a series; more are averaged in equal buckets. */
  pointsMax: z.coerce.number().int().min(1).max(5000).default(500),
});
const rangeAnswer = z.object({
  items: z.array(z.object({ series: metricSeries, points: z.array(z.tuple([z.number(), z.number()])) })),
});

export const metricsApi = {
  metricSeries: endpoint({
    method: "GET",
    path: "/instance/metrics/series",
    permission: "instance:read",
    scope: "instance",
    summary: "The server's own metric series.",
    query: seriesQuery,
    answer: seriesAnswer,
  }),
  metricRange: endpoint({
    method: "GET",
    path: "/instance/metrics/range",
    permission: "instance:read",
    scope: "instance",
    summary: "Points of the matching series between two times.",
    query: rangeQuery,
    answer: rangeAnswer,
  }),
  projectMetricSeries: endpoint({
    method: "GET",
    path: "/metrics/series",
    permission: "telemetry:read",
    scope: "project",
    summary: "Metric series that the project's jobs, endpoints and senders brought.",
    query: seriesQuery,
    answer: seriesAnswer,
  }),
  projectMetricRange: endpoint({
    method: "GET",
    path: "/metrics/range",
    permission: "telemetry:read",
    scope: "project",
    summary: "Points of the project's matching series between two times; PromQL asks for more.",
    query: rangeQuery,
    answer: rangeAnswer,
  }),
};
