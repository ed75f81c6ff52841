import type { Experiment, Lifecycle, MetricBuckets, RunStatus, View } from "@atrium/contract/tracking";
import type { Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";

export interface KeyValue {
  key: string;
  value: string;
}

/** One measured value. `value` may be NaN or infinite; `step` is a whole number up to ±2⁵³. */
export interface Point {
  key: string;
  value: number;
  timestampMs: number;
  step: number;
  /** The logged model and the dataset that the value is about, when the client says so. */
  modelId?: string | undefined;
  datasetName?: string | undefined;
  datasetDigest?: string | undefined;
}

export interface Dataset {
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema?: string | undefined;
  profile?: string | undefined;
}
export interface DatasetInput {
  dataset: Dataset;
  tags: readonly KeyValue[];
}

/**
 * A run as it stands. Values of this type never change and are shared: the same version of a run is the same object, so
 * that a protocol may keep what it made of one (in a WeakMap) instead of making it again.
 */
export interface Run {
  readonly id: string;
  readonly projectId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly status: RunStatus;
  readonly lifecycle: Lifecycle;
  readonly owner: string;
  readonly startedMs: number;
  readonly endedMs: number | undefined;
  /** Below the project: `<experiment>/<run>/artifacts`. */
  readonly artifactPath: string;
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
  /** The latest point of each metric: the greatest by step, then timestamp, then value. */
  readonly metrics: readonly Point[];
  readonly datasets: readonly DatasetInput[];
  readonly modelInputs: readonly string[];
  readonly modelOutputs: readonly { modelId: string; step: number }[];
}

export interface LoggedModel {
  readonly id: string;
  readonly projectId: string;
  readonly experimentId: string;
  readonly name: string;
  readonly modelType: string;
  readonly status: "PENDING" | "READY" | "FAILED";
  readonly statusMessage: string;
  readonly sourceRunId: string | undefined;
  readonly createdMs: number;
  readonly updatedMs: number;
  /** Below the project: `<experiment>/models/<id>/artifacts`. */
  readonly artifactPath: string;
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
  /** The newest point of each metric and dataset. */
  readonly metrics: readonly (Point & { runId: string })[];
}

/**
 * How lists are asked for. `filter` and `orderBy` are in the mlflow client's language. A page may hold fewer than asked
 * for (never more than 1,000); as long as there is a token, there is more.
 */
export interface Search {
  filter?: string | undefined;
  orderBy?: readonly string[] | undefined;
  view?: View | undefined;
  pageSize: number;
  pageToken?: string | undefined;
}

export interface NewRun {
  experimentId: string;
  name?: string | undefined;
  owner?: string | undefined;
  startedMs?: number | undefined;
  tags: readonly KeyValue[];
}
/** What is not given stays. A run that is set running again loses its end. */
export interface RunChanges {
  name?: string | undefined;
  status?: RunStatus | undefined;
  endedMs?: number | undefined;
  tags?: readonly KeyValue[] | undefined;
  removeTags?: readonly string[] | undefined;
}
export interface ExperimentChanges {
  name?: string | undefined;
  tags?: readonly KeyValue[] | undefined;
  removeTags?: readonly string[] | undefined;
}
export interface Batch {
  metrics: readonly Point[];
  params: readonly KeyValue[];
  tags: readonly KeyValue[];
}

/** Points of one metric, oldest first (timestamp, step, value), column by column; equal points count once. */
export interface History {
  timestampsMs: Float64Array;
  steps: Float64Array;
  values: Float64Array;
  nextToken?: string;
}

export interface Experiments {
  create(
    actor: Actor,
    projectId: string,
    given: { name: string; tags: readonly KeyValue[] },
  ): Promise<Experiment>;
  /** Deleted ones too. @throws AppError `not_found` */
  get(actor: Actor, projectId: string, id: string): Promise<Experiment>;
  getByName(actor: Actor, projectId: string, name: string): Promise<Experiment>;
  search(actor: Actor, projectId: string, asked: Search): Promise<Page<Experiment>>;
  rename(actor: Actor, projectId: string, id: string, name: string): Promise<Experiment>;
  /** Names and tags in one change. */
  update(actor: Actor, projectId: string, id: string, changes: ExperimentChanges): Promise<Experiment>;
  /** Deletes its runs with it. @throws AppError `not_found` also when it is deleted */
  delete(actor: Actor, projectId: string, id: string): Promise<void>;
  /** Restores all its runs with it. */
  restore(actor: Actor, projectId: string, id: string): Promise<void>;
  setTags(actor: Actor, projectId: string, id: string, tags: readonly KeyValue[]): Promise<void>;
  /** @throws AppError `not_found` when the experiment has no such tag */
  deleteTag(actor: Actor, projectId: string, id: string, key: string): Promise<void>;
  /** Names by id, for things that the caller has been shown; unknown ids have none. */
  names(projectId: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

export interface Runs {
  create(actor: Actor, projectId: string, given: NewRun): Promise<Run>;
  get(actor: Actor, projectId: string, id: string): Promise<Run>;
  update(actor: Actor, projectId: string, id: string, changes: RunChanges): Promise<Run>;
  delete(actor: Actor, projectId: string, id: string): Promise<void>;
  restore(actor: Actor, projectId: string, id: string): Promise<void>;
  /**
   * Logs values, all or none. The same param, tag or point again is no error.
   * @throws AppError `invalid` with reason `param_changed` when a param has another value already
   */
  log(actor: Actor, projectId: string, id: string, batch: Batch): Promise<void>;
  /** @throws AppError `not_found` when the run has no such tag */
  deleteTag(actor: Actor, projectId: string, id: string, key: string): Promise<void>;
  logInputs(
    actor: Actor,
    projectId: string,
    id: string,
    inputs: { datasets: readonly DatasetInput[]; modelIds: readonly string[] },
  ): Promise<void>;
  logOutputs(
    actor: Actor,
    projectId: string,
    id: string,
    models: readonly { modelId: string; step: number }[],
  ): Promise<void>;
  search(
    actor: Actor,
    projectId: string,
    asked: Search & {
      /** All of the project when not given. */
      experimentIds?: readonly string[] | undefined;
      /** A column of our own tables, `-` before it for the greatest first: `-metrics.rmse`, `took`. */
      sort?: string | undefined;
    },
  ): Promise<Page<Run>>;
  counts(
    actor: Actor,
    projectId: string,
  ): Promise<{ byStatus: Partial<Record<RunStatus, number>>; lastDay: number; newestMs?: number }>;
}

export interface Metrics {
  history(
    actor: Actor,
    projectId: string,
    asked: { runId: string; key: string; pageSize: number; pageToken?: string | undefined },
  ): Promise<History>;
  buckets(
    actor: Actor,
    projectId: string,
    asked: {
      runIds: readonly string[];
      key: string;
      axis: "step" | "time" | "relative";
      from?: number | undefined;
      to?: number | undefined;
      buckets: number;
    },
  ): Promise<MetricBuckets[]>;
}

export interface NewLoggedModel {
  experimentId: string;
  name?: string | undefined;
  modelType?: string | undefined;
  sourceRunId?: string | undefined;
  params: readonly KeyValue[];
  tags: readonly KeyValue[];
}

export interface LoggedModels {
  create(actor: Actor, projectId: string, given: NewLoggedModel): Promise<LoggedModel>;
  /** @throws AppError `not_found`, also for a deleted one unless `deleted: "allowed"` */
  get(
    actor: Actor,
    projectId: string,
    id: string,
    asked?: { deleted: "allowed" | "refused" },
  ): Promise<LoggedModel>;
  finalize(
    actor: Actor,
    projectId: string,
    id: string,
    end: { status: "READY" | "FAILED"; message?: string },
  ): Promise<LoggedModel>;
  delete(actor: Actor, projectId: string, id: string): Promise<void>;
  logParams(actor: Actor, projectId: string, id: string, params: readonly KeyValue[]): Promise<void>;
  setTags(actor: Actor, projectId: string, id: string, tags: readonly KeyValue[]): Promise<LoggedModel>;
  deleteTag(actor: Actor, projectId: string, id: string, key: string): Promise<void>;
  /**
   * Changes one tag in the caller's transaction, which has asked for permission.
   * @throws AppError `not_found`
   */
  changeTag(
    tx: Tx,
    tag: { projectId: string; modelId: string; key: string },
    change: (before: string | undefined) => string,
  ): Promise<void>;
  search(
    actor: Actor,
    projectId: string,
    asked: {
      /** All of the project when not given. */
      experimentIds?: readonly string[] | undefined;
      filter?: string | undefined;
      sourceRunId?: string | undefined;
      datasets?: readonly { name: string; digest?: string | undefined }[] | undefined;
      orderBy?: readonly ModelOrder[] | undefined;
      pageSize: number;
      pageToken?: string | undefined;
    },
  ): Promise<Page<LoggedModel>>;
}
export interface ModelOrder {
  field: string;
  ascending?: boolean | undefined;
  datasetName?: string | undefined;
  datasetDigest?: string | undefined;
}

/** Experiments, runs and what runs measure, read and make. */
export interface Tracking {
  experiments: Experiments;
  runs: Runs;
  metrics: Metrics;
  loggedModels: LoggedModels;
}
