import type { Pipeline, PipelineRun, PipelineStep, PipelineVersion } from "@atrium/contract/pipelines";
import type { Experiment } from "@atrium/contract/tracking";
import { AppError } from "#lib/errors";
import type { RunCondition } from "#modules/pipelines";
import type { Predicate } from "./filter.ts";

/** What a client of mlflow calls an experiment's description. */
const DESCRIPTION_TAG = "mlflow.note.content";
const CANCELLED = 1; // Of google/rpc/code.proto, as the next.
const ABORTED = 10;

/** Sent instead of nothing: clients show it where a cluster's namespace stands. */
const NAMESPACE = "";

export function toWirePipeline(pipeline: Pipeline): object {
  return {
    pipeline_id: pipeline.id,
    name: pipeline.name,
    display_name: pipeline.displayName,
    description: pipeline.description,
    created_at: timeOf(pipeline.createdMs),
    namespace: NAMESPACE,
    tags: pipeline.tags,
  };
}

export function toWireVersion(version: PipelineVersion): object {
  return {
    pipeline_id: version.pipelineId,
    pipeline_version_id: version.id,
    name: version.name,
    display_name: version.displayName,
    description: version.description,
    created_at: timeOf(version.createdMs),
    code_source_url: version.codeSource,
    tags: version.tags,
  };
}

export function toWireExperiment(experiment: Experiment): object {
  return {
    experiment_id: experiment.id,
    display_name: experiment.name,
    description: experiment.tags[DESCRIPTION_TAG] ?? "",
    created_at: timeOf(experiment.createdMs),
    namespace: NAMESPACE,
    storage_state: experiment.lifecycle === "active" ? "AVAILABLE" : "ARCHIVED",
  };
}

export function experimentTags(description: string | undefined): { key: string; value: string }[] {
  return description === undefined || description === ""
    ? []
    : [{ key: DESCRIPTION_TAG, value: description }];
}

const RUN_STATES: Readonly<Record<PipelineRun["state"], string>> = {
  running: "RUNNING",
  cancelling: "CANCELING",
  succeeded: "SUCCEEDED",
  failed: "FAILED",
  // The client's wait ends for a few states, and CANCELED is none of them; the history and the error say what it was.
  cancelled: "FAILED",
};

export function toWireRun(run: PipelineRun): object {
  const state = RUN_STATES[run.state];
  const error = errorOf(run);
  const ended = run.endedMs === undefined ? [] : [historyOf(run, run.endedMs, error)];
  return {
    run_id: run.id,
    display_name: run.name,
    description: run.description,
    experiment_id: run.experimentId,
    storage_state: run.archived ? "ARCHIVED" : "AVAILABLE",
    ...(run.pipelineId === undefined
      ? {}
      : {
          pipeline_version_reference: {
            pipeline_id: run.pipelineId,
            pipeline_version_id: run.versionId ?? "",
          },
        }),
    runtime_config: { parameters: run.parameters },
    created_at: timeOf(run.createdMs),
    scheduled_at: timeOf(run.createdMs),
    ...(run.endedMs === undefined ? {} : { finished_at: timeOf(run.endedMs) }),
    state,
    ...(error === undefined ? {} : { error }),
    state_history: [{ update_time: timeOf(run.createdMs), state: "RUNNING" }, ...ended],
  };
}

function historyOf({ state }: PipelineRun, atMs: number, error: object | undefined): object {
  const said = state === "cancelled" ? "CANCELED" : RUN_STATES[state];
  return { update_time: timeOf(atMs), state: said, ...(error === undefined ? {} : { error }) };
}

function errorOf({ state, reason }: PipelineRun): { code: number; message: string } | undefined {
  if (state === "failed") return { code: ABORTED, message: reason ?? "The run failed." };
  return state === "cancelled" ? { code: CANCELLED, message: reason ?? "The run was cancelled." } : undefined;
}

const STEP_STATES: Readonly<Record<PipelineStep["state"], string>> = {
  pending: "PENDING",
  queued: "PENDING",
  running: "RUNNING",
  waiting: "RUNNING",
  succeeded: "SUCCEEDED",
  cached: "SKIPPED",
  skipped: "SKIPPED",
  failed: "FAILED",
  cancelled: "CANCELED",
};

/** The graph as a list of tasks; the whole run is the task `root`. */
export function toRunDetails(run: PipelineRun, steps: readonly PipelineStep[]): object {
  const children = new Map<string, string[]>();
  for (const { parent, path } of steps) children.set(parent, [...(children.get(parent) ?? []), path]);
  const childTasks = (path: string) =>
    (children.get(path) ?? []).map((child) => ({ task_id: taskId(run.id, child) }));
  const root = {
    run_id: run.id,
    task_id: taskId(run.id, ""),
    display_name: "root",
    create_time: timeOf(run.createdMs),
    start_time: timeOf(run.createdMs),
    ...(run.endedMs === undefined ? {} : { end_time: timeOf(run.endedMs) }),
    state: RUN_STATES[run.state],
    child_tasks: childTasks(""),
  };
  const tasks = steps.map((step) => ({
    run_id: run.id,
    task_id: taskId(run.id, step.path),
    display_name: step.name,
    create_time: timeOf(step.startedMs ?? run.createdMs),
    ...(step.startedMs === undefined ? {} : { start_time: timeOf(step.startedMs) }),
    ...(step.endedMs === undefined ? {} : { end_time: timeOf(step.endedMs) }),
    state: STEP_STATES[step.state],
    ...(step.reason === undefined ? {} : { error: { code: codeOf(step), message: step.reason } }),
    ...(step.jobId === undefined ? {} : { pod_name: step.jobId, executor_detail: { main_job: step.jobId } }),
    parent_task_id: taskId(run.id, step.parent),
    child_tasks: childTasks(step.path),
  }));
  return { task_details: [root, ...tasks] };
}

function taskId(runId: string, path: string): string {
  return path === "" ? runId : `${runId}/${path}`;
}

function codeOf({ state }: PipelineStep): number {
  if (state === "failed") return ABORTED;
  return state === "cancelled" ? CANCELLED : 0;
}

const RUN_FIELDS: Readonly<Record<string, RunCondition["field"]>> = {
  display_name: "name",
  name: "name",
  state: "state",
  status: "state",
  experiment_id: "experimentId",
  created_at: "createdMs",
  finished_at: "endedMs",
  storage_state: "archived",
  pipeline_id: "pipelineId",
  pipeline_version_id: "versionId",
};

const STATES_BEHIND: Readonly<Record<string, readonly PipelineRun["state"][]>> = {
  RUNNING: ["running"],
  CANCELING: ["cancelling"],
  CANCELED: ["cancelled"],
  SUCCEEDED: ["succeeded"],
  FAILED: ["failed", "cancelled"],
  PENDING: [],
  SKIPPED: [],
  PAUSED: [],
};

/** @throws AppError `invalid` for a key that runs do not have */
export function toRunConditions(predicates: readonly Predicate[]): RunCondition[] {
  return predicates.map(({ key, operation, value }) => {
    const field = RUN_FIELDS[key];
    if (field === undefined) throw unknownKey(key, Object.keys(RUN_FIELDS));
    if (field === "archived") return { field, operation: sameOnly(key, operation), value: isArchived(value) };
    if (field === "state") return stateCondition(key, { operation, value });
    return { field, operation, value };
  });
}

function stateCondition(key: string, { operation, value }: Omit<Predicate, "key">): RunCondition {
  const asked = Array.isArray(value) ? value : [value];
  const states = asked.flatMap((one) => STATES_BEHIND[String(one).toUpperCase()] ?? []);
  if (operation === "=" || operation === "in") return { field: "state", operation: "in", value: states };
  if (operation !== "!=") throw sameOnlyError(key);
  const all: readonly PipelineRun["state"][] = ["running", "cancelling", "succeeded", "failed", "cancelled"];
  return { field: "state", operation: "in", value: all.filter((state) => !states.includes(state)) };
}

export function isArchived(value: Predicate["value"]): boolean {
  return String(value).toUpperCase().includes("ARCHIVED");
}

function sameOnly(key: string, operation: Predicate["operation"]): "=" | "!=" {
  if (operation === "=" || operation === "!=") return operation;
  throw sameOnlyError(key);
}

function sameOnlyError(key: string): AppError {
  return new AppError("invalid", `Invalid input error: ${key} can be equal or not, and nothing else.`, {
    at: "filter",
  });
}

export function unknownKey(key: string, known: readonly string[]): AppError {
  return new AppError(
    "invalid",
    `Invalid input error: cannot filter by '${key}'; the keys are ${known.join(", ")}.`,
    { at: "filter" },
  );
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
