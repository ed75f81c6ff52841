import { z } from "zod";
import { endpoint } from "./http.ts";

const time = z.number().int();
const id = z.string().min(1).max(64);
export const pipelineName = z.string().trim().min(1).max(128);
const description = z.string().max(10_000);
const json = z.json();

export const pipeline = z.object({
  id: z.string(),
  /** Unique in the project. */
  name: z.string(),
  displayName: z.string(),
  description: z.string(),
  versions: z.number().int(),
  createdBy: z.string(),
  createdMs: time,
  tags: z.record(z.string(), z.string()),
});
export type Pipeline = z.output<typeof pipeline>;

export const parameterKind = z.enum(["integer", "number", "text", "boolean", "list", "object"]);
export type ParameterKind = z.output<typeof parameterKind>;

/** What a run of it asks for: a form field. */
export const pipelineParameter = z.object({
  name: z.string(),
  kind: parameterKind,
  description: z.string(),
  required: z.boolean(),
  /** Absent: none. */
  default: json.optional(),
  /** The only values it may have, where it names them. */
  choices: z.array(json).optional(),
});
export type PipelineParameter = z.output<typeof pipelineParameter>;

export const pipelineVersion = z.object({
  id: z.string(),
  pipelineId: z.string(),
  name: z.string(),
  displayName: z.string(),
  description: z.string(),
  /** SHA-256 of the file as it was uploaded. */
  digest: z.string(),
  parameters: z.array(pipelineParameter),
  /** Where its source is, as whoever uploaded it said. */
  codeSource: z.string(),
  createdBy: z.string(),
  createdMs: time,
  tags: z.record(z.string(), z.string()),
});
export type PipelineVersion = z.output<typeof pipelineVersion>;

export const pipelineRunState = z.enum(["running", "cancelling", "succeeded", "failed", "cancelled"]);
export type PipelineRunState = z.output<typeof pipelineRunState>;

/**
 * `skipped`: its condition was false, or what it waits for did not run. `cached`: an earlier run's outputs were taken.
 * `waiting`: it failed and tries again after a pause.
 */
export const stepState = z.enum([
  "pending",
  "queued",
  "running",
  "waiting",
  "succeeded",
  "cached",
  "skipped",
  "failed",
  "cancelled",
]);
export type StepState = z.output<typeof stepState>;

export const pipelineRun = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  pipelineName: z.string(),
  /** Absent when it was started from a spec of its own. */
  pipelineId: z.string().optional(),
  versionId: z.string().optional(),
  experimentId: z.string(),
  state: pipelineRunState,
  archived: z.boolean(),
  /** Why it failed or who cancelled it, in one sentence. */
  reason: z.string().optional(),
  parameters: z.record(z.string(), json),
  /** How often its failed steps were tried again by hand. */
  retries: z.number().int(),
  startedBy: z.string(),
  /** What started it in that person's name, such as `{ type: "incident", id }`; absent when they did it themselves. */
  origin: z.object({ type: z.string(), id: z.string() }).optional(),
  createdMs: time,
  endedMs: time.optional(),
  /** Steps that run code, by state; what is inside a loop that has not begun is not counted. */
  steps: z.partialRecord(stepState, z.number().int()),
});
export type PipelineRun = z.output<typeof pipelineRun>;

export const stepArtifact = z.object({
  name: z.string(),
  /** Such as `system.Model`. */
  type: z.string(),
  uri: z.string(),
  /** Below the project's artifacts; absent when it lies elsewhere. */
  path: z.string().optional(),
  metadata: z.record(z.string(), json),
});
export type StepArtifact = z.output<typeof stepArtifact>;

export const stepValues = z.object({
  parameters: z.record(z.string(), json),
  artifacts: z.record(z.string(), z.array(stepArtifact)),
});
export type StepValues = z.output<typeof stepValues>;

/** One box of a run's graph. Those of kind `group`, `loop` and `iteration` hold others. */
export const pipelineStep = z.object({
  /** Task names joined by `/`; the iterations of a loop are `<loop>/<number>`. */
  path: z.string(),
  name: z.string(),
  kind: z.enum(["code", "import", "group", "loop", "iteration"]),
  /** The box it is in; empty for the run itself. */
  parent: z.string(),
  /** Paths of its siblings that it waits for. */
  after: z.array(z.string()),
  state: stepState,
  attempt: z.number().int(),
  /** Of its last attempt; its logs carry the label `job` with this value. */
  jobId: z.string().optional(),
  reason: z.string().optional(),
  condition: z.string().optional(),
  inputs: stepValues.optional(),
  outputs: stepValues.optional(),
  /** Where cached outputs come from. */
  cachedFrom: z.object({ runId: z.string(), path: z.string() }).optional(),
  startedMs: time.optional(),
  endedMs: time.optional(),
});
export type PipelineStep = z.output<typeof pipelineStep>;

/** One box of a version's graph, as it stands before any run; loops hold what each iteration will. */
export const versionStep = pipelineStep.pick({
  path: true,
  name: true,
  kind: true,
  parent: true,
  after: true,
  condition: true,
});
export type VersionStep = z.output<typeof versionStep>;

export const pipelineRunEvent = z.object({
  sequence: z.number().int(),
  atMs: time,
  kind: z.string(),
  path: z.string(),
  attempt: z.number().int(),
  message: z.string(),
});
export type PipelineRunEvent = z.output<typeof pipelineRunEvent>;

const page = {
  pageSize: z.coerce.number().int().min(1).max(200).default(50),
  pageToken: z.string().max(4000).optional(),
};
const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextToken: z.string().optional() });
const byPipeline = z.object({ pipeline: id });
const byVersion = z.object({ pipeline: id, version: id });
const byRun = z.object({ run: id });
const parameters = z.record(z.string().min(1).max(256), json);
// The largest upload of the protocol's own server is 32 MiB packed; a spec of 4 MiB has thousands of tasks.
const SPEC_CHARS_MAX = 4 * 1024 * 1024;
const spec = z.string().min(1).max(SPEC_CHARS_MAX);

export const pipelinesApi = {
  listPipelines: endpoint({
    method: "GET",
    path: "/pipelines",
    permission: "pipeline:read",
    scope: "project",
    summary: "Pipelines, the newest first; `text` is looked for in their names.",
    query: z.object({ ...page, text: z.string().max(128).optional() }),
    answer: pageOf(pipeline),
  }),
  createPipeline: endpoint({
    method: "POST",
    path: "/pipelines",
    permission: "pipeline:write",
    scope: "project",
    summary: "Uploads a compiled pipeline (YAML or JSON): the pipeline, if it is new, and a version of it.",
    body: z.strictObject({
      /** The name in the spec when not given. */
      name: pipelineName.optional(),
      version: pipelineName.optional(),
      description: description.default(""),
      codeSource: z.string().max(2000).default(""),
      spec,
    }),
    answer: z.object({ pipeline, version: pipelineVersion }),
    status: 201,
  }),
  getPipeline: endpoint({
    method: "GET",
    path: "/pipelines/:pipeline",
    permission: "pipeline:read",
    scope: "project",
    summary: "One pipeline, by id or name.",
    params: byPipeline,
    answer: pipeline,
  }),
  deletePipeline: endpoint({
    method: "DELETE",
    path: "/pipelines/:pipeline",
    permission: "pipeline:delete",
    scope: "project",
    summary: "Deletes a pipeline with its versions; its runs stay.",
    params: byPipeline,
    answer: z.object({}),
  }),
  listVersions: endpoint({
    method: "GET",
    path: "/pipelines/:pipeline/versions",
    permission: "pipeline:read",
    scope: "project",
    summary: "Versions of a pipeline, the newest first.",
    params: byPipeline,
    query: z.object(page),
    answer: pageOf(pipelineVersion),
  }),
  getVersion: endpoint({
    method: "GET",
    path: "/pipelines/:pipeline/versions/:version",
    permission: "pipeline:read",
    scope: "project",
    summary: "One version with its graph, and its spec as it was uploaded.",
    params: byVersion,
    answer: z.object({ version: pipelineVersion, spec: z.string(), graph: z.array(versionStep) }),
  }),
  deleteVersion: endpoint({
    method: "DELETE",
    path: "/pipelines/:pipeline/versions/:version",
    permission: "pipeline:delete",
    scope: "project",
    summary: "Deletes a version; its runs stay.",
    params: byVersion,
    answer: z.object({}),
  }),
  listRuns: endpoint({
    method: "GET",
    path: "/pipeline-runs",
    permission: "pipeline:read",
    scope: "project",
    summary: "Runs of pipelines, the newest first.",
    query: z.object({
      ...page,
      pipelineId: id.optional(),
      experimentId: id.optional(),
      state: pipelineRunState.optional(),
      archived: z.enum(["true", "false"]).default("false"),
    }),
    answer: pageOf(pipelineRun),
  }),
  startRun: endpoint({
    method: "POST",
    path: "/pipeline-runs",
    permission: "pipeline:write",
    scope: "project",
    summary: "Starts a version of a pipeline (its newest when none is named), or a spec that is not kept.",
    body: z.strictObject({
      name: pipelineName.optional(),
      description: description.default(""),
      /** Id or name. */
      pipeline: id.optional(),
      versionId: id.optional(),
      spec: spec.optional(),
      experimentId: id.optional(),
      parameters: parameters.default({}),
      /** `off`: every step runs, whatever was stored. */
      cache: z.enum(["as-compiled", "off"]).default("as-compiled"),
    }),
    answer: pipelineRun,
    status: 201,
  }),
  getRun: endpoint({
    method: "GET",
    path: "/pipeline-runs/:run",
    permission: "pipeline:read",
    scope: "project",
    summary: "One run with its graph as it stands.",
    params: byRun,
    answer: z.object({ run: pipelineRun, steps: z.array(pipelineStep) }),
  }),
  listRunEvents: endpoint({
    method: "GET",
    path: "/pipeline-runs/:run/events",
    permission: "pipeline:read",
    scope: "project",
    summary: "What happened in a run, the oldest first.",
    params: byRun,
    query: z.object(page),
    answer: pageOf(pipelineRunEvent),
  }),
  cancelRun: endpoint({
    method: "POST",
    path: "/pipeline-runs/:run/cancel",
    permission: "pipeline:write",
    scope: "project",
    summary: "Ends what runs and starts nothing more. One that has ended is refused.",
    params: byRun,
    body: z.strictObject({}),
    answer: pipelineRun,
  }),
  retryRun: endpoint({
    method: "POST",
    path: "/pipeline-runs/:run/retry",
    permission: "pipeline:write",
    scope: "project",
    summary: "Runs what failed or was cancelled again, in the same run; what succeeded is kept.",
    params: byRun,
    body: z.strictObject({}),
    answer: pipelineRun,
  }),
  archiveRun: endpoint({
    method: "PUT",
    path: "/pipeline-runs/:run/archived",
    permission: "pipeline:write",
    scope: "project",
    summary: "Takes a run out of the lists, or back into them.",
    params: byRun,
    body: z.strictObject({ archived: z.boolean() }),
    answer: pipelineRun,
  }),
  deleteRun: endpoint({
    method: "DELETE",
    path: "/pipeline-runs/:run",
    permission: "pipeline:delete",
    scope: "project",
    summary: "Deletes a run that has ended. Files of its steps stay while another run's cache may name them.",
    params: byRun,
    answer: z.object({}),
  }),
};
