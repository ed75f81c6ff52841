import { z } from "zod";
import { cell, columnName } from "./fields.ts";

const datasetTable = {
  dataset: z.string().min(1).max(256),
  /** The newest at each refresh when not given. */
  version: z.number().int().min(1).optional(),
};

/**
 * What answers for an entity that nothing is known of. Steps are tried in order; the first that can answer does.
 * `defaults` asks the model with declared values in place of the missing features.
 */
export const coldStartStep = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("defaults"),
    /** Values of features by name, before those that the feature service declares. */
    values: z.record(columnName, cell).default({}),
    /** The step passes when more than this share of the features would be defaults. */
    shareMax: z.number().min(0).max(1).default(1),
  }),
  z.strictObject({
    kind: z.literal("segment"),
    ...datasetTable,
    /** Columns of the dataset that name the segment; the request brings values of the same names. */
    by: z.array(columnName).min(1).max(4),
    column: columnName,
    statistic: z.enum(["mean", "median", "min", "max"]).default("mean"),
    /** A segment with fewer rows does not answer. */
    countMin: z.number().int().min(1).default(30),
    /** Pulls a mean towards the mean of all rows, as if so many more rows had had it. */
    priorCount: z.number().min(0).max(1_000_000).default(0),
  }),
  z.strictObject({
    kind: z.literal("popularity"),
    ...datasetTable,
    /** Its most frequent values are the answer, the first alone when `limit` is 1. */
    column: columnName,
    limit: z.number().int().min(1).max(100).default(10),
    /** Rows count half as much for each so many days that this column lies back. */
    decay: z.strictObject({ column: columnName, halfLifeDays: z.number().positive() }).optional(),
  }),
  z.strictObject({
    kind: z.literal("constant"),
    value: z.union([cell, z.array(cell).max(100)]),
  }),
]);
export type ColdStartStep = z.output<typeof coldStartStep>;

export const coldStart = z.strictObject({
  /** An entity is new when one of these feature views has no row for it; all views of the service when not given. */
  knownBy: z.array(columnName).min(1).max(50).optional(),
  chain: z.array(coldStartStep).min(1).max(10),
});
export type ColdStart = z.output<typeof coldStart>;

/** When a step's table was made and from what; `error` when the last try failed. */
export const coldStartTable = z.object({
  step: z.number().int(),
  kind: z.enum(["segment", "popularity"]),
  dataset: z.string(),
  version: z.number().int().optional(),
  rows: z.number().int(),
  refreshedMs: z.number().int().optional(),
  error: z.string().optional(),
});
export type ColdStartTable = z.output<typeof coldStartTable>;
