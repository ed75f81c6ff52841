import { z } from "zod";

const ROWS_MAX = 10_000; // One answer of some MiB; the client has no pages.
const COLUMNS_MAX = 2000;
const NAMES_MAX = 1000;

const name = z.string().min(1).max(300);
const cell = z.union([z.string().max(100_000), z.number(), z.boolean(), z.null()]);
const value = z.union([cell, z.array(cell).max(10_000)]);
/** Columns by name, all of one length. */
const frame = z
  .record(name, z.array(value).max(ROWS_MAX))
  .refine((given) => Object.keys(given).length <= COLUMNS_MAX, `At most ${COLUMNS_MAX} columns.`)
  .refine(
    (given) => new Set(Object.values(given).map(({ length }) => length)).size <= 1,
    "All columns must have the same number of values.",
  );
export type Frame = z.output<typeof frame>;

/**
 * What their client sends; flags that tell their server how to look things up mean nothing here.
 * @remarks Wire format: feast/feature_server.py, the request models.
 */
export const getOnlineFeaturesRequest = z.object({
  entities: frame,
  feature_service: name.nullish(),
  features: z.array(name).max(NAMES_MAX).nullish(),
  full_feature_names: z.boolean().default(false),
  include_feature_view_version_metadata: z.boolean().default(false),
});
export type GetOnlineFeatures = z.output<typeof getOnlineFeaturesRequest>;

export const pushRequest = z.object({
  push_source_name: name,
  df: frame,
  allow_registry_cache: z.boolean().default(true),
  to: z.enum(["online", "offline", "online_and_offline"]).default("online"),
  transform_on_write: z.boolean().default(true),
});

export const writeRequest = z.object({
  feature_view_name: name,
  df: frame,
  allow_registry_cache: z.boolean().default(true),
  transform_on_write: z.boolean().default(true),
});

export interface OnlineFeaturesAnswer {
  metadata: { feature_names: string[] };
  results: { values: unknown[]; statuses: string[]; event_timestamps: string[] }[];
}
