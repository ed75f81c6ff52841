import { z } from "zod";
import { endpoint } from "./http.ts";

/** Names of entities, views, services, features and columns that we make: they stand in `view:feature` and in columns. */
const name = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, "A name is letters, digits and underscores, at most 100.");
const column = z.string().min(1).max(256);
const description = z.string().max(10_000);
const time = z.number().int();
const versionNumber = z.coerce.number().int().min(1);
/** Whole numbers beyond 2^53 are text; times are ISO 8601 in UTC. */
const scalar = z.union([z.string().max(100_000), z.number(), z.boolean()]);
export const featureValue = z.union([scalar, z.null(), z.array(z.union([scalar, z.null()])).max(10_000)]);

export const keyType = z.enum(["string", "int64"]);
export type KeyType = z.output<typeof keyType>;
export const featureType = z.enum([
  "string",
  "int64",
  "float64",
  "bool",
  "timestamp",
  "string[]",
  "int64[]",
  "float64[]",
]);
export type FeatureType = z.output<typeof featureType>;
export const aggregate = z.enum(["count", "sum", "mean", "min", "max", "std"]);
export type Aggregate = z.output<typeof aggregate>;

export const newEntity = z.strictObject({
  name,
  description: description.default(""),
  joinKeys: z
    .array(z.strictObject({ name, type: keyType }))
    .min(1)
    .max(8),
});
export type NewEntity = z.output<typeof newEntity>;

export const viewSource = z.strictObject({
  dataset: z.string().min(1).max(256),
  /** The newest one at each use when not given. */
  version: z.number().int().min(1).optional(),
  timestampColumn: column,
  /** When a row arrived: of two rows of one key and time the later one holds. */
  createdColumn: column.optional(),
});
export type ViewSource = z.output<typeof viewSource>;

export const viewFeature = z.strictObject({
  name,
  type: featureType,
  /** Of the source; the feature's own name when not given. */
  column: column.optional(),
  default: featureValue.optional(),
  description: description.default(""),
});
export type ViewFeature = z.output<typeof viewFeature>;

/**
 * Trailing windows over the rows of one key. A window of 7d that ends at time t holds t − 7d ≤ row time < t: what happens
 * at the very moment, such as the row that asks, is not in it.
 */
export const viewAggregation = z.strictObject({
  function: aggregate,
  /** Not given: `count` counts rows. */
  column: column.optional(),
  /** `30m`, `1h`, `7d`. */
  windows: z
    .array(z.string().regex(/^[1-9][0-9]{0,5}[mhd]$/, "A window is a number and m, h or d, such as 7d."))
    .min(1)
    .max(12),
  default: z.number().optional(),
});
export type ViewAggregation = z.output<typeof viewAggregation>;

export const newView = z.strictObject({
  name,
  description: description.default(""),
  entities: z.array(name).min(1).max(8),
  source: viewSource,
  /** How old a value may be when it is used, both ends inclusive; null: any age. */
  ttlSeconds: z.number().int().min(1).max(3_153_600_000).nullable().default(null),
  /** Columns as they are; a view has these or aggregations. */
  features: z.array(viewFeature).max(500).default([]),
  aggregations: z.array(viewAggregation).max(100).default([]),
  /** By which name rows are pushed; the view's own always works. */
  pushSource: name.optional(),
});
export type NewView = z.output<typeof newView>;

export const newService = z.strictObject({
  name,
  description: description.default(""),
  views: z
    .array(
      z.strictObject({
        view: name,
        /** Fixed when the service is made: the newest one when not given. */
        version: z.number().int().min(1).optional(),
        /** All of the view's when not given. */
        features: z.array(name).min(1).max(500).optional(),
      }),
    )
    .min(1)
    .max(50),
});
export type NewService = z.output<typeof newService>;

const versioned = { version: z.number().int(), createdMs: time, createdBy: z.string() };
const joinKeys = z.array(z.object({ name: z.string(), type: keyType }));

export const entity = z.object({ ...newEntity.shape, ...versioned });
export type Entity = z.output<typeof entity>;

/** What a view gives, aggregations spelled out. */
export const shownFeature = z.object({
  name: z.string(),
  type: featureType,
  description: z.string(),
  default: featureValue.optional(),
  /** In words: `mean of delay over 7d`; absent for a plain column. */
  aggregation: z.string().optional(),
});
export const freshness = z.object({
  /** Up to which time the online values are complete. */
  materializedToMs: time.optional(),
  /** The newest event time that was written online. */
  newestEventMs: time.optional(),
  /** When something was last written online. */
  writtenMs: time.optional(),
});
export type Freshness = z.output<typeof freshness>;

export const view = z.object({
  ...newView.shape,
  ...versioned,
  joinKeys,
  allFeatures: z.array(shownFeature),
  freshness,
});
export type View = z.output<typeof view>;

export const service = z.object({
  ...newService.shape,
  views: z.array(z.object({ view: z.string(), version: z.number().int(), features: z.array(z.string()) })),
  ...versioned,
  joinKeys,
});
export type Service = z.output<typeof service>;

export const featureStatus = z.enum(["present", "null", "missing", "stale"]);
export const onlineColumn = z.object({
  name: z.string(),
  view: z.string(),
  values: z.array(featureValue),
  statuses: z.array(featureStatus),
  eventMs: z.array(time.nullable()),
});

export const runState = z.enum(["queued", "running", "succeeded", "failed"]);
export const materialization = z.object({
  id: z.string(),
  view: z.string(),
  viewVersion: z.number().int(),
  state: runState,
  mode: z.enum(["full", "incremental"]),
  /** The values are those of this time. */
  asOfMs: time,
  /** Only what came after this time was read, for an incremental run. */
  fromMs: time.optional(),
  datasetVersion: z.number().int(),
  partsDone: z.number().int(),
  parts: z.number().int().optional(),
  rowsRead: z.number().int(),
  rowsWritten: z.number().int(),
  error: z.string().optional(),
  createdBy: z.string(),
  createdMs: time,
  startedMs: time.optional(),
  endedMs: time.optional(),
});
export type Materialization = z.output<typeof materialization>;

export const columnStatistics = z.object({
  name: z.string(),
  type: z.string(),
  nulls: z.number().int(),
  /** Of the values that are there: counted up to about 100,000, estimated beyond, never more than there are. */
  distinct: z.number().int(),
  min: featureValue.optional(),
  max: featureValue.optional(),
  mean: z.number().optional(),
  std: z.number().optional(),
});

export const newTrainingSet = z.strictObject({
  /** Sets of one name are numbered; the service's name when not given. */
  name: name.optional(),
  service: name,
  /** Of the service; the newest one when not given. */
  serviceVersion: z.number().int().min(1).optional(),
  entities: z.strictObject({
    dataset: z.string().min(1).max(256),
    version: z.number().int().min(1).optional(),
    /** Over the one table `dataset`: what rows are asked for, with their labels. All of it when not given. */
    sql: z.string().min(1).max(20_000).optional(),
    timestampColumn: column,
  }),
  /** `view__feature` instead of `feature`. */
  names: z.enum(["short", "full"]).default("short"),
  /** `filled` puts the declared defaults where there is no value or a null. */
  defaults: z.enum(["kept", "filled"]).default("kept"),
});
export type NewTrainingSet = z.output<typeof newTrainingSet>;

export const trainingSet = z.object({
  name: z.string(),
  number: z.number().int(),
  id: z.string(),
  state: runState,
  asked: newTrainingSet,
  serviceVersion: z.number().int(),
  /** What it was made of, by content. */
  inputs: z.array(
    z.object({ name: z.string(), dataset: z.string(), version: z.number().int(), digest: z.string() }),
  ),
  /** The statement that made it, over the tables that `inputs` names. */
  sql: z.string().optional(),
  /** How each view was joined. */
  plans: z.record(z.string(), z.string()),
  columns: z.array(columnStatistics),
  rows: z.number().int().optional(),
  /** A Parquet file among the project's artifacts. */
  artifactPath: z.string().optional(),
  digest: z.string().optional(),
  sizeBytes: z.number().int().optional(),
  error: z.string().optional(),
  createdBy: z.string(),
  createdMs: time,
  endedMs: time.optional(),
});
export type TrainingSet = z.output<typeof trainingSet>;

const page = {
  pageSize: z.coerce.number().int().min(1).max(500).default(100),
  pageToken: z.string().max(4000).optional(),
};
const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextToken: z.string().optional() });
const atVersion = z.object({ version: versionNumber.optional() });
const keyRow = z.record(z.string().max(256), z.union([z.string().max(1000), z.number()]));
const dataRow = z.record(z.string().max(256), featureValue);
const byName = z.object({ name });
const read = { method: "GET", permission: "feature:read", scope: "project" } as const;
const write = { method: "POST", permission: "feature:write", scope: "project" } as const;
const remove = { method: "DELETE", permission: "feature:write", scope: "project" } as const;

export const ONLINE_ROWS_MAX = 1000; // One answer of some thousand values; bulk reads are what training sets are for.
export const PUSH_ROWS_MAX = 10_000; // A batch of a stream; more comes as a dataset version.

export const featureStoreApi = {
  listEntities: endpoint({
    ...read,
    path: "/features/entities",
    summary: "Entities by name, each in its newest version.",
    query: z.object(page),
    answer: pageOf(entity),
  }),
  saveEntity: endpoint({
    ...write,
    path: "/features/entities",
    summary: "Defines an entity; another definition of the same name is its next version.",
    body: newEntity,
    answer: entity,
  }),
  getEntity: endpoint({
    ...read,
    path: "/features/entities/:name",
    summary: "One entity.",
    params: byName,
    query: atVersion,
    answer: entity,
  }),
  deleteEntity: endpoint({
    ...remove,
    path: "/features/entities/:name",
    summary: "Deletes an entity that no view uses.",
    params: byName,
    answer: z.object({}),
  }),
  listViews: endpoint({
    ...read,
    path: "/features/views",
    summary: "Feature views by name, each in its newest version, with its freshness.",
    query: z.object(page),
    answer: pageOf(view),
  }),
  saveView: endpoint({
    ...write,
    path: "/features/views",
    summary: "Defines a view, checked against its dataset; another definition is its next version.",
    body: newView,
    answer: view,
  }),
  getView: endpoint({
    ...read,
    path: "/features/views/:name",
    summary: "One feature view.",
    params: byName,
    query: atVersion,
    answer: view,
  }),
  deleteView: endpoint({
    ...remove,
    path: "/features/views/:name",
    summary: "Deletes a view that no service uses, with its online values.",
    params: byName,
    answer: z.object({}),
  }),
  listServices: endpoint({
    ...read,
    path: "/features/services",
    summary: "Feature services by name, each in its newest version.",
    query: z.object(page),
    answer: pageOf(service),
  }),
  saveService: endpoint({
    ...write,
    path: "/features/services",
    summary: "Defines a service over versions of views; another definition is its next version.",
    body: newService,
    answer: service,
  }),
  getService: endpoint({
    ...read,
    path: "/features/services/:name",
    summary: "One feature service.",
    params: byName,
    query: atVersion,
    answer: service,
  }),
  deleteService: endpoint({
    ...remove,
    path: "/features/services/:name",
    summary: "Deletes a service; training sets made with it stay.",
    params: byName,
    answer: z.object({}),
  }),
  readOnline: endpoint({
    method: "POST",
    permission: "feature:read",
    scope: "project",
    path: "/features/services/:name/values",
    summary: "The online values of entities, a column for each feature.",
    params: byName,
    body: z.strictObject({ keys: z.array(keyRow).min(1).max(ONLINE_ROWS_MAX) }),
    answer: z.object({ columns: z.array(onlineColumn) }),
  }),
  readView: endpoint({
    method: "POST",
    permission: "feature:read",
    scope: "project",
    path: "/features/views/:name/values",
    summary: "The online values of one view.",
    params: byName,
    body: z.strictObject({ keys: z.array(keyRow).min(1).max(ONLINE_ROWS_MAX) }),
    answer: z.object({ columns: z.array(onlineColumn) }),
  }),
  push: endpoint({
    ...write,
    path: "/features/push/:name",
    summary: "Pushes rows of a source to every view that takes them: online, into their history, or both.",
    params: byName,
    body: z.strictObject({
      rows: z.array(dataRow).min(1).max(PUSH_ROWS_MAX),
      to: z.enum(["online", "offline", "both"]).default("online"),
    }),
    answer: z.object({ written: z.number().int(), kept: z.number().int(), appended: z.number().int() }),
  }),
  materialize: endpoint({
    ...write,
    path: "/features/views/:name/materializations",
    summary: "Brings the values as of a time into the online store; the worker does it.",
    params: byName,
    body: z.strictObject({
      /** Now when not given; never later than now. */
      asOfMs: time.min(0).optional(),
      mode: z.enum(["full", "incremental"]).default("incremental"),
    }),
    answer: materialization,
    status: 202,
  }),
  listMaterializations: endpoint({
    ...read,
    path: "/features/views/:name/materializations",
    summary: "A view's materializations, newest first.",
    params: byName,
    query: z.object(page),
    answer: pageOf(materialization),
  }),
  getMaterialization: endpoint({
    ...read,
    path: "/features/materializations/:id",
    summary: "One materialization, with its progress.",
    params: z.object({ id: z.string().min(1).max(64) }),
    answer: materialization,
  }),
  createTrainingSet: endpoint({
    ...write,
    path: "/features/training-sets",
    summary: "Makes a point-in-time training set; the worker builds it.",
    body: newTrainingSet,
    answer: trainingSet,
    status: 202,
  }),
  listTrainingSets: endpoint({
    ...read,
    path: "/features/training-sets",
    summary: "Training sets, newest first.",
    query: z.object({ ...page, name: name.optional() }),
    answer: pageOf(trainingSet),
  }),
  getTrainingSet: endpoint({
    ...read,
    path: "/features/training-sets/:name/:number",
    summary: "One training set.",
    params: z.object({ name, number: versionNumber }),
    answer: trainingSet,
  }),
};
