import { z } from "zod";
import { time } from "./fields.ts";
import { cohort, servedBy } from "./predictions.ts";

const latency = z.object({ p50: z.number(), p95: z.number(), p99: z.number() });

const traffic = z.object({
  deployment: z.string(),
  predictions: z.number().int(),
  errors: z.number().int(),
  /** Of whole requests, with their waiting; absent without a request. */
  latencyMs: latency.optional(),
});

export const endpointStats = z.object({
  stepMs: z.number().int(),
  /** One bucket for each step, oldest first; quiet ones are left out. */
  buckets: z.array(z.object({ atMs: time, deployments: z.array(traffic) })),
  total: z.array(traffic),
  breakdown: z.array(z.object({ servedBy, cohort, predictions: z.number().int() })),
  /** Predictions that could not be logged since the server began. */
  notLogged: z.number().int(),
});
export type EndpointStats = z.output<typeof endpointStats>;

/** One endpoint beside the others of its project: what a list shows of it. */
export const endpointSummary = z.object({
  endpoint: z.string(),
  predictions: z.number().int(),
  errors: z.number().int(),
  latencyMs: latency.optional(),
  /** One bucket for each step, oldest first; quiet ones are left out. */
  buckets: z.array(z.object({ atMs: time, predictions: z.number().int(), errors: z.number().int() })),
});
export type EndpointSummary = z.output<typeof endpointSummary>;

const side = z.object({
  deployment: z.string(),
  predictions: z.number().int(),
  errors: z.number().int(),
  /** Share of requests slower than 95 % of the baseline's. */
  slowShare: z.number(),
});

/** The newest deployment beside the one with most traffic, by a test that may be looked at at any time. */
export const canaryVerdict = z.object({
  baseline: side,
  candidate: side,
  measures: z.array(
    z.object({
      measure: z.enum(["errors", "latency"]),
      /** Candidate minus baseline, as a share of requests. */
      difference: z.number(),
      low: z.number(),
      high: z.number(),
      /** What may be without being called worse. */
      tolerance: z.number(),
      finding: z.enum(["worse", "not-worse", "open"]),
    }),
  ),
  advice: z.enum(["promote", "roll-back", "wait"]),
  /** The verdict in sentences. */
  words: z.string(),
});
export type CanaryVerdict = z.output<typeof canaryVerdict>;
