import { z } from "zod";
import { lineageEdge, lineageThing } from "../lineage.ts";
import { cell, columnName, time } from "./fields.ts";

/** Who answered: the model, or the step of the cold-start chain. */
export const servedBy = z.enum(["model", "defaults", "segment", "popularity", "constant", "none"]);
export type ServedBy = z.output<typeof servedBy>;

export const cohort = z.enum(["known", "new"]);
export type Cohort = z.output<typeof cohort>;

/** One row a prediction: of an `entities` endpoint join keys and request values, else the model's inputs by name. */
export const predictRequest = z.strictObject({
  instances: z
    .array(z.record(columnName, z.unknown()))
    .min(1)
    .max(10_000)
    .describe("one object for each prediction"),
  /** For replays and tests: the predictions are logged under that time, or each under its own; not in the future. */
  atMs: z.union([time.min(0), z.array(time.min(0)).min(1).max(10_000)]).optional(),
});

export const predictionAnswer = z.object({
  predictionId: z.string(),
  /** The value alone where the model has one output, else an object by output. */
  prediction: z.unknown(),
  servedBy,
  cohort,
  /** Features that were defaults, of all features: 0 to 1. */
  defaultedShare: z.number(),
});

export const predictAnswer = z.object({
  endpoint: z.string(),
  deployment: z.string(),
  model: z.object({ name: z.string(), version: z.number().int() }),
  predictions: z.array(predictionAnswer),
});
export type PredictAnswer = z.output<typeof predictAnswer>;

/** What came true. The same label again changes nothing; another one replaces it. */
export const feedback = z.strictObject({
  predictionId: z.string().min(1).max(100),
  label: cell,
  /** When it came true, milliseconds since 1970 UTC; now when not given. */
  atMs: time.min(0).optional(),
});
export type Feedback = z.output<typeof feedback>;

export const loggedPrediction = z.object({
  predictionId: z.string(),
  atMs: time,
  deployment: z.string(),
  model: z.object({ name: z.string(), version: z.number().int() }),
  cohort,
  servedBy,
  latencyMs: z.number(),
  /** HTTP status of the answer. */
  status: z.number().int(),
  inputs: z.record(z.string(), z.unknown()),
  outputs: z.record(z.string(), z.unknown()),
  label: z.object({ value: cell, atMs: time }).optional(),
});
export type LoggedPrediction = z.output<typeof loggedPrediction>;

/** From a prediction back to all that it came of. */
export const predictionOrigin = z.object({
  predictionId: z.string(),
  atMs: time,
  endpoint: z.string(),
  /** What answered: its number at the endpoint, and who deployed it when. */
  deployment: z.object({ number: z.string(), by: z.string().optional(), createdMs: time.optional() }),
  model: z.object({ name: z.string(), version: z.number().int() }),
  /** The model version and everything behind it, nearest first; `distance` counts edges from the model version. */
  things: z.array(lineageThing.extend({ distance: z.number().int() })),
  edges: z.array(lineageEdge),
  /** Of the runs among them, what their clients said of the code. */
  sources: z.array(
    z.object({
      runId: z.string(),
      runName: z.string(),
      /** Program or notebook, as its client named it. */
      program: z.string().optional(),
      commit: z.string().optional(),
    }),
  ),
  /** True when more lies behind than is answered at once. */
  more: z.boolean(),
});
export type PredictionOrigin = z.output<typeof predictionOrigin>;
