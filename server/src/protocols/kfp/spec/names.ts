import type { Component, Dag, OutputRef, Plan, Task } from "#modules/pipelines";
import { refuser } from "./refuse.ts";

/**
 * Checks that each name in a graph leads somewhere.
 * @throws AppError `invalid`
 */
export function checkDag(plan: Plan, component: Component, place: string): void {
  const { body } = component;
  if (body.kind !== "dag") return;
  for (const task of Object.values(body.tasks)) {
    const at = `${place}.dag.tasks.${task.name}`;
    checkTask({ plan, graph: component, dag: body }, task, at);
  }
  checkOutputs({ plan, graph: component, dag: body }, `${place}.dag.outputs`);
}

interface Within {
  plan: Plan;
  graph: Component;
  dag: Dag;
}

function checkTask({ plan, graph, dag }: Within, task: Task, at: string): void {
  const refuse = refuser(at);
  const component = plan.components[task.component];
  if (component === undefined) throw refuse("componentRef.name", `There is no component ${task.component}.`);
  // The SDK gives a graph inputs that do not exist, when a loop inside reads parts of its items; `checkLacks` looks on.
  const isGraph = component.body.kind === "dag";
  for (const other of task.after)
    if (dag.tasks[other] === undefined)
      throw refuse("dependentTasks", `There is no task ${other} in this graph.`);
  for (const [name, source] of Object.entries(task.parameters)) {
    const field = `inputs.parameters.${name}`;
    if (source.kind === "input" && !isGraph && graph.inputs.parameters[source.name] === undefined)
      throw refuse(field, `The graph has no input parameter ${source.name}.`);
    if (source.kind === "task" && !gives({ plan, dag }, "parameters", source))
      throw refuse(field, `The task ${source.task} has no output parameter ${source.output}.`);
  }
  for (const [name, source] of Object.entries(task.artifacts)) {
    const field = `inputs.artifacts.${name}`;
    if (source.kind === "input" && !isGraph && graph.inputs.artifacts[source.name] === undefined)
      throw refuse(field, `The graph has no input artifact ${source.name}.`);
    if (source.kind === "task" && !gives({ plan, dag }, "artifacts", source))
      throw refuse(field, `The task ${source.task} has no output artifact ${source.output}.`);
  }
  if (!isGraph) checkGiven(component, task, refuse);
  if (component.body.kind !== "code" && (task.retry?.retriesMax ?? 0) > 0)
    throw refuse(
      "retryPolicy",
      "Only a step is tried again, not a graph of them; set it on the steps inside.",
    );
  const { loop } = task;
  if (loop?.items.kind === "input") {
    const known = loop.over === "artifacts" ? task.artifacts : task.parameters;
    if (known[loop.items.name] === undefined)
      throw refuse("iterator.items", `The task has no input ${loop.items.name} to go over.`);
  }
}

/** Each input that its component must have is given, or has a default. */
function checkGiven(component: Component, task: Task, refuse: ReturnType<typeof refuser>): void {
  const { loop } = task;
  for (const [name, input] of Object.entries(component.inputs.parameters)) {
    const isItem = loop?.over === "parameters" && loop.itemInput === name;
    if (!input.optional && !isItem && task.parameters[name] === undefined)
      throw refuse("inputs.parameters", `The component ${component.name} needs ${name}.`);
  }
  for (const [name, input] of Object.entries(component.inputs.artifacts)) {
    const isItem = loop?.over === "artifacts" && loop.itemInput === name;
    if (!input.optional && !isItem && task.artifacts[name] === undefined)
      throw refuse("inputs.artifacts", `The component ${component.name} needs ${name}.`);
  }
}

function checkOutputs({ plan, dag }: Within, at: string): void {
  for (const kind of ["parameters", "artifacts"] as const) {
    for (const [name, references] of Object.entries(dag.outputs[kind])) {
      for (const reference of references) {
        if (gives({ plan, dag }, kind, reference)) continue;
        throw refuser(at)(`${kind}.${name}`, `No task ${reference.task} gives ${reference.output}.`);
      }
    }
  }
}

function gives(
  { plan, dag }: Pick<Within, "plan" | "dag">,
  kind: "parameters" | "artifacts",
  { task, output }: OutputRef,
): boolean {
  const component = plan.components[dag.tasks[task]?.component ?? ""];
  return component?.outputs[kind][output] !== undefined;
}

/**
 * Follows inputs that a graph was never given down to the steps; one that needs such an input could only fail.
 * @throws AppError `invalid`
 */
export function checkLacks(plan: Plan): void {
  const seen = new Set<string>();
  look(plan.root, new Set(), "root");

  function look(graph: Component, lacks: ReadonlySet<string>, place: string): void {
    const key = `${graph.name} ${[...lacks].sort().join(" ")}`;
    if (graph.body.kind !== "dag" || seen.has(key)) return;
    seen.add(key);
    for (const task of Object.values(graph.body.tasks)) {
      const component = plan.components[task.component];
      if (component === undefined) continue;
      const lacking = lackedBy(task, { graph, component, lacks });
      const [first] = lacking;
      if (component.body.kind !== "dag" && first !== undefined)
        throw refuser(`${place}.dag.tasks.${task.name}`)(
          `inputs.parameters.${first}`,
          "Nothing gives it a value.",
        );
      look(component, new Set(lacking), `components.${component.name}`);
    }
  }
}

/** Required inputs of a task's component that no run can have. */
function lackedBy(
  task: Task,
  { graph, component, lacks }: { graph: Component; component: Component; lacks: ReadonlySet<string> },
): string[] {
  return Object.entries(component.inputs.parameters).flatMap(([name, input]) => {
    const source = task.parameters[name];
    const isItem = task.loop?.over === "parameters" && task.loop.itemInput === name;
    if (input.optional || isItem) return [];
    if (source === undefined) return [name];
    if (source.kind !== "input") return [];
    return lacks.has(source.name) || graph.inputs.parameters[source.name] === undefined ? [name] : [];
  });
}
