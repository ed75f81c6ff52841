import { z } from "zod";
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
