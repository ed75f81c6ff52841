import { type Ask, numberIn, optionalNumberIn, textIn } from "./engine.ts";
import type { FrameColumn, FrameSource } from "./frame-queries.ts";
import type { WatchedColumn } from "./plan.ts";
import type { CategoryProfile, NumberProfile, Profile } from "./profile.ts";
import { sampleOfCounts, standardDeviation } from "./statistics/sample.ts";
import { sum } from "./statistics/sum.ts";
import * as queries from "./window-queries.ts";

const SAMPLE_ROWS = 5000; // The gap of two such samples is right to about 0.02, and a profile stays below 100 KiB.
const CATEGORIES_MAX = 1000; // Of more, a column is text or an id, and no single one of them says anything.

/** Reads one column of a reference. The same rows give the same profile. */
export async function readProfile(
  ask: Ask,
  source: FrameSource,
  column: Pick<WatchedColumn, "name" | "kind">,
): Promise<Profile> {
  const from: FrameSource = { ...source, key: undefined };
  const { name, kind } = column;
  return kind === "number"
    ? readNumbers(ask, from, { name, kind })
    : readCategories(ask, from, { name, kind });
}

async function readNumbers(ask: Ask, source: FrameSource, column: FrameColumn): Promise<NumberProfile> {
  const [outline = []] = await ask(queries.numberOutline(source, column));
  const [rows, present, valid] = [numberIn(outline, 0), numberIn(outline, 1), numberIn(outline, 2)];
  const deciles = Array.from({ length: 11 }, (_, i) => optionalNumberIn(outline, 3 + i) ?? 0);
  const edges = valid === 0 ? [] : edgesOf(deciles);
  const drawn = await ask(queries.referenceValues(source, column, SAMPLE_ROWS), SAMPLE_ROWS);
  const sample = sampleOfCounts(drawn.map((row) => [numberIn(row, 0), numberIn(row, 1)] as const));
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  const all = [{ name: "all" }];
  const binned = await ask(
    queries.numberBinCounts(source, [column], { edges: [{ at: 0, edges }], segments: all }),
  );
  for (const row of binned) {
    const bin = numberIn(row, 1);
    if (bin >= 0) counts[bin] = numberIn(row, 2);
  }
  return {
    kind: "number",
    rows,
    missing: rows - present,
    invalid: present - valid,
    edges,
    counts,
    standardDeviation: sample.size === 0 ? 0 : standardDeviation(sample),
    clamp: { from: optionalNumberIn(outline, 14) ?? 0, to: optionalNumberIn(outline, 15) ?? 0 },
    sample: { values: [...sample.values], counts: [...sample.counts], size: sample.size },
  };
}

/** Deciles that many rows share are one edge; a constant's only range goes from it to itself. */
function edgesOf(deciles: readonly number[]): number[] {
  const distinct = [...new Set(deciles)];
  return distinct.length === 1 ? [...distinct, ...distinct] : distinct;
}

async function readCategories(ask: Ask, source: FrameSource, column: FrameColumn): Promise<CategoryProfile> {
  const [totals = []] = await ask(queries.categoryTotals(source, column));
  const [rows, present] = [numberIn(totals, 0), numberIn(totals, 1)];
  const found = await ask(queries.categoryOutline(source, column, CATEGORIES_MAX));
  const categories = found.map((row) => [textIn(row, 0), numberIn(row, 1)] as const);
  const unnamed = present - sum(categories.map(([, count]) => count));
  return { kind: "category", rows, missing: rows - present, categories, unnamed };
}
