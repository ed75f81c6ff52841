import type { LineageEdge, LineageThing } from "@atrium/contract/lineage";
import type { PredictionOrigin } from "@atrium/contract/serving";
import type { Actor } from "#modules/identity";
import type { ServingDeps } from "./deps.ts";
import type { Serving } from "./door.ts";
import { createGate, type EndpointAt } from "./gate.ts";
import * as queries from "./queries.ts";

const DEPTH_MAX = 16; // From a model over run, step, artifact and training set to a dataset's own sources are eight.
const SOURCES_MAX = 50; // A model of more runs is a search whose winner stands first.

/** Answers where a prediction came from: its row in the log names the model version, lineage knows the rest. */
export function createOrigin(
  deps: ServingDeps,
  predictions: Pick<Serving["predictions"], "get">,
): Serving["predictions"]["origin"] {
  const { db, lineage } = deps;
  const gate = createGate(deps);

  return async function origin(
    actor: Actor,
    at: EndpointAt,
    predictionId: string,
  ): Promise<PredictionOrigin> {
    const endpoint = await gate.admit(actor, "endpoint:read", at);
    const { atMs, deployment: number, model } = await predictions.get(actor, at, predictionId);
    const deployment = await queries.deploymentByNumber(db.reader, endpoint.id, Number(number));
    const start = { type: "model-version", id: model.name, version: String(model.version) };
    const { projectId } = at;
    const { edges, more } = await lineage.walk(actor, {
      projectId,
      from: start,
      direction: "up",
      depthMax: DEPTH_MAX,
    });
    const things = inOrder(start, edges);
    const runs = things.filter(({ type }) => type === "run").slice(0, SOURCES_MAX);
    const sources = await Promise.all(
      runs.map(async ({ id: runId }) => {
        const found = await deps.sourceOf(actor, { projectId, runId });
        return found === undefined ? [] : [{ runId, ...found }];
      }),
    );
    return {
      predictionId,
      atMs,
      endpoint: endpoint.name,
      deployment: { number, by: deployment?.created_by, createdMs: deployment?.created_ms },
      model,
      things,
      edges,
      sources: sources.flat(),
      more,
    };
  };
}

/** Things by how many edges they lie from the start; the edges themselves come nearest first, each reached by one before it. */
function inOrder(
  start: LineageThing,
  edges: readonly LineageEdge[],
): (LineageThing & { distance: number })[] {
  const found = new Map([[keyOf(start), { ...start, distance: 0 }]]);
  for (const edge of edges) {
    for (const [here, there] of [
      [edge.from, edge.to],
      [edge.to, edge.from],
    ] as const) {
      const near = found.get(keyOf(here));
      if (near !== undefined && !found.has(keyOf(there)))
        found.set(keyOf(there), { ...there, distance: near.distance + 1 });
    }
  }
  return [...found.values()].sort((a, b) => a.distance - b.distance);
}

function keyOf({ type, id, version = "" }: LineageThing): string {
  return JSON.stringify([type, id, version]);
}
