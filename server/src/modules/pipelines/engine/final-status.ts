import type { Json, Task } from "../plan.ts";
import { isGood, type Node, type RunState } from "./state.ts";

const FAILED_PRECONDITION = 9; // The code that the SDK's documentation shows for a graph with a failed task.

/**
 * How a thing ended, as an exit task reads it.
 * @remarks Wire format: pipeline_spec.proto, message PipelineTaskFinalStatus, as proto-JSON.
 */
export function finalStatus(state: RunState, node: Node, task: Pick<Task, "name">): Json {
  const facts = { pipelineJobResourceName: state.run.id, pipelineTaskName: node.name };
  if (isGood(node)) return { ...facts, state: "SUCCEEDED", error: {} };
  if (node.state === "skipped") return { ...facts, state: "NOT_TRIGGERED", error: {} };
  const message = node.reason ?? `${node.name} did not end well; ${task.name} runs all the same.`;
  return {
    ...facts,
    state: node.state === "cancelled" ? "CANCELLED" : "FAILED",
    error: { code: FAILED_PRECONDITION, message },
  };
}
