import { type Draft, dagOf, joined } from "./draft.ts";
import { isFinal, isGood, type Node } from "./state.ts";

/**
 * Makes what did not succeed ready to be done again; what succeeded is kept. What runs however others end, as exit
 * tasks do, runs again when one of those does.
 */
export function resetForRetry(draft: Draft): void {
  resetGroup(draft, draft.node(""));
}

function resetGroup(draft: Draft, node: Node): void {
  draft.change(node.path, { state: "running", reason: undefined, endedMs: undefined, outputs: undefined });
  if (node.kind === "loop") {
    for (const child of draft.children(node.path)) if (!isGood(child)) reset(draft, child);
    return;
  }
  const { tasks, order } = dagOf(draft.state, node);
  const again = new Set<string>();
  for (const name of order) {
    const child = draft.node(joined(node.path, name));
    const isStale = tasks[name]?.after.some((other) => again.has(other)) === true;
    if (isGood(child) && !isStale) continue;
    again.add(name);
    if (isStale) startOver(draft, child);
    else reset(draft, child);
  }
}

/** A graph that had begun goes on with its own inputs; all else waits for its turn again. */
function reset(draft: Draft, node: Node): void {
  const hasBegun = (node.kind === "dag" || node.kind === "loop") && draft.children(node.path).length > 0;
  if (hasBegun && isFinal(node)) resetGroup(draft, node);
  else startOver(draft, node);
}

/** As if it had never begun, but for the number of its attempts: each names a job that was. */
function startOver(draft: Draft, node: Node): void {
  if (node.kind === "dag" || node.kind === "loop")
    for (const below of [...draft.state.nodes.keys()])
      if (below.startsWith(`${node.path}/`)) draft.remove(below);
  draft.change(node.path, {
    state: "pending",
    attemptsForgiven: node.attempt,
    inputs: undefined,
    outputs: undefined,
    iterations: undefined,
    reason: undefined,
    jobId: undefined,
    cachedFrom: undefined,
    startedMs: undefined,
    endedMs: undefined,
  });
}
