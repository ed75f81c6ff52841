import { z } from "zod";
import { endpoint } from "./http.ts";

/** Letters, digits, `.`, `_` and `-`: it stands in addresses and command lines. */
export const datasetName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, "Use 1 to 128 of A–Z, a–z, 0–9, '.', '_' and '-'.");
const description = z.string().max(100_000);
const columnName = z.string().min(1).max(512);
const sqlText = z
  .string()
  .trim()
  .min(1)
  .max(64 * 1024);
const digest = z.string().regex(/^[0-9a-f]{64}$/, "Use lower-case hexadecimal SHA-256.");
const time = z.number().int();
const TAGS_MAX = 100;
const CHECKS_MAX = 200; // Each is at least one scan of a column.
const INPUTS_MAX = 16;
const tags = z
  .record(z.string().min(1).max(250), z.string().max(5000))
  .refine((given) => Object.keys(given).length <= TAGS_MAX, `A dataset has up to ${TAGS_MAX} tags.`);

/** A cell as JSON: whole numbers beyond 2^53 and decimals as text, times ISO 8601 in UTC, bytes base64. */
export type DatasetValue =
  | string
  | number
  | boolean
  | null
  | DatasetValue[]
  | { [field: string]: DatasetValue };
export const datasetValue: z.ZodType<DatasetValue> = z.lazy(() =>
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(datasetValue),
    z.record(z.string(), datasetValue),
  ]),
);
const scalar = z.union([z.string().max(10_000), z.number(), z.boolean()]);

export const datasetFormat = z.enum(["parquet", "csv", "json"]);
export type DatasetFormat = z.output<typeof datasetFormat>;

const checkBase = {
  /** Names the check within its dataset; its results are found by it. */
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9 ._:-]{0,127}$/, "Use up to 128 letters, digits, ' ', '.', '_', ':', '-'."),
  /** A failed `error` forbids certification; a failed `warning` only shows. */
  severity: z.enum(["error", "warning"]).default("error"),
};
/** What must hold for every version. Nulls are only the business of `not-null`, as in SQL. */
export const datasetCheck = z.discriminatedUnion("kind", [
  z.strictObject({ ...checkBase, kind: z.literal("not-null"), column: columnName }),
  z.strictObject({
    ...checkBase,
    kind: z.literal("unique"),
    columns: z.array(columnName).min(1).max(16),
  }),
  z.strictObject({
    ...checkBase,
    kind: z.literal("range"),
    column: columnName,
    /** Numbers, or times and text as the column's type reads them; both ends belong to the range. */
    min: scalar.optional(),
    max: scalar.optional(),
  }),
  z.strictObject({
    ...checkBase,
    kind: z.literal("allowed-values"),
    column: columnName,
    values: z.array(scalar).min(1).max(1000),
  }),
  z.strictObject({
    ...checkBase,
    kind: z.literal("row-count"),
    min: z.number().int().min(0).optional(),
    max: z.number().int().min(0).optional(),
  }),
  z.strictObject({
    ...checkBase,
    kind: z.literal("freshness"),
    column: columnName,
    /** The newest time in the column may be this old when the version is made. */
    hoursMax: z.number().positive(),
  }),
  /** The whole text must match (RE2 syntax). */
  z.strictObject({
    ...checkBase,
    kind: z.literal("regex"),
    column: columnName,
    pattern: z.string().min(1).max(1000),
  }),
  /** A boolean SQL expression that holds for each row; null counts as not holding. */
  z.strictObject({ ...checkBase, kind: z.literal("expression"), sql: sqlText }),
]);
export type DatasetCheck = z.output<typeof datasetCheck>;
const checks = z
  .array(datasetCheck)
  .max(CHECKS_MAX)
  .refine(
    (given) => new Set(given.map(({ name }) => name)).size === given.length,
    "Two checks have one name.",
  );

export const datasetCheckResult = z.object({
  /** As it was when it ran; the dataset's may have changed since. */
  check: datasetCheck,
  /** `broken`: it could not be judged, because the column is missing or the expression does not run. */
  state: z.enum(["passed", "failed", "broken"]),
  /** Rows, or for `row-count` and `freshness` 1 when the version fails. */
  failedCount: z.number().int(),
  rowCount: z.number().int(),
  /** What was found, in one sentence. */
  message: z.string(),
  /** The first few rows that fail. */
  examples: z.array(z.record(z.string(), datasetValue)),
  ranMs: time,
});
export type DatasetCheckResult = z.output<typeof datasetCheckResult>;

export const datasetColumn = z.object({
  name: z.string(),
  /** As DuckDB writes it: `BIGINT`, `TIMESTAMP WITH TIME ZONE`, `VARCHAR[]`. */
  type: z.string(),
  /** True when at least one value is null. */
  nullable: z.boolean(),
});
export type DatasetColumn = z.output<typeof datasetColumn>;

/** Equal-width bins over `[edges[i], edges[i + 1])`, the last one closed; `times` counts milliseconds since 1970 UTC. */
export const datasetHistogram = z.object({
  kind: z.enum(["numbers", "times", "lengths"]),
  edges: z.array(z.number()),
  counts: z.array(z.number().int()),
});
export type DatasetHistogram = z.output<typeof datasetHistogram>;

export const columnProfile = z.object({
  name: z.string(),
  type: z.string(),
  nulls: z.number().int(),
  /** Exact up to about 100,000; beyond, an estimate that may be off by a fifth. */
  distinct: z.number().int().optional(),
  min: datasetValue.optional(),
  max: datasetValue.optional(),
  /** Of numbers; NaN and infinities are left out and counted in `notFinite`. */
  mean: z.number().optional(),
  std: z.number().optional(),
  notFinite: z.number().int().optional(),
  /** Of numbers, and of times as ISO 8601: estimates (t-digest). */
  quantiles: z.array(z.object({ q: z.number(), value: datasetValue })).optional(),
  /** The most frequent values; absent for nested types. */
  top: z.array(z.object({ value: datasetValue, count: z.number().int() })).optional(),
  histogram: datasetHistogram.optional(),
});
export type ColumnProfile = z.output<typeof columnProfile>;

export const datasetProfile = z.object({ rowCount: z.number().int(), columns: z.array(columnProfile) });
export type DatasetProfile = z.output<typeof datasetProfile>;

export const datasetInput = z.object({ dataset: datasetName, version: z.number().int().min(1) });

export const certification = z.object({ by: z.string(), atMs: time, note: z.string() });
export type Certification = z.output<typeof certification>;

export const datasetVersion = z.object({
  dataset: z.string(),
  /** Counts from 1 in each dataset; numbers of deleted versions are never used again. */
  version: z.number().int(),
  /** `pending` until the schema, profile and checks are there; `failed` says why in `reason`. */
  state: z.enum(["pending", "ready", "failed"]),
  reason: z.string().optional(),
  description: z.string(),
  format: datasetFormat,
  /** SHA-256 over the files' digests, in order; absent while SQL has not run. */
  digest: z.string().optional(),
  sizeBytes: z.number().int(),
  files: z.number().int(),
  /** What it was made of. */
  source: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("upload") }),
    z.object({ kind: z.literal("artifacts"), paths: z.array(z.string()) }),
    z.object({ kind: z.literal("sql"), sql: z.string(), inputs: z.record(z.string(), datasetInput) }),
  ]),
  rowCount: z.number().int().optional(),
  columns: z.array(datasetColumn).optional(),
  /** How the checks ended; `failed` counts those of severity `error`, `warned` the others, `broken` with them. */
  checks: z
    .object({ passed: z.number().int(), failed: z.number().int(), warned: z.number().int() })
    .optional(),
  certification: certification.optional(),
  createdBy: z.string(),
  createdMs: time,
  readyMs: time.optional(),
});
export type DatasetVersion = z.output<typeof datasetVersion>;

export const dataset = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  /** Who answers for it: a person or a team, as text. */
  owner: z.string(),
  tags,
  checks: z.array(datasetCheck),
  /** The newest version, whatever its state. */
  latest: datasetVersion.optional(),
  /** The newest version that is certified. */
  certifiedVersion: z.number().int().optional(),
  versions: z.number().int(),
  createdBy: z.string(),
  createdMs: time,
  updatedMs: time,
});
export type Dataset = z.output<typeof dataset>;

export const datasetRows = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(datasetValue)),
});
export type DatasetRows = z.output<typeof datasetRows>;

/** One column as it is in both versions; one side is absent where it exists in the other only. */
export const columnComparison = z.object({
  name: z.string(),
  change: z.enum(["added", "removed", "changed", "same"]),
  from: columnProfile.optional(),
  to: columnProfile.optional(),
});
export const datasetComparison = z.object({
  from: z.object({ version: z.number().int(), rowCount: z.number().int() }),
  to: z.object({ version: z.number().int(), rowCount: z.number().int() }),
  columns: z.array(columnComparison),
});
export type DatasetComparison = z.output<typeof datasetComparison>;

const page = {
  pageSize: z.coerce.number().int().min(1).max(200).default(50),
  pageToken: z.string().max(4000).optional(),
};
const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextToken: z.string().optional() });
const byDataset = z.object({ dataset: datasetName });
const byVersion = byDataset.extend({ version: z.coerce.number().int().min(1) });
const force = z.object({ force: z.enum(["true", "false"]).default("false") });
const ROWS_MAX = 1000; // What a page of a table shows; more is a download.

export const datasetsApi = {
  list: endpoint({
    method: "GET",
    path: "/datasets",
    permission: "dataset:read",
    scope: "project",
    summary: "Datasets by name; `search` finds words in names, descriptions, owners and tags.",
    query: z.object({
      ...page,
      search: z.string().max(200).default(""),
      certified: z.enum(["true", "false"]).optional(),
    }),
    answer: pageOf(dataset),
  }),
  create: endpoint({
    method: "POST",
    path: "/datasets",
    permission: "dataset:write",
    scope: "project",
    summary: "Creates a dataset, without a version yet.",
    body: z.strictObject({
      name: datasetName,
      description: description.default(""),
      owner: z.string().max(250).optional(),
      tags: tags.default({}),
      checks: checks.default([]),
    }),
    answer: dataset,
    status: 201,
  }),
  get: endpoint({
    method: "GET",
    path: "/datasets/:dataset",
    permission: "dataset:read",
    scope: "project",
    summary: "One dataset with its newest version.",
    params: byDataset,
    answer: dataset,
  }),
  update: endpoint({
    method: "PATCH",
    path: "/datasets/:dataset",
    permission: "dataset:write",
    scope: "project",
    summary:
      "Changes description, owner, tags or checks; checks hold for the versions that come, or run again.",
    params: byDataset,
    body: z.strictObject({
      description: description.optional(),
      owner: z.string().max(250).optional(),
      tags: tags.optional(),
      checks: checks.optional(),
    }),
    answer: dataset,
  }),
  remove: endpoint({
    method: "DELETE",
    path: "/datasets/:dataset",
    permission: "dataset:delete",
    scope: "project",
    summary: "Deletes a dataset with all versions; refused when something was made of one, unless forced.",
    params: byDataset,
    query: force,
    answer: z.object({}),
  }),
  listVersions: endpoint({
    method: "GET",
    path: "/datasets/:dataset/versions",
    permission: "dataset:read",
    scope: "project",
    summary: "Versions, newest first.",
    params: byDataset,
    query: z.object(page),
    answer: pageOf(datasetVersion),
  }),
  upload: endpoint({
    method: "POST",
    path: "/datasets/:dataset/versions/upload",
    permission: "dataset:write",
    scope: "project",
    summary:
      "Makes a version of the request's body; the same content again answers the version that has it, unless that one failed.",
    params: byDataset,
    query: z.object({
      format: datasetFormat,
      description: description.default(""),
      digest: digest.optional(),
    }),
    bodyKind: "bytes",
    answer: datasetVersion,
    status: 201,
  }),
  createVersion: endpoint({
    method: "POST",
    path: "/datasets/:dataset/versions",
    permission: "dataset:write",
    scope: "project",
    summary: "Makes a version of files that are stored already, or of SQL over other versions.",
    params: byDataset,
    body: z.strictObject({
      description: description.default(""),
      source: z.discriminatedUnion("kind", [
        z.strictObject({
          kind: z.literal("artifacts"),
          format: datasetFormat,
          paths: z.array(z.string().min(1).max(4096)).min(1).max(64),
        }),
        z.strictObject({
          kind: z.literal("sql"),
          sql: sqlText,
          /** Table name in the statement → version; the newest ready one when no number is given. */
          inputs: z
            .record(
              z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, "Use the form of a table's name."),
              z.strictObject({ dataset: datasetName, version: z.number().int().min(1).optional() }),
            )
            .refine(
              (given) => Object.keys(given).length >= 1 && Object.keys(given).length <= INPUTS_MAX,
              `Give 1 to ${INPUTS_MAX} inputs.`,
            ),
        }),
      ]),
    }),
    answer: datasetVersion,
    status: 201,
  }),
  getVersion: endpoint({
    method: "GET",
    path: "/datasets/:dataset/versions/:version",
    permission: "dataset:read",
    scope: "project",
    summary: "One version with its state and schema.",
    params: byVersion,
    answer: datasetVersion,
  }),
  removeVersion: endpoint({
    method: "DELETE",
    path: "/datasets/:dataset/versions/:version",
    permission: "dataset:delete",
    scope: "project",
    summary: "Deletes a version; refused when something was made of it or it is certified, unless forced.",
    params: byVersion,
    query: force,
    answer: z.object({}),
  }),
  profile: endpoint({
    method: "GET",
    path: "/datasets/:dataset/versions/:version/profile",
    permission: "dataset:read",
    scope: "project",
    summary: "What each column holds: nulls, ranges, quantiles, frequent values, a histogram.",
    params: byVersion,
    answer: datasetProfile,
  }),
  checkResults: endpoint({
    method: "GET",
    path: "/datasets/:dataset/versions/:version/checks",
    permission: "dataset:read",
    scope: "project",
    summary: "How the quality checks ended for a version.",
    params: byVersion,
    answer: z.object({ items: z.array(datasetCheckResult) }),
  }),
  runChecks: endpoint({
    method: "POST",
    path: "/datasets/:dataset/versions/:version/checks",
    permission: "dataset:write",
    scope: "project",
    summary: "Runs the dataset's present checks over a version again and keeps these results.",
    params: byVersion,
    answer: z.object({ items: z.array(datasetCheckResult) }),
  }),
  certify: endpoint({
    method: "PUT",
    path: "/datasets/:dataset/versions/:version/certification",
    permission: "dataset:certify",
    scope: "project",
    summary: "Vouches for a version; refused while a check of severity `error` does not pass.",
    params: byVersion,
    body: z.strictObject({ note: z.string().max(4000).default("") }),
    answer: datasetVersion,
  }),
  withdraw: endpoint({
    method: "DELETE",
    path: "/datasets/:dataset/versions/:version/certification",
    permission: "dataset:certify",
    scope: "project",
    summary: "Takes a certification back.",
    params: byVersion,
    query: z.object({ note: z.string().max(4000).default("") }),
    answer: datasetVersion,
  }),
  rows: endpoint({
    method: "GET",
    path: "/datasets/:dataset/versions/:version/rows",
    permission: "dataset:read",
    scope: "project",
    summary: "A page of rows, as they lie in the files.",
    params: byVersion,
    query: z.object({
      offset: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
      limit: z.coerce.number().int().min(1).max(ROWS_MAX).default(100),
    }),
    answer: datasetRows,
  }),
  query: endpoint({
    method: "POST",
    path: "/datasets/:dataset/versions/:version/query",
    permission: "dataset:read",
    scope: "project",
    summary:
      "One SELECT over the version, which is the table `data`; reads only, bounded in rows, memory and time.",
    params: byVersion,
    body: z.strictObject({
      sql: sqlText,
      parameters: z
        .array(z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()]))
        .max(100)
        .default([]),
    }),
    answer: datasetRows,
  }),
  compare: endpoint({
    method: "GET",
    path: "/datasets/:dataset/compare",
    permission: "dataset:read",
    scope: "project",
    summary: "Schema and profile of two versions, column by column.",
    params: byDataset,
    query: z.object({
      from: z.coerce.number().int().min(1),
      to: z.coerce.number().int().min(1),
    }),
    answer: datasetComparison,
  }),
  download: endpoint({
    method: "GET",
    path: "/datasets/:dataset/versions/:version/content",
    permission: "dataset:read",
    scope: "project",
    summary: "One file of a version, as it was stored, always as a download; answers Range.",
    params: byVersion,
    query: z.object({ file: z.coerce.number().int().min(0).max(10_000).default(0) }),
    answer: z.string(),
  }),
};
