import { AppError } from "#lib/errors";
import { holds } from "../cel.ts";
import type { Task } from "../plan.ts";
import { type Draft, dagOf, joined, taskOf } from "./draft.ts";
import { imported } from "./import.ts";
import { isFinal, isGood, type Node } from "./state.ts";
import { inputsOf, itemsOf, outputsOfDag, outputsOfLoop, resolveInputs } from "./values.ts";

const NODES_MAX = 20_000; // Of one run; each is a row, and all of them are walked for each event.

/** Looks at a graph or a loop after something in it changed, then at what it lies in, as far as that changes too. */
export function settleUp(draft: Draft, path: string): void {
  let at = path;
  while (settle(draft, at) && at !== "") at = draft.node(at).parent;
}

/** From the innermost graphs outwards, everything that has begun. */
export function settleAll(draft: Draft, path: string): void {
  for (const child of draft.children(path))
    if ((child.kind === "dag" || child.kind === "loop") && child.state === "running")
      settleAll(draft, child.path);
  settle(draft, path);
}

/** Begins what may begin and ends the whole when all in it has ended; true when it has. */
function settle(draft: Draft, path: string): boolean {
  const node = draft.node(path);
  if (isFinal(node)) return true;
  if (node.kind === "loop") beginIterations(draft, node);
  else beginTasks(draft, node);
  const children = draft.children(path);
  if (!children.every(isFinal)) return false;
  endGroup(draft, node, children);
  return true;
}

function beginTasks(draft: Draft, graph: Node): void {
  const { tasks, order } = dagOf(draft.state, graph);
  for (const name of order) {
    const node = draft.node(joined(graph.path, name));
    const task = tasks[name];
    if (node.state !== "pending" || task === undefined) continue;
    const before = task.after.map((other) => draft.node(joined(graph.path, other)));
    if (draft.phase === "cancelling")
      end(draft, node, { state: "cancelled", reason: "The run was cancelled." });
    else if (task.when === "succeeded" && before.some((one) => isFinal(one) && !isGood(one))) {
      const cause = before.find((one) => isFinal(one) && !isGood(one));
      end(draft, node, {
        state: "skipped",
        reason: `${cause?.name} ${WORDS[cause?.state ?? ""] ?? "did not run"}.`,
      });
    } else if (before.every(isFinal)) beginTask(draft, { graph, task, node });
  }
}

const WORDS: Readonly<Record<string, string>> = {
  skipped: "was skipped",
  failed: "failed",
  cancelled: "was cancelled",
};

/** What cannot even begin has failed, and says why. */
function beginTask(draft: Draft, { graph, task, node }: { graph: Node; task: Task; node: Node }): void {
  try {
    const inputs = resolveInputs(draft, graph, task);
    if ("missing" in inputs) {
      const state = task.when === "completed" || inputs.by === "graph" ? "failed" : "skipped";
      end(draft, node, { state, reason: inputs.missing });
      return;
    }
    const { condition } = task;
    if (condition !== undefined && !holds(condition.expression, inputs.parameters)) {
      end(draft, node, { state: "skipped", reason: "Its condition is false." });
      return;
    }
    draft.change(node.path, { inputs, startedMs: draft.atMs });
    if (node.kind === "loop") beginLoop(draft, draft.node(node.path));
    else begin(draft, draft.node(node.path));
  } catch (thrown) {
    end(draft, node, { state: "failed", reason: reasonOf(thrown) });
  }
}

function beginLoop(draft: Draft, node: Node): void {
  const iterations = itemsOf(draft, node).length;
  makeRoom(draft, iterations);
  const body = draft.state.plan.components[node.component]?.body;
  draft.change(node.path, { state: "running", iterations });
  for (let i = 0; i < iterations; i += 1) {
    draft.put({
      path: joined(node.path, String(i)),
      parent: node.path,
      name: String(i),
      kind: body?.kind ?? "dag",
      component: node.component,
      iteration: i,
      state: "pending",
      attempt: 0,
      attemptsForgiven: 0,
    });
  }
  settle(draft, node.path);
}

function beginIterations(draft: Draft, loopNode: Node): void {
  const parallel = taskOf(draft, loopNode).loop?.parallel || Number.POSITIVE_INFINITY;
  const iterations = draft.children(loopNode.path);
  let busy = iterations.filter((one) => one.state !== "pending" && !isFinal(one)).length;
  for (const node of iterations) {
    if (node.state !== "pending") continue;
    if (draft.phase === "cancelling")
      end(draft, node, { state: "cancelled", reason: "The run was cancelled." });
    else if (busy < parallel) {
      draft.change(node.path, { startedMs: draft.atMs });
      try {
        begin(draft, draft.node(node.path));
      } catch (thrown) {
        end(draft, node, { state: "failed", reason: reasonOf(thrown) });
      }
      if (!isFinal(draft.node(node.path))) busy += 1;
    } else break;
  }
}

/** Begins what has its inputs: a step is commanded, an import is done at once, a graph begins with its first tasks. */
function begin(draft: Draft, node: Node): void {
  if (node.kind === "code") command(draft, node);
  else if (node.kind === "importer") {
    const outputs = imported(draft.state, node, inputsOf(draft, node));
    end(draft, node, { state: "succeeded", outputs });
  } else {
    openGraph(draft, node);
    settle(draft, node.path);
  }
}

/** Puts what a graph holds below it, all still to be done. */
export function openGraph(draft: Draft, node: Node): void {
  const { tasks, order } = dagOf(draft.state, node);
  makeRoom(draft, order.length);
  draft.change(node.path, { state: "running" });
  for (const name of order) {
    const task = tasks[name];
    if (task === undefined) continue;
    const body = draft.state.plan.components[task.component]?.body;
    draft.put({
      path: joined(node.path, name),
      parent: node.path,
      name,
      kind: task.loop === undefined ? (body?.kind ?? "dag") : "loop",
      component: task.component,
      state: "pending",
      attempt: 0,
      attemptsForgiven: 0,
    });
  }
}

/** Commands a step's next attempt. */
export function command(draft: Draft, node: Node): void {
  const attempt = node.attempt + 1;
  draft.change(node.path, { state: "commanded", attempt, jobId: undefined, reason: undefined });
  draft.commands.push({ kind: "start", path: node.path, attempt });
}

export function end(draft: Draft, node: Node, how: Pick<Node, "state" | "reason" | "outputs">): void {
  draft.change(node.path, { ...how, endedMs: draft.atMs });
}

function endGroup(draft: Draft, node: Node, children: readonly Node[]): void {
  end(draft, node, howGroupEnds(draft, node, children));
}

function howGroupEnds(
  draft: Draft,
  node: Node,
  children: readonly Node[],
): Pick<Node, "state" | "reason" | "outputs"> {
  const failed = children.filter(({ state }) => state === "failed");
  if (children.some(({ state }) => state === "cancelled"))
    return { state: "cancelled", reason: "The run was cancelled." };
  if (failed.length > 0) return { state: "failed", reason: failure(failed) };
  try {
    const outputs = node.kind === "loop" ? outputsOfLoop(draft, node) : outputsOfDag(draft, node);
    return { state: "succeeded", outputs };
  } catch (thrown) {
    return { state: "failed", reason: reasonOf(thrown) };
  }
}

const NAMED_MAX = 5; // Enough to begin looking; the graph shows all.

function failure(failed: readonly Node[]): string {
  const named = failed.slice(0, NAMED_MAX).map(({ path }) => path);
  const more = failed.length > NAMED_MAX ? `, and ${failed.length - NAMED_MAX} more` : "";
  const [first] = failed;
  if (failed.length === 1 && first !== undefined && (first.kind === "dag" || first.kind === "loop"))
    return first.reason ?? `${first.path} failed.`;
  const why = failed.length === 1 ? ` ${first?.reason ?? ""}` : "";
  return `The failed tasks are: [${named.join(", ")}${more}].${why}`.trim();
}

function makeRoom(draft: Draft, more: number): void {
  if (draft.size() + more > NODES_MAX)
    throw new AppError(
      "invalid",
      `A run has at most ${NODES_MAX} steps; this would add ${more} to ${draft.size()}.`,
    );
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof AppError) return thrown.message;
  throw thrown;
}
