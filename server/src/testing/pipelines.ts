import { readFileSync } from "node:fs";
import { join } from "node:path";
import { advance } from "../modules/pipelines/engine/advance.ts";
import { nodesOf } from "../modules/pipelines/engine/draft.ts";
import { declared } from "../modules/pipelines/engine/fingerprint.ts";
import {
  type Command,
  type Node,
  newRunState,
  type RunEvent,
  type RunState,
  type Values,
} from "../modules/pipelines/engine/state.ts";
import type { Json, Plan } from "../modules/pipelines/plan.ts";
import { readPlan } from "../protocols/kfp/spec/read.ts";
import { createPlanReader } from "../protocols/kfp/spec/reader.ts";

export function controlFlow(): Plan {
  return readPlan(
    readFileSync(join(import.meta.dirname, "../protocols/kfp/fixtures/control_flow.yaml"), "utf8"),
  );
}

/** The reader that wiring hands to the module. */
export const readSpec = createPlanReader();

/** What a step does in a test: gives its output parameters, or throws. */
export type Behaviour = (inputs: Values["parameters"], path: string, attempt: number) => Json | undefined;

export interface Played {
  state: RunState;
  events: RunEvent[];
  /** Paths in the order in which they were started. */
  started: string[];
  /** How many ran at once, at most. */
  busiest: number;
  node(path: string): Node;
  states(): Record<string, string>;
}

interface Script {
  parameters?: Record<string, Json>;
  behave?: Behaviour;
  /** Which of the open commands is carried out next; the first when not given. */
  choose?: (open: readonly Command[]) => number;
  /** Called after each event; may answer with one that comes in between. */
  interrupt?: (state: RunState, count: number) => RunEvent | undefined;
  from?: RunState;
}

/** A world without processes: carries out commands one after the other and feeds what comes of them back. */
export function play(plan: Plan, script: Script = {}): Played {
  const run = {
    id: "run-1",
    name: "the run",
    createdMs: 0,
    cache: "as-compiled" as const,
    artifactRoot: "mlflow-artifacts:/",
  };
  let state = script.from ?? newRunState(plan, run);
  const events: RunEvent[] = [];
  const started: string[] = [];
  const open: Command[] = [];
  const running = new Map<string, string>();
  let atMs = 0;
  let busiest = 0;

  function feed(event: RunEvent): void {
    events.push(event);
    const advanced = advance(state, event);
    state = advanced.state;
    open.push(...advanced.commands);
    const between = script.interrupt?.(state, events.length);
    if (between !== undefined) feed(between);
  }
  const now = () => {
    atMs += 1;
    return atMs;
  };

  if (script.from === undefined) feed({ kind: "started", atMs: now(), parameters: script.parameters ?? {} });
  else feed({ kind: "retry", atMs: now(), by: "somebody" });
  for (let steps = 0; open.length > 0 || running.size > 0; steps += 1) {
    if (steps > 100_000) throw new Error("The run does not end.");
    if (open.length === 0) endOne();
    else carryOut();
  }
  return {
    state,
    events,
    started,
    busiest,
    node: (path) => nodesOf(state).node(path),
    states: () => Object.fromEntries([...state.nodes.values()].map((node) => [node.path, node.state])),
  };

  function carryOut(): void {
    const [command] = open.splice(script.choose?.(open) ?? 0, 1);
    if (command === undefined) return;
    const { path, attempt } = command;
    if (command.kind === "wait")
      feed({ kind: "waited", atMs: Math.max(now(), command.untilMs), path, attempt });
    else if (command.kind === "cancel") {
      if (running.delete(path)) feed({ kind: "stopped", atMs: now(), path, attempt, jobId: command.jobId });
    } else start(path, attempt);
  }

  function start(path: string, attempt: number): void {
    if (running.has(path)) throw new Error(`${path} was started while it runs.`);
    const jobId = `${path}#${started.length}`;
    const before = state;
    feed({ kind: "submitted", atMs: now(), path, attempt, jobId });
    if (before === state) return; // The run was cancelled before the command was carried out.
    started.push(path);
    running.set(path, jobId);
    busiest = Math.max(busiest, running.size);
    feed({ kind: "running", atMs: now(), path, attempt, jobId });
    if (script.choose === undefined) endOne();
  }

  function endOne(): void {
    const [path] = running.keys();
    if (path === undefined) return;
    const jobId = running.get(path);
    running.delete(path);
    const node = nodesOf(state).node(path);
    const { attempt } = node;
    try {
      const outputs = outputsOf(
        state,
        node,
        script.behave?.(declared(state, node).parameters, path, attempt),
      );
      feed({ kind: "succeeded", atMs: now(), path, attempt, jobId, outputs });
    } catch (thrown) {
      const reason = (thrown as Error).message;
      feed({ kind: "failed", atMs: now(), path, attempt, jobId, reason, again: "by-policy" });
    }
  }
}

function outputsOf(state: RunState, node: Node, given: Json | undefined): Values {
  const { outputs } = state.plan.components[node.component] ?? state.plan.root;
  const parameters = Object.fromEntries(Object.keys(outputs.parameters).map((name) => [name, given ?? 0]));
  const artifacts = Object.fromEntries(
    Object.entries(outputs.artifacts).map(([name, { schemaTitle, schemaVersion }]) => [
      name,
      [{ name, schemaTitle, schemaVersion, uri: `mlflow-artifacts:/${node.path}/${name}`, metadata: {} }],
    ]),
  );
  return { parameters, artifacts };
}
