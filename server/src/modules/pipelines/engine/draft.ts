import { assert } from "#lib/errors";
import type { Component, Dag, Task } from "../plan.ts";
import type { Command, Node, Phase, RunState } from "./state.ts";

/** A state while one event changes it; what it began from stays as it was. */
export interface Draft {
  readonly state: RunState;
  readonly atMs: number;
  readonly commands: Command[];
  phase: Phase;
  node(path: string): Node;
  find(path: string): Node | undefined;
  put(node: Node): void;
  change(path: string, changes: Partial<Node>): Node;
  remove(path: string): void;
  size(): number;
  /** Those of a graph in the order of creation, or of a loop by number. */
  children(path: string): Node[];
  result(): { state: RunState; commands: readonly Command[] };
}

export function createDraft(state: RunState, atMs: number): Draft {
  const nodes = new Map(state.nodes);
  const commands: Command[] = [];
  const draft: Draft = {
    state,
    atMs,
    commands,
    phase: state.phase,
    find: (path) => nodes.get(path),
    node(path) {
      const found = nodes.get(path);
      assert(found !== undefined, `the run has a node ${path}`);
      return found;
    },
    put: (node) => {
      nodes.set(node.path, node);
    },
    change(path, changes) {
      const changed = { ...draft.node(path), ...changes };
      nodes.set(path, changed);
      return changed;
    },
    remove: (path) => {
      nodes.delete(path);
    },
    size: () => nodes.size,
    children(path) {
      const node = draft.node(path);
      const names =
        node.kind === "loop"
          ? Array.from({ length: node.iterations ?? 0 }, (_, i) => String(i))
          : dagOf(state, node).order;
      return names.flatMap((name) => nodes.get(joined(path, name)) ?? []);
    },
    result: () => ({ state: { ...state, phase: draft.phase, nodes }, commands }),
  };
  return draft;
}

export function joined(parent: string, name: string): string {
  return parent === "" ? name : `${parent}/${name}`;
}

export function componentOf({ plan }: RunState, node: Node): Component {
  if (node.path === "") return plan.root;
  const component = plan.components[node.component];
  assert(component !== undefined, `the plan has a component ${node.component}`);
  return component;
}

/** The graph that a node is, or is made of. */
export function dagOf(state: RunState, node: Node): Dag {
  const { body } = componentOf(state, node);
  assert(body.kind === "dag", `${node.path} is a graph`);
  return body;
}

/** A state or a draft of one, as those who look up nodes see it. */
export interface Nodes {
  readonly state: RunState;
  node(path: string): Node;
}

export function nodesOf(state: RunState): Nodes {
  return {
    state,
    node(path) {
      const found = state.nodes.get(path);
      assert(found !== undefined, `the run has a node ${path}`);
      return found;
    },
  };
}

/** What a node was compiled from; an iteration and its loop are the same task. */
export function taskOf(of: Nodes, node: Node): Task {
  const parent = of.node(node.parent);
  if (node.iteration !== undefined) return taskOf(of, parent);
  const task = dagOf(of.state, parent).tasks[node.name];
  assert(task !== undefined, `the graph ${node.parent} has a task ${node.name}`);
  return task;
}
