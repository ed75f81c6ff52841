import type { LineageEdge, LineageThing } from "@atrium/contract/lineage";

/** A thing with its place in the picture: columns count from the origins, rows from the top. */
export interface PlacedThing {
  key: string;
  thing: LineageThing;
  column: number;
  row: number;
}

export interface LineageLayout {
  things: PlacedThing[];
  /** Drawn from the earlier to the later thing, by their keys. */
  arrows: { from: string; to: string; relation: LineageEdge["relation"] }[];
  columns: number;
  rows: number;
}

const WORD_MAX = 12; // Of a digest or an id these letters tell it from its neighbours.

/** ` v7` for what counts its versions, ` a1b2c3d4` for what names them by a digest. */
export function versionWords(version: string | undefined): string {
  if (version === undefined || version === "") return "";
  if (/^\d+$/.test(version)) return ` v${version}`;
  return version.length > WORD_MAX ? ` ${version.slice(0, WORD_MAX)}…` : ` ${version}`;
}

export function keyOf(thing: LineageThing): string {
  return `${thing.type}/${thing.id}/${thing.version ?? ""}`;
}

/**
 * Origins left, uses right. An edge reads *from relation to*; "a run consumed a dataset" and "derived" name the later
 * thing first, so their arrows are turned.
 */
export function layOut(self: LineageThing, edges: readonly LineageEdge[]): LineageLayout {
  const things = new Map<string, LineageThing>([[keyOf(self), self]]);
  const arrows = edges.map(({ from, to, relation }) => {
    things.set(keyOf(from), from).set(keyOf(to), to);
    const turned = relation === "consumed" || relation === "derived";
    const [first, second] = turned ? [to, from] : [from, to];
    return { from: keyOf(first), to: keyOf(second), relation };
  });
  const columnOf = longestPaths([...things.keys()], arrows);
  const rowsUsed: number[] = [];
  const rowOf = new Map<string, number>();
  const inOrder = [...things.keys()].sort((a, b) => (columnOf.get(a) ?? 0) - (columnOf.get(b) ?? 0));
  const placed = inOrder.map((key): PlacedThing => {
    const column = columnOf.get(key) ?? 0;
    // Beside what it comes from, or the next free row below.
    const before = arrows.filter((arrow) => arrow.to === key).map((arrow) => rowOf.get(arrow.from) ?? 0);
    const row = Math.max(rowsUsed[column] ?? 0, before.length > 0 ? Math.min(...before) : 0);
    rowsUsed[column] = row + 1;
    rowOf.set(key, row);
    return { key, thing: things.get(key) ?? self, column, row };
  });
  return { things: placed, arrows, columns: rowsUsed.length, rows: Math.max(...rowsUsed.map((n) => n ?? 0)) };
}

/** The column of each thing: one more than the last of what it comes from. A circle stops counting at its own length. */
function longestPaths(
  keys: readonly string[],
  arrows: readonly { from: string; to: string }[],
): Map<string, number> {
  const columns = new Map(keys.map((key) => [key, 0]));
  for (let round = 0; round < keys.length; round++) {
    let moved = 0;
    for (const { from, to } of arrows) {
      const least = (columns.get(from) ?? 0) + 1;
      if ((columns.get(to) ?? 0) >= least || least > keys.length || from === to) continue;
      columns.set(to, least);
      moved++;
    }
    if (moved === 0) break;
  }
  return columns;
}
