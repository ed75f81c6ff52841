import { createHash } from "node:crypto";
import { assert } from "#lib/errors";
import type { Json } from "../plan.ts";
import { componentOf, nodesOf, taskOf } from "./draft.ts";
import type { Node, RunState, Values } from "./state.ts";
import { inputsOf } from "./values.ts";

/**
 * What a step's outputs depend on: its code, its packages, its parameters and the content of its input artifacts (not
 * their names, as the format's own server takes). Undefined when its outputs are not to be taken from an earlier run.
 */
export function fingerprintOf(state: RunState, node: Node): string | undefined {
  const nodes = nodesOf(state);
  const { cache } = taskOf(nodes, node);
  const component = componentOf(state, node);
  if (!cache.enabled || state.run.cache === "off") return undefined;
  const { body } = component;
  assert(body.kind === "code", `${node.path} runs code`);
  const { parameters, artifacts } = declared(state, node);
  const content = Object.entries(artifacts).map(([name, list]) => [
    name,
    list.map(({ digest, uri, metadata }) => [digest ?? uri, sorted(metadata as Json)]),
  ]);
  const of =
    cache.key === ""
      ? [
          ...[
            body.source,
            body.functionName,
            [...body.requirements].sort(),
            body.sdk,
            sorted(body.variables),
          ],
          ...[sorted(parameters as Json), content, component.outputs.parameters, component.outputs.artifacts],
        ]
      : [component.name, cache.key];
  return createHash("sha256").update(JSON.stringify(of)).digest("hex");
}

/** A step's inputs without what only placeholders and conditions read. */
export function declared(state: RunState, node: Node): Values {
  const { parameters, artifacts } = inputsOf(nodesOf(state), node);
  const { inputs } = componentOf(state, node);
  const those = <T>(of: Readonly<Record<string, T>>, known: object) =>
    Object.fromEntries(
      Object.entries(of)
        .filter(([name]) => Object.hasOwn(known, name))
        .sort(byName),
    );
  return { parameters: those(parameters, inputs.parameters), artifacts: those(artifacts, inputs.artifacts) };
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** Objects say the same in whatever order their keys were written. */
function sorted(value: Json | Readonly<Record<string, Json>>): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value as Json;
  return Object.fromEntries(
    Object.entries(value)
      .sort(byName)
      .map(([key, item]) => [key, sorted(item)]),
  );
}
