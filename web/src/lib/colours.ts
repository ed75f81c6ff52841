/** The palette of `styles.css` has this many `--series-…` variables. */
const SERIES_COLOURS = 10;
// About a year of comparisons; beyond that the oldest memories may fade.
const REMEMBERED_MAX = 2000;
const STORE = "atrium.run-colours";

/**
 * Gives each id a palette index. A remembered id keeps its colour whatever else is shown; a new one takes the slot its
 * own name asks for, or the least used one when that is taken.
 */
export function assignColours(ids: readonly string[], memory: Map<string, number>): Map<string, number> {
  const used = new Array<number>(SERIES_COLOURS).fill(0);
  const given = new Map<string, number>();
  for (const id of ids) {
    const known = memory.get(id);
    if (known === undefined) continue;
    given.set(id, known);
    used[known] = (used[known] ?? 0) + 1;
  }
  for (const id of ids) {
    if (given.has(id)) continue;
    const least = Math.min(...used);
    let slot = nameSlot(id);
    while ((used[slot] ?? 0) > least) slot = (slot + 1) % SERIES_COLOURS;
    used[slot] = (used[slot] ?? 0) + 1;
    given.set(id, slot);
    memory.set(id, slot);
  }
  return given;
}

const memory = new Map<string, number>(recall());

/** One colour a run, everywhere in this browser, as CSS. */
export function runColours(ids: readonly string[]): Map<string, string> {
  const before = memory.size;
  const given = assignColours(ids, memory);
  if (memory.size !== before) remember();
  return new Map([...given].map(([id, slot]) => [id, `var(--series-${slot})`]));
}

export function seriesColour(index: number): string {
  return `var(--series-${index % SERIES_COLOURS})`;
}

function nameSlot(id: string): number {
  let hash = 2166136261;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 16777619);
  return (hash >>> 0) % SERIES_COLOURS;
}

function recall(): [string, number][] {
  try {
    return JSON.parse(localStorage.getItem(STORE) ?? "[]") as [string, number][];
  } catch {
    return [];
  }
}

function remember(): void {
  try {
    localStorage.setItem(STORE, JSON.stringify([...memory].slice(-REMEMBERED_MAX)));
  } catch {
    // Without storage the colours still hold until the tab closes.
  }
}
