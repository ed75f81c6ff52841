import type { LineageEdge, LineageRelation, LineageThing } from "@atrium/contract/lineage";

/** A thing as one text, for keys and comparisons. */
export function keyOf(thing: LineageThing): string {
  return JSON.stringify([thing.type, thing.id, ...(thing.version === undefined ? [] : [thing.version])]);
}

/** What the keys of all versions of a thing begin with, and the first text behind them all. */
export function versionKeys(thing: { type: string; id: string }): { from: string; before: string } {
  const open = keyOf(thing).slice(0, -1);
  return { from: `${open},`, before: `${open}-` }; // In order of bytes a hyphen follows a comma.
}

export function thingOf(key: string): LineageThing {
  const [type = "", id = "", version] = JSON.parse(key) as string[];
  return { type, id, ...(version === undefined ? {} : { version }) };
}

/** `down` follows what came of a thing, `up` what it came from. */
export type Way = "up" | "down";

/**
 * Which way an edge leads onward when read from its `from` end. A run *consumed* a dataset, so the dataset lies up; a
 * model version *derived* (from) another, so that other lies up; what was *produced* or *deployed* lies down.
 */
const WAY_TO: Record<LineageRelation, Way> = {
  produced: "down",
  deployed: "down",
  consumed: "up",
  derived: "up",
};

/** The thing that an edge leads to from `key` in the given direction, if it leads there at all. */
export function nextAlong(edge: LineageEdge, key: string, way: Way): LineageThing | undefined {
  const fromHere = keyOf(edge.from) === key;
  const leads = fromHere ? WAY_TO[edge.relation] : opposite(WAY_TO[edge.relation]);
  if (leads !== way) return undefined;
  return fromHere ? edge.to : edge.from;
}

function opposite(way: Way): Way {
  return way === "up" ? "down" : "up";
}

/** What a thing was made of, before whatever step or job carried that out. */
const MADE_OF: ReadonlySet<LineageRelation> = new Set(["consumed", "derived"]);

/**
 * The main path through a thing: from each thing the newest edge is followed, up to the first origin and down to the last
 * use. What was made last is what people ask about, and where it came from is its data before the machinery around it.
 */
export function mainPath(edges: readonly LineageEdge[], start: LineageThing): LineageThing[] {
  const newestFirst = [...edges].sort((a, b) => b.atMs - a.atMs || compareText(edgeKey(a), edgeKey(b)));
  const seen = new Set([keyOf(start)]);
  const rank = ({ relation }: LineageEdge) => (MADE_OF.has(relation) ? 0 : 1);
  const up = follow(
    "up",
    [...newestFirst].sort((a, b) => rank(a) - rank(b)),
  );
  const down = follow("down", newestFirst);
  return [...up.reverse(), start, ...down];

  function follow(way: Way, inOrder: readonly LineageEdge[]): LineageThing[] {
    const path: LineageThing[] = [];
    let key = keyOf(start);
    for (;;) {
      const next = inOrder
        .map((edge) => touching(edge, key, way))
        .find((thing) => thing && !seen.has(keyOf(thing)));
      if (next === undefined) return path;
      key = keyOf(next);
      seen.add(key);
      path.push(next);
    }
  }
}

function touching(edge: LineageEdge, key: string, way: Way): LineageThing | undefined {
  return keyOf(edge.from) === key || keyOf(edge.to) === key ? nextAlong(edge, key, way) : undefined;
}

export function edgeKey(edge: LineageEdge): string {
  return `${keyOf(edge.from)}${edge.relation}${keyOf(edge.to)}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
