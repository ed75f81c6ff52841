import type {
  ParameterKind,
  Pipeline,
  PipelineParameter,
  PipelineRun,
  PipelineRunEvent,
  PipelineStep,
  PipelineVersion,
  StepState,
  StepValues,
} from "@atrium/contract/pipelines";
import { joined, nodesOf, taskOf } from "./engine/draft.ts";
import type { Node, NodeState, Values } from "./engine/state.ts";
import { inputsOf } from "./engine/values.ts";
import type { Json, ParameterType, Plan } from "./plan.ts";
import type { OpenRun } from "./run-log.ts";
import type { EventRow, PipelineRow, RunRow, VersionRow } from "./tables.ts";

const STATES: Readonly<Record<NodeState, StepState>> = {
  pending: "pending",
  commanded: "queued",
  submitted: "queued",
  running: "running",
  waiting: "waiting",
  succeeded: "succeeded",
  cached: "cached",
  skipped: "skipped",
  failed: "failed",
  cancelled: "cancelled",
};

const KINDS: Readonly<Record<ParameterType, ParameterKind>> = {
  NUMBER_INTEGER: "integer",
  NUMBER_DOUBLE: "number",
  STRING: "text",
  BOOLEAN: "boolean",
  LIST: "list",
  STRUCT: "object",
  TASK_FINAL_STATUS: "object",
};

export function showPipeline(row: PipelineRow): Pipeline {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    description: row.description,
    versions: row.versions,
    createdBy: row.created_by,
    createdMs: row.created_ms,
    tags: JSON.parse(row.tags) as Record<string, string>,
  };
}

export function showVersion(row: VersionRow): PipelineVersion {
  return {
    id: row.id,
    pipelineId: row.pipeline_id,
    name: row.name,
    displayName: row.display_name,
    description: row.description,
    digest: row.digest,
    parameters: JSON.parse(row.parameters) as PipelineParameter[],
    codeSource: row.code_source,
    createdBy: row.created_by,
    createdMs: row.created_ms,
    tags: JSON.parse(row.tags) as Record<string, string>,
  };
}

/** What a run of a plan is asked for. */
export function parametersOf(plan: Plan): PipelineParameter[] {
  return Object.entries(plan.root.inputs.parameters).map(([name, input]) => ({
    name,
    kind: KINDS[input.type],
    description: input.description,
    required: !input.optional,
    ...(input.default === undefined ? {} : { default: input.default }),
    ...(input.literals.length === 0 ? {} : { choices: [...input.literals] }),
  }));
}

export function showRun(row: RunRow, counts: Readonly<Partial<Record<NodeState, number>>>): PipelineRun {
  const steps: PipelineRun["steps"] = {};
  for (const [state, count] of Object.entries(counts)) {
    const shown = STATES[state as NodeState];
    steps[shown] = (steps[shown] ?? 0) + count;
  }
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    pipelineName: row.pipeline_name,
    ...(row.pipeline_id === "" ? {} : { pipelineId: row.pipeline_id }),
    ...(row.version_id === "" ? {} : { versionId: row.version_id }),
    experimentId: row.experiment_id,
    state: row.phase,
    archived: row.archived === 1,
    ...(row.reason === "" ? {} : { reason: row.reason }),
    parameters: JSON.parse(row.parameters) as Record<string, Json>,
    retries: row.retries,
    startedBy: row.started_by,
    ...(row.origin_type === "" ? {} : { origin: { type: row.origin_type, id: row.origin_id } }),
    createdMs: row.created_ms,
    ...(row.ended_ms === 0 ? {} : { endedMs: row.ended_ms }),
    steps,
  };
}

/** The boxes of a run's graph, each behind the one it is in; the run itself is none of them. */
export function showSteps({ state }: OpenRun): PipelineStep[] {
  return [...state.nodes.values()].filter(({ path }) => path !== "").map((node) => showStep({ state }, node));
}

function showStep({ state }: Pick<OpenRun, "state">, node: Node): PipelineStep {
  const nodes = nodesOf(state);
  const task = taskOf(nodes, node);
  const isIteration = node.iteration !== undefined;
  const hasBegun = node.startedMs !== undefined;
  return {
    path: node.path,
    name: isIteration ? node.name : task.displayName,
    kind: kindOf(node),
    parent: node.parent,
    after: isIteration ? [] : task.after.map((name) => joined(node.parent, name)),
    state: STATES[node.state],
    attempt: node.attempt,
    ...(node.jobId === undefined ? {} : { jobId: node.jobId }),
    ...(node.reason === undefined ? {} : { reason: node.reason }),
    ...(task.condition === undefined || isIteration ? {} : { condition: task.condition.text }),
    // What an iteration was given is shown where it is read: else a loop over a long list would be shown at its square.
    ...(hasBegun && node.kind !== "dag" && node.kind !== "loop"
      ? { inputs: showValues(inputsOf(nodes, node)) }
      : {}),
    ...(node.outputs === undefined ? {} : { outputs: showValues(node.outputs) }),
    ...(node.cachedFrom === undefined ? {} : { cachedFrom: node.cachedFrom }),
    ...(node.startedMs === undefined ? {} : { startedMs: node.startedMs }),
    ...(node.endedMs === undefined ? {} : { endedMs: node.endedMs }),
  };
}

function kindOf({ kind, iteration }: Node): PipelineStep["kind"] {
  if (kind === "code") return "code";
  if (kind === "importer") return "import";
  if (kind === "loop") return "loop";
  return iteration === undefined ? "group" : "iteration";
}

function showValues({ parameters, artifacts }: Values): StepValues {
  return {
    parameters: { ...parameters },
    artifacts: Object.fromEntries(
      Object.entries(artifacts).map(([name, list]) => [
        name,
        list.map((one) => ({
          name: one.name,
          type: one.schemaTitle,
          uri: one.uri,
          ...(one.path === undefined ? {} : { path: one.path }),
          metadata: { ...one.metadata },
        })),
      ]),
    ),
  };
}

export function showEvent(row: EventRow): PipelineRunEvent {
  const body = JSON.parse(row.body) as { reason?: string; by?: string };
  return {
    sequence: row.sequence,
    atMs: row.at_ms,
    kind: row.kind,
    path: row.path,
    attempt: row.attempt,
    message: body.reason ?? (body.by === undefined ? "" : `By ${body.by}.`),
  };
}
