import { createDraft, type Draft, taskOf } from "./draft.ts";
import { resetForRetry } from "./reset.ts";
import { command, end, openGraph, settleAll, settleUp } from "./settle.ts";
import {
  type Command,
  hasEnded,
  isFinal,
  type Node,
  type RunEvent,
  type RunState,
  type StepRef,
} from "./state.ts";

export interface Advanced {
  /** The very state that was given when the event changes nothing: it came late, or twice. */
  state: RunState;
  commands: readonly Command[];
}

/**
 * The whole engine: what a run becomes by an event, and what is to be done about it. It reads no clock and touches
 * nothing, so that the events alone, in their order, make the same run again.
 */
export function advance(state: RunState, event: RunEvent): Advanced {
  const draft = createDraft(state, event.atMs);
  const changed = apply(draft, event);
  if (!changed) return { state, commands: [] };
  const root = draft.node("");
  if (isFinal(root) && !hasEnded(draft.phase))
    draft.phase = root.state === "succeeded" || root.state === "cancelled" ? root.state : "failed";
  return draft.result();
}

/** False when there is nothing to change. */
function apply(draft: Draft, event: RunEvent): boolean {
  switch (event.kind) {
    case "started":
      return start(draft, event.parameters);
    case "cancel":
      return cancel(draft);
    case "retry":
      return retry(draft);
    default:
      return applyToStep(draft, event);
  }
}

function start(draft: Draft, parameters: Extract<RunEvent, { kind: "started" }>["parameters"]): boolean {
  if (draft.find("") !== undefined) return false;
  draft.put({
    path: "",
    parent: "",
    name: draft.state.plan.name,
    kind: "dag",
    component: draft.state.plan.root.name,
    state: "running",
    attempt: 0,
    attemptsForgiven: 0,
    inputs: { parameters, artifacts: {} },
    startedMs: draft.atMs,
  });
  openGraph(draft, draft.node(""));
  settleAll(draft, "");
  return true;
}

function cancel(draft: Draft): boolean {
  if (draft.phase !== "running" || draft.find("") === undefined) return false;
  draft.phase = "cancelling";
  for (const node of [...draft.state.nodes.values()]) {
    if (node.kind === "dag" || node.kind === "loop") continue;
    const { path, attempt, jobId } = node;
    // What nobody has carried out yet needs no word: its start is refused when somebody tries.
    if (node.state === "commanded" || node.state === "waiting")
      end(draft, node, { state: "cancelled", reason: "The run was cancelled." });
    else if ((node.state === "submitted" || node.state === "running") && jobId !== undefined)
      draft.commands.push({ kind: "cancel", path, attempt, jobId });
  }
  settleAll(draft, "");
  return true;
}

function retry(draft: Draft): boolean {
  if (draft.phase !== "failed" && draft.phase !== "cancelled") return false;
  draft.phase = "running";
  resetForRetry(draft);
  settleAll(draft, "");
  return true;
}

type StepEvent = Extract<RunEvent, StepRef>;

function applyToStep(draft: Draft, event: StepEvent): boolean {
  const node = draft.find(event.path);
  if (node === undefined || node.attempt !== event.attempt || !awaits(node, event)) return false;
  if (event.kind !== "submitted" && event.jobId !== undefined && event.jobId !== node.jobId) return false;
  switch (event.kind) {
    case "submitted":
      draft.change(node.path, { state: "submitted", jobId: event.jobId });
      return true;
    case "running":
      draft.change(node.path, { state: "running" });
      return true;
    case "succeeded":
      end(draft, node, { state: "succeeded", outputs: event.outputs });
      break;
    case "cached":
      draft.change(node.path, { cachedFrom: event.from });
      end(draft, draft.node(node.path), { state: "cached", outputs: event.outputs });
      break;
    case "failed":
      fail(draft, node, event);
      break;
    case "stopped":
      stop(draft, node);
      break;
    case "waited":
      command(draft, node);
      return true;
  }
  settleUp(draft, node.parent);
  return true;
}

/** Which events a step can take as it stands; others were overtaken. */
function awaits(node: Node, { kind }: StepEvent): boolean {
  switch (kind) {
    case "submitted":
    case "cached":
      return node.state === "commanded";
    case "running":
      return node.state === "submitted";
    case "succeeded":
    case "stopped":
      return node.state === "submitted" || node.state === "running";
    case "failed":
      return node.state === "commanded" || node.state === "submitted" || node.state === "running";
    case "waited":
      return node.state === "waiting";
  }
}

function fail(draft: Draft, node: Node, { reason, again }: Extract<RunEvent, { kind: "failed" }>): void {
  const policy = taskOf(draft, node).retry;
  const tried = node.attempt - node.attemptsForgiven;
  const isLast = policy === undefined || again === "final" || tried > policy.retriesMax;
  if (draft.phase === "cancelling" || isLast) {
    end(draft, node, { state: "failed", reason });
    return;
  }
  const pauseMs = Math.min(policy.backoffMs * policy.factor ** (tried - 1), policy.backoffMsMax);
  if (pauseMs === 0) {
    command(draft, node);
    return;
  }
  draft.change(node.path, { state: "waiting", reason });
  draft.commands.push({
    kind: "wait",
    path: node.path,
    attempt: node.attempt,
    untilMs: draft.atMs + pauseMs,
  });
}

function stop(draft: Draft, node: Node): void {
  if (draft.phase === "cancelling")
    end(draft, node, { state: "cancelled", reason: "The run was cancelled." });
  // The run goes on, so that what waits for this step must hear that it will never be done.
  else end(draft, node, { state: "failed", reason: "Its job was cancelled while the run went on." });
}
