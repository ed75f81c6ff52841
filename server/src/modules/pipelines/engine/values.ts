import { AppError, assert } from "#lib/errors";
import { evaluate } from "../cel.ts";
import { hasPlaceholders, withPlaceholders } from "../placeholders.ts";
import type { Json, OutputRef, ParameterSource, Task } from "../plan.ts";
import { componentOf, type Draft, dagOf, joined, type Nodes, taskOf } from "./draft.ts";
import { finalStatus } from "./final-status.ts";
import { type Artifact, isGood, type Node, type Values } from "./state.ts";

/** What a thing reads was not made: its producer was skipped or failed. */
export interface Missing {
  missing: string;
  /** `producer`: whoever makes it did not; `graph`: nobody gave it to the graph, or what makes it has no such output. */
  by: "producer" | "graph";
}

/** What a begun thing has for inputs; an iteration's item is looked up in its loop. */
export function inputsOf(of: Nodes, node: Node): Values {
  if (node.iteration === undefined) return node.inputs ?? { parameters: {}, artifacts: {} };
  const loopNode = of.node(node.parent);
  const { loop } = taskOf(of, loopNode);
  assert(loop !== undefined, `${node.parent} is a loop`);
  const whole = inputsOf(of, loopNode);
  if (loop.over === "parameters") {
    const item = itemsOf(of, loopNode)[node.iteration] ?? null;
    return { ...whole, parameters: { ...whole.parameters, [loop.itemInput]: item as Json } };
  }
  const item = (whole.artifacts[loop.items.kind === "input" ? loop.items.name : ""] ?? []).slice(
    node.iteration,
    node.iteration + 1,
  );
  return { ...whole, artifacts: { ...whole.artifacts, [loop.itemInput]: item } };
}

/** What a loop goes over. @throws AppError `invalid` when that is no list */
export function itemsOf(of: Nodes, loopNode: Node): readonly unknown[] {
  const { loop } = taskOf(of, loopNode);
  assert(loop !== undefined, `${loopNode.path} is a loop`);
  if (loop.items.kind === "raw") return loop.items.values;
  const whole = inputsOf(of, loopNode);
  const { name } = loop.items;
  const given = loop.over === "artifacts" ? whole.artifacts[name] : whole.parameters[name];
  // Lists that went through a text input arrive as their JSON.
  const items: unknown = typeof given === "string" ? parsed(given) : given;
  if (!Array.isArray(items)) throw new AppError("invalid", `The loop goes over ${name}, which is no list.`);
  return items;
}

/** A task's inputs from its graph and its siblings. @throws AppError `invalid` when they cannot be computed */
export function resolveInputs(draft: Draft, graph: Node, task: Task): Values | Missing {
  const outer = inputsOf(draft, graph);
  const component = draft.state.plan.components[task.component];
  assert(component !== undefined, `the plan has a component ${task.component}`);
  const parameters: Record<string, Json> = {};
  const artifacts: Record<string, readonly Artifact[]> = {};
  for (const [name, source] of Object.entries(task.parameters)) {
    const value = parameterFrom({ draft, graph, outer, task }, source);
    const declared = component.inputs.parameters[name];
    if (value !== undefined) parameters[name] = selected(source, value);
    // A graph is compiled with inputs that nothing in it reads; a step inside says what it lacks.
    else if (component.body.kind === "dag" && source.kind === "input") continue;
    else if (declared !== undefined && !declared.optional) return missing(name, source);
  }
  for (const [name, source] of Object.entries(task.artifacts)) {
    const value =
      source.kind === "input"
        ? outer.artifacts[source.name]
        : outputOf({ draft, graph }, source, "artifacts");
    if (value !== undefined) artifacts[name] = value;
    else if (component.body.kind === "dag" && source.kind === "input") continue;
    else if (component.inputs.artifacts[name]?.optional !== true) return missing(name, source);
  }
  for (const [name, { default: standard }] of Object.entries(component.inputs.parameters))
    if (parameters[name] === undefined && standard !== undefined) parameters[name] = standard;
  return { parameters: filled({ draft, graph, task }, { parameters, artifacts }), artifacts };
}

function parameterFrom(
  { draft, graph, outer, task }: { draft: Draft; graph: Node; outer: Values; task: Task },
  source: ParameterSource,
): Json | undefined {
  switch (source.kind) {
    case "constant":
      return source.value;
    case "input":
      return outer.parameters[source.name];
    case "task":
      return outputOf({ draft, graph }, source, "parameters");
    case "final-status":
      return finalStatus(draft.state, draft.node(joined(graph.path, source.task)), task);
  }
}

function outputOf<K extends keyof Values>(
  { draft, graph }: { draft: Draft; graph: Node },
  { task, output }: OutputRef,
  kind: K,
): Values[K][string] | undefined {
  const producer = draft.node(joined(graph.path, task));
  return producer.outputs?.[kind][output] as Values[K][string] | undefined;
}

function selected({ selector }: ParameterSource, value: Json): Json {
  if (selector === undefined) return value;
  return evaluate(selector, { string_value: typeof value === "string" ? value : JSON.stringify(value) });
}

/** Constants may name the other inputs and the run. */
function filled(
  { draft, graph, task }: { draft: Draft; graph: Node; task: Task },
  { parameters, artifacts }: Values,
): Record<string, Json> {
  const isConstant = (name: string) => task.parameters[name]?.kind === "constant";
  const { run } = draft.state;
  const around = {
    parameters,
    artifacts,
    runId: run.id,
    runName: run.name,
    createdMs: run.createdMs,
    taskName: task.name,
    taskId: joined(graph.path, task.name),
  };
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) =>
      isConstant(name) && hasPlaceholders(JSON.stringify(value))
        ? [name, withPlaceholders(value, around)]
        : [name, value],
    ),
  );
}

/** What a graph gives once all in it have ended. @throws AppError `invalid` when two branches made one output */
export function outputsOfDag(draft: Draft, node: Node): Values {
  const { outputs } = dagOf(draft.state, node);
  return {
    parameters: pick(outputs.parameters, (reference) =>
      outputOf({ draft, graph: node }, reference, "parameters"),
    ),
    artifacts: pick(outputs.artifacts, (reference) =>
      outputOf({ draft, graph: node }, reference, "artifacts"),
    ),
  };
}

function pick<T>(
  wanted: Readonly<Record<string, readonly OutputRef[]>>,
  read: (reference: OutputRef) => T | undefined,
): Record<string, T> {
  const picked: Record<string, T> = {};
  for (const [name, references] of Object.entries(wanted)) {
    const made = references.map(read).filter((value) => value !== undefined);
    if (made.length > 1)
      throw new AppError(
        "invalid",
        `The output ${name} was made by ${made.length} branches; one alone may make it.`,
      );
    const [value] = made;
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/** Lists of what the iterations gave, in the order of the items; one that was skipped adds nothing. */
export function outputsOfLoop(draft: Draft, node: Node): Values {
  const component = componentOf(draft.state, node);
  const given = draft
    .children(node.path)
    .flatMap((child) => (isGood(child) && child.outputs ? [child.outputs] : []));
  return {
    parameters: Object.fromEntries(
      Object.keys(component.outputs.parameters).map((name) => [
        name,
        given.flatMap(({ parameters }) => {
          const value = parameters[name];
          return value === undefined ? [] : [value];
        }),
      ]),
    ),
    artifacts: Object.fromEntries(
      Object.keys(component.outputs.artifacts).map((name) => [
        name,
        given.flatMap(({ artifacts }) => artifacts[name] ?? []),
      ]),
    ),
  };
}

function missing(name: string, source: { kind: string; task?: string }): Missing {
  return source.kind === "task"
    ? { missing: `Its input ${name} is made by ${source.task}, which made none.`, by: "producer" }
    : { missing: `Its input ${name} was not given.`, by: "graph" };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
