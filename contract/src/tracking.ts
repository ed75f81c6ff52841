import { z } from "zod";
import { endpoint } from "./http.ts";

const id = z.string().min(1).max(256);
const time = z.number().int();
const key = z.string().min(1).max(250);
const text = z.string().max(100_000);

/** JSON has no word for these three; every other value is a plain number. */
export const metricValue = z.union([
  z.number(),
  z.literal("NaN"),
  z.literal("Infinity"),
  z.literal("-Infinity"),
]);
export type MetricValue = z.output<typeof metricValue>;

export const lifecycle = z.enum(["active", "deleted"]);
export type Lifecycle = z.output<typeof lifecycle>;
/** Which things of a list are meant. */
export const view = z.enum(["active", "deleted", "all"]);
export type View = z.output<typeof view>;

/** As the filter language and the clients write them. */
export const runStatus = z.enum(["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]);
export type RunStatus = z.output<typeof runStatus>;

export const experiment = z.object({
  /** A decimal number, counted in each project from 0; `0` is the experiment `Default`, which every project has. */
  id: z.string(),
  name: z.string(),
  lifecycle,
  createdMs: time,
  updatedMs: time,
  tags: z.record(z.string(), z.string()),
});
export type Experiment = z.output<typeof experiment>;

export const datasetUse = z.object({
  name: z.string(),
  digest: z.string(),
  sourceType: z.string(),
  source: z.string(),
  schema: z.string().optional(),
  profile: z.string().optional(),
  tags: z.record(z.string(), z.string()),
});
export type DatasetUse = z.output<typeof datasetUse>;

/** A run as lists show it: its newest values, without history. */
export const run = z.object({
  id: z.string(),
  name: z.string(),
  experimentId: z.string(),
  experimentName: z.string(),
  status: runStatus,
  lifecycle,
  startedMs: time,
  endedMs: time.optional(),
  /** The user's name, as the client gave it or as they signed in. */
  owner: z.string(),
  /** The run that this one is nested in. */
  parentId: z.string().optional(),
  params: z.record(z.string(), z.string()),
  metrics: z.record(z.string(), metricValue),
  tags: z.record(z.string(), z.string()),
  /** Where its files begin, below the project. */
  artifactPath: z.string(),
});
export type RunSummary = z.output<typeof run>;

export const runDetails = run.extend({
  datasets: z.array(datasetUse),
  /** Logged models that it read, and that it made. */
  modelInputs: z.array(z.string()),
  modelOutputs: z.array(z.string()),
});
export type RunDetails = z.output<typeof runDetails>;

export const loggedModelStatus = z.enum(["PENDING", "READY", "FAILED"]);
export const loggedModel = z.object({
  id: z.string(),
  experimentId: z.string(),
  name: z.string(),
  modelType: z.string(),
  status: loggedModelStatus,
  sourceRunId: z.string().optional(),
  createdMs: time,
  updatedMs: time,
  params: z.record(z.string(), z.string()),
  metrics: z.record(z.string(), metricValue),
  tags: z.record(z.string(), z.string()),
  artifactPath: z.string(),
});
export type LoggedModelSummary = z.output<typeof loggedModel>;

const values = z.array(z.number().nullable());
/** Points of one metric in equal parts of the axis, column by column; `null` stands for what is no finite number. */
export const metricBuckets = z.object({
  runId: z.string(),
  /** Steps; milliseconds since 1970 (`time`); or milliseconds since the run's first point (`relative`). */
  x: z.array(z.number()),
  last: values,
  min: values,
  max: values,
  count: z.array(z.number().int()),
});
export type MetricBuckets = z.output<typeof metricBuckets>;

const page = {
  pageSize: z.coerce.number().int().min(1).max(1000).default(100),
  pageToken: z.string().max(4000).optional(),
};
const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextToken: z.string().optional() });
const listed = z.preprocess((given) => (typeof given === "string" ? [given] : given), z.array(id).max(200));
const byExperiment = z.object({ experiment: id });
const byRun = z.object({ run: id });

export const trackingApi = {
  listExperiments: endpoint({
    method: "GET",
    path: "/experiments",
    permission: "experiment:read",
    scope: "project",
    summary: "Experiments, newest first.",
    query: z.object({ ...page, filter: z.string().max(4000).default(""), view: view.default("active") }),
    answer: pageOf(experiment),
  }),
  createExperiment: endpoint({
    method: "POST",
    path: "/experiments",
    permission: "experiment:write",
    scope: "project",
    summary: "Creates an experiment.",
    body: z.strictObject({ name: z.string().min(1).max(500), tags: z.record(key, text).default({}) }),
    answer: experiment,
    status: 201,
  }),
  getExperiment: endpoint({
    method: "GET",
    path: "/experiments/:experiment",
    permission: "experiment:read",
    scope: "project",
    summary: "One experiment.",
    params: byExperiment,
    answer: experiment,
  }),
  updateExperiment: endpoint({
    method: "PATCH",
    path: "/experiments/:experiment",
    permission: "experiment:write",
    scope: "project",
    summary: "Renames an experiment, or sets its tags; null removes one.",
    params: byExperiment,
    body: z.strictObject({
      name: z.string().min(1).max(500).optional(),
      tags: z.record(key, text.nullable()).optional(),
    }),
    answer: experiment,
  }),
  deleteExperiment: endpoint({
    method: "DELETE",
    path: "/experiments/:experiment",
    permission: "experiment:delete",
    scope: "project",
    summary: "Deletes an experiment and its runs; it can be restored.",
    params: byExperiment,
    answer: z.object({}),
  }),
  restoreExperiment: endpoint({
    method: "POST",
    path: "/experiments/:experiment/restore",
    permission: "experiment:delete",
    scope: "project",
    summary: "Restores a deleted experiment and its runs.",
    params: byExperiment,
    answer: experiment,
  }),
  searchRuns: endpoint({
    method: "GET",
    path: "/runs",
    permission: "run:read",
    scope: "project",
    summary: "Runs that match a filter in the mlflow client's language; newest first when no order is given.",
    query: z.object({
      ...page,
      /** All experiments of the project when none is given. */
      experimentIds: listed.optional(),
      filter: z.string().max(8000).default(""),
      /** `metrics.rmse`, `-started` (largest first): a column as the table names it. */
      sort: z.string().max(300).optional(),
      view: view.default("active"),
    }),
    answer: pageOf(run),
  }),
  countRuns: endpoint({
    method: "GET",
    path: "/runs/counts",
    permission: "run:read",
    scope: "project",
    summary: "How many active runs there are, by status, and how many began in the last day.",
    answer: z.object({
      byStatus: z.partialRecord(runStatus, z.number().int()),
      lastDay: z.number().int(),
      newestMs: time.optional(),
    }),
  }),
  getRun: endpoint({
    method: "GET",
    path: "/runs/:run",
    permission: "run:read",
    scope: "project",
    summary: "One run with its newest values, inputs and outputs.",
    params: byRun,
    answer: runDetails,
  }),
  updateRun: endpoint({
    method: "PATCH",
    path: "/runs/:run",
    permission: "run:write",
    scope: "project",
    summary: "Renames a run, ends it, or sets its tags; null removes one.",
    params: byRun,
    body: z.strictObject({
      name: z.string().min(1).max(500).optional(),
      status: runStatus.optional(),
      tags: z.record(key, text.nullable()).optional(),
    }),
    answer: run,
  }),
  deleteRun: endpoint({
    method: "DELETE",
    path: "/runs/:run",
    permission: "run:delete",
    scope: "project",
    summary: "Deletes a run; it can be restored.",
    params: byRun,
    answer: z.object({}),
  }),
  restoreRun: endpoint({
    method: "POST",
    path: "/runs/:run/restore",
    permission: "run:delete",
    scope: "project",
    summary: "Restores a deleted run.",
    params: byRun,
    answer: run,
  }),
  metricBuckets: endpoint({
    method: "GET",
    path: "/metric-buckets",
    permission: "run:read",
    scope: "project",
    summary: "One metric of several runs, in at most so many buckets each, for charts of any length.",
    query: z.object({
      runIds: listed,
      metric: key,
      axis: z.enum(["step", "time", "relative"]).default("step"),
      from: z.coerce.number().optional(),
      to: z.coerce.number().optional(),
      buckets: z.coerce.number().int().min(1).max(2000).default(400),
    }),
    answer: z.object({ items: z.array(metricBuckets) }),
  }),
  searchLoggedModels: endpoint({
    method: "GET",
    path: "/logged-models",
    permission: "run:read",
    scope: "project",
    summary: "Models that runs have logged, newest first; those of one run when it is given.",
    query: z.object({ ...page, runId: id.optional(), filter: z.string().max(8000).default("") }),
    answer: pageOf(loggedModel),
  }),
  getLoggedModel: endpoint({
    method: "GET",
    path: "/logged-models/:model",
    permission: "run:read",
    scope: "project",
    summary: "One logged model.",
    params: z.object({ model: id }),
    answer: loggedModel,
  }),
};
