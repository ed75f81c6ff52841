import type { LineageEdge, LineageThing } from "@atrium/contract/lineage";
import type { Clock } from "#lib/clock";
import type { AccessControl, Actor } from "#modules/identity";
import type { Database } from "#ports/database";
import type { Lineage, Walk } from "./door.ts";
import { edgeKey, keyOf, mainPath, nextAlong, type Way } from "./graph.ts";
import * as queries from "./queries.ts";

const EDGES_MAX = 2000; // More than a page can draw; the caller is told that there is more.
const THINGS_A_STEP_MAX = 400; // One IN list; a thing with more neighbours is a hub that nobody reads as a graph.
const RIBBON_DEPTH = 12;

interface LineageDeps {
  db: Database;
  clock: Clock;
  access: AccessControl;
}

/** What came from what, within a project. */
export function createLineage({ db, clock, access }: LineageDeps): Lineage {
  return {
    link: (tx, edge) => queries.addEdge(tx, edge, clock.now()),
    unlink: (tx, projectId, thing) => queries.removeThing(tx, projectId, thing),
    rename: async (tx, projectId, { type, id, newId }) => {
      if (id !== newId) await queries.renameThing(tx, projectId, { type, id, newId });
    },
    walk,
    ribbon,
  };

  async function walk(actor: Actor, asked: Walk): Promise<{ edges: LineageEdge[]; more: boolean }> {
    await access.require(actor, "lineage:read", { kind: "project", projectId: asked.projectId });
    return collect(asked);
  }

  async function ribbon(
    actor: Actor,
    projectId: string,
    thing: LineageThing,
  ): Promise<(LineageThing & { self: boolean })[]> {
    const asked = { projectId, from: thing, direction: "both", depthMax: RIBBON_DEPTH } as const;
    const { edges } = await walk(actor, asked);
    return mainPath(edges, thing).map((step) => ({ ...step, self: keyOf(step) === keyOf(thing) }));
  }

  /** Breadth first, each direction by itself: what else came of a thing's origins is not part of its story. */
  async function collect(asked: Walk): Promise<{ edges: LineageEdge[]; more: boolean }> {
    const ways: Way[] = asked.direction === "both" ? ["up", "down"] : [asked.direction];
    const found = new Map<string, LineageEdge>();
    let more = false;
    for (const way of ways) {
      let border = [keyOf(asked.from)];
      const seen = new Set(border);
      for (let depth = 0; border.length > 0; depth += 1) {
        if (depth === asked.depthMax || found.size >= EDGES_MAX || border.length > THINGS_A_STEP_MAX) {
          more ||= await goesOn(asked.projectId, border.slice(0, THINGS_A_STEP_MAX), way);
          break;
        }
        const edges = await queries.edgesAt(db.reader, asked.projectId, border, EDGES_MAX);
        border = step(edges, { here: new Set(border), way }, { seen, found });
      }
    }
    return { edges: [...found.values()].slice(0, EDGES_MAX), more: more || found.size > EDGES_MAX };
  }

  async function goesOn(projectId: string, things: string[], way: Way): Promise<boolean> {
    const edges = await queries.edgesAt(db.reader, projectId, things, EDGES_MAX);
    const here = new Set(things);
    return step(edges, { here, way }, { seen: new Set(here), found: new Map() }).length > 0;
  }
}

/** Takes the edges that lead onward from the things here; answers with the things they lead to for the first time. */
function step(
  edges: readonly LineageEdge[],
  { here, way }: { here: ReadonlySet<string>; way: Way },
  so: { seen: Set<string>; found: Map<string, LineageEdge> },
): string[] {
  const onward: string[] = [];
  for (const edge of edges) {
    for (const key of [keyOf(edge.from), keyOf(edge.to)]) {
      const next = here.has(key) ? nextAlong(edge, key, way) : undefined;
      if (next === undefined) continue;
      so.found.set(edgeKey(edge), edge);
      const nextKey = keyOf(next);
      if (!so.seen.has(nextKey)) onward.push(nextKey);
      so.seen.add(nextKey);
    }
  }
  return onward;
}
