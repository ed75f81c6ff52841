import type { PipelineStep } from "@atrium/contract/pipelines";

/** A step as the drawing needs it; a version's own graph has such steps before any run. */
export type GraphStep = Pick<PipelineStep, "path" | "name" | "kind" | "parent" | "after">;

/** One box with its place, in pixels from the drawing's corner. Boxes that hold others come before what they hold. */
export interface PlacedBox<Step extends GraphStep> {
  step: Step;
  left: number;
  top: number;
  width: number;
  height: number;
  /** The right edge of its column: an arrow goes straight until there, so that it crosses none of its neighbours. */
  columnRight: number;
  /** `folded` shows no children though it has some. */
  look: "leaf" | "open" | "folded";
  children: number;
}

export interface GraphLayout<Step extends GraphStep> {
  boxes: PlacedBox<Step>[];
  /** From a box to one that waits for it, by their paths. */
  arrows: { from: string; to: string }[];
  width: number;
  height: number;
}

export const LEAF = { width: 184, height: 44 };
const GAP = { x: 48, y: 16 };
const PADDING = { side: 12, top: 36, bottom: 12 };
// A circle or a chain longer than this is no pipeline that anybody could look at.
const COLUMNS_MAX = 2000;

interface Measured<Step extends GraphStep> {
  width: number;
  height: number;
  /** Places of all boxes inside, from its own corner. */
  boxes: PlacedBox<Step>[];
}

/** Places steps left to right by what they wait for; boxes grow around what they hold unless they are folded. */
export function layOutGraph<Step extends GraphStep>(
  steps: readonly Step[],
  folded: ReadonlySet<string>,
): GraphLayout<Step> {
  const byParent = new Map<string, Step[]>();
  for (const step of steps) byParent.set(step.parent, [...(byParent.get(step.parent) ?? []), step]);
  const root = measure("", byParent, folded);
  const shown = new Set(root.boxes.map((box) => box.step.path));
  const arrows = root.boxes.flatMap(({ step }) =>
    step.after.filter((from) => shown.has(from)).map((from) => ({ from, to: step.path })),
  );
  return { boxes: root.boxes, arrows, width: root.width, height: root.height };
}

/** The inside of a box: its children in columns, each as large as what it holds. */
function measure<Step extends GraphStep>(
  parent: string,
  byParent: ReadonlyMap<string, Step[]>,
  folded: ReadonlySet<string>,
): Measured<Step> {
  const boxes: PlacedBox<Step>[] = [];
  let left = 0;
  let height = 0;
  for (const column of columnsOf(byParent.get(parent) ?? [])) {
    let top = 0;
    const groups = column.map((step) => boxOf(step, byParent, folded));
    const widest = Math.max(0, ...groups.map(([outer]) => outer?.width ?? 0));
    for (const [outer, ...inner] of groups) {
      if (!outer) continue;
      boxes.push({ ...moved(outer, left, top), columnRight: left + widest });
      boxes.push(...inner.map((one) => moved(one, left, top)));
      top += outer.height + GAP.y;
    }
    height = Math.max(height, top - GAP.y);
    left += widest + GAP.x;
  }
  return { boxes, width: Math.max(0, left - GAP.x), height };
}

function moved<Step extends GraphStep>(box: PlacedBox<Step>, right: number, down: number): PlacedBox<Step> {
  const { left, top, columnRight } = box;
  return { ...box, left: left + right, top: top + down, columnRight: columnRight + right };
}

/** A step and all that is shown inside of it, itself first. */
function boxOf<Step extends GraphStep>(
  step: Step,
  byParent: ReadonlyMap<string, Step[]>,
  folded: ReadonlySet<string>,
): PlacedBox<Step>[] {
  const children = byParent.get(step.path)?.length ?? 0;
  const at = { step, left: 0, top: 0, columnRight: 0, children };
  if (children === 0) return [{ ...at, ...LEAF, look: "leaf" }];
  if (folded.has(step.path)) return [{ ...at, ...LEAF, look: "folded" }];
  const inside = measure(step.path, byParent, folded);
  const held = inside.boxes.map((box) => moved(box, PADDING.side, PADDING.top));
  const width = Math.max(LEAF.width, inside.width + 2 * PADDING.side);
  return [{ ...at, width, height: inside.height + PADDING.top + PADDING.bottom, look: "open" }, ...held];
}

/** Siblings by the length of the longest chain before them; in each column those on top that others wait for. */
function columnsOf<Step extends GraphStep>(siblings: readonly Step[]): Step[][] {
  const column = new Map(siblings.map((step) => [step.path, 0]));
  for (let round = 0; round < siblings.length; round++) {
    let moved = 0;
    for (const step of siblings) {
      const before = step.after.map((path) => column.get(path) ?? -1);
      const least = Math.min(COLUMNS_MAX, Math.max(-1, ...before) + 1);
      if ((column.get(step.path) ?? 0) >= least) continue;
      column.set(step.path, least);
      moved++;
    }
    if (moved === 0) break;
  }
  const columns: Step[][] = [];
  for (const step of siblings) {
    const at = column.get(step.path) ?? 0;
    columns[at] = [...(columns[at] ?? []), step];
  }
  const awaited = new Set(siblings.flatMap((step) => step.after));
  const rank = (step: Step) => (awaited.has(step.path) ? 0 : 1);
  return columns.filter((one) => one !== undefined).map((one) => one.toSorted((a, b) => rank(a) - rank(b)));
}
