import { assert } from "#lib/errors";
import type { NewJob } from "#modules/compute";
import { componentOf } from "./engine/draft.ts";
import type { Node } from "./engine/state.ts";
import { executorInput, OUTPUT_FILE } from "./executor-json.ts";
import type { Code, Plan } from "./plan.ts";
import type { OpenRun } from "./run-log.ts";

export const ORIGIN = "pipeline-step";
const NAME_CHARS_MAX = 100;
const MIB_MIN = 64; // Less than compute gives; Python alone takes some 10.
const TIMEOUT_MS_MIN = 1000;
const LABEL_CHARS_MAX = 256;

/** Where a step's files lie among the project's. */
export function artifactsOf(runId: string, path: string): string {
  return `pipelines/${runId}/${path}`;
}

/** The path under which a step's outputs are told. */
export function outputFileOf(runId: string, path: string): string {
  return `${artifactsOf(runId, path)}/${OUTPUT_FILE}`;
}

/**
 * A step as a job: the function's source, what the SDK's executor is told, and the launcher that runs one on the other.
 * @throws AppError `invalid` when its inputs are not of their types
 */
export function stepJob(
  { row, state }: OpenRun,
  node: Node,
  given: { jobId: string; launcher: string; stepVariables: StepVariables },
): NewJob {
  const { body } = componentOf(state, node);
  assert(body.kind === "code", `${node.path} runs code`);
  const input = executorInput(state, node);
  const folder = artifactsOf(row.id, node.path);
  const label = { pipeline_run: row.id, pipeline_step: node.path.slice(0, LABEL_CHARS_MAX) };
  return {
    id: given.jobId,
    projectId: row.project_id,
    name: `${row.name.slice(0, 100)}: ${node.path.slice(-100)}`,
    origin: { type: ORIGIN, id: row.id },
    command: ["python", "step.py", body.functionName],
    environment: { requirements: body.requirements, alone: [body.sdk] },
    files: {
      "step.py": given.launcher,
      "component.py": body.source,
      "executor-input.json": JSON.stringify(input.json),
    },
    inputs: input.laid.map(({ artifact, to }) => ({ artifactPath: artifact.path ?? "", to })),
    outputs: [
      { from: OUTPUT_FILE, artifactPath: `${folder}/${OUTPUT_FILE}` },
      ...input.outputs.map(({ name, from }) => ({ from, artifactPath: `${folder}/${name}`, optional: true })),
    ],
    variables: {
      ...given.stepVariables({ runId: row.id, path: node.path, experimentId: row.experiment_id }),
      ...body.variables,
    },
    limits: limitsOf(body),
    labels: label,
  };
}

/** Says to clients of a protocol, in their own variables, for which step they work. */
export type StepVariables = (given: {
  runId: string;
  path: string;
  experimentId: string;
}) => Readonly<Record<string, string>>;

/**
 * What every step of a plan would ask compute for, whatever its inputs: what cannot be had is refused before the run.
 */
export function probeJobs(
  plan: Plan,
  { id, projectId }: { id: string; projectId: string },
): Map<string, NewJob> {
  const probes = new Map<string, NewJob>();
  for (const { name, body } of Object.values(plan.components)) {
    if (body.kind !== "code") continue;
    probes.set(name, {
      id,
      projectId,
      name: name.slice(0, NAME_CHARS_MAX),
      command: ["python", "step.py", body.functionName],
      environment: { requirements: body.requirements, alone: [body.sdk] },
      variables: body.variables,
      limits: limitsOf(body),
    });
  }
  return probes;
}

function limitsOf({ cores, memoryMiB, timeoutMs }: Code): NewJob["limits"] {
  return {
    ...(cores === undefined ? {} : { cores: Math.max(1, Math.ceil(cores)) }),
    ...(memoryMiB === undefined ? {} : { memoryMiB: Math.max(MIB_MIN, memoryMiB) }),
    ...(timeoutMs === undefined ? {} : { timeoutMs: Math.max(TIMEOUT_MS_MIN, timeoutMs) }),
  };
}
