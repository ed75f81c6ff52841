import { afterAll, beforeAll, expect, test } from "vitest";
import type { OfflineTable } from "#ports/offline-engine";
import { type DuckdbEngine, openDuckdb } from "../../ports/offline-engine/duckdb.ts";
import { type Computed, computeWindow, digestOf, type WindowInput } from "./compute.ts";
import { askerOf } from "./engine.ts";
import type { WatchedColumn } from "./plan.ts";
import { segmentsOf } from "./plan.ts";
import { binsOf, type Profile } from "./profile.ts";
import { readProfile } from "./reference.ts";
import { generateRows, HOUR_MS, type LoggedRow, labelsOf, labelTable, logTable } from "./testing.ts";

const COLUMNS: WatchedColumn[] = [
  { name: "input_distance", role: "feature", kind: "number" },
  { name: "input_carrier", role: "feature", kind: "category" },
];
const SEGMENTS = segmentsOf({
  source: { kind: "endpoint", endpoint: "e" },
  segments: [{ name: "delta", column: "input_carrier", values: ["DL"] }],
});

let engine: DuckdbEngine;
const profiles = new Map<string, Profile>();
const reference = generateRows({ startMs: 0, rows: 4000, seed: 1 });

beforeAll(async () => {
  engine = openDuckdb();
  const { table, columns } = await logTable(engine, reference);
  const source = { table: "source", columns, time: undefined, key: undefined, span: undefined };
  for (const column of COLUMNS) {
    const ask = askerOf(engine, { source: table }, undefined);
    profiles.set(column.name, await readProfile(ask, source, column));
  }
});
afterAll(() => engine.stop());

test("a profile has every row of the reference in one bin, and a tenth of the values in each decile", () => {
  const bins = binsOf(profileOf("input_distance"));
  expect(bins.reduce((total, bin) => total + bin.rows, 0)).toBe(reference.length);
  const missing = reference.filter((row) => row.input_distance === null).length;
  expect(bins.at(-2)).toMatchObject({ kind: "missing", rows: missing });
  const inner = bins.slice(1, 11).map((bin) => bin.rows);
  for (const rows of inner) expect(Math.abs(rows - (reference.length - missing) / 10)).toBeLessThan(2);
  expect([bins[0]?.rows, bins[11]?.rows]).toEqual([0, 0]);
  expect(
    binsOf(profileOf("input_carrier"))
      .slice(-3)
      .map(({ kind }) => kind),
  ).toEqual(["other", "unseen", "missing"]);
});

test("a window like its reference stays under the noise line, and a shifted one goes far beyond it", async () => {
  const same = find(
    await compute(generateRows({ startMs: 0, rows: 1000, seed: 2 })),
    "all",
    "input_distance",
  );
  expect(same.values.psi).toBeLessThan(same.values.psiNoise ?? 0);
  expect(same.values.ksPValue).toBeGreaterThan(0.01);
  const moved = generateRows({ startMs: 0, rows: 1000, seed: 2, shift: 1 });
  const shifted = find(await compute(moved), "all", "input_distance");
  expect(shifted.values.psi).toBeGreaterThan(0.5);
  expect(shifted.values.wassersteinScaled).toBeCloseTo(1, 1);
  expect(shifted.values.ksPValue).toBeLessThan(1e-20);
});

test("one far value changes one bin and hides nothing", async () => {
  const rows = generateRows({ startMs: 0, rows: 1000, seed: 3 });
  const [first, ...rest] = rows;
  const before = find(await compute(rows), "all", "input_distance").values;
  const after = find(
    await compute([{ ...(first as LoggedRow), input_distance: 1e12 }, ...rest]),
    "all",
    "input_distance",
  ).values;
  expect(after.outOfRangeShare).toBeCloseTo((before.outOfRangeShare ?? 0) + 0.001, 3);
  expect(Math.abs((after.psi ?? 0) - (before.psi ?? 0))).toBeLessThan(0.02);
  expect(Math.abs((after.wasserstein ?? 0) - (before.wasserstein ?? 0))).toBeLessThan(2);
  expect(after.maximum).toBe(1e12);
});

test("segments add up to the whole, and what is too small says so instead of a number", async () => {
  const rows = generateRows({ startMs: 0, rows: 1000, seed: 4 });
  const results = await compute(rows);
  const sizeOf = (segment: string) => find(results, segment, "").rows;
  expect(sizeOf("known") + sizeOf("new")).toBe(sizeOf("all"));
  expect(sizeOf("delta")).toBe(rows.filter((row) => row.input_carrier === "DL").length);
  const small = find(results, "new", "input_distance");
  expect(small).toMatchObject({ insufficient: sizeOf("new") < 200, rows: sizeOf("new") });
  expect(Object.keys(small.values).length === 0).toBe(small.insufficient);
  const few = await compute(generateRows({ startMs: 0, rows: 50, seed: 4 }));
  expect(find(few, "all", "input_distance")).toMatchObject({ insufficient: true, values: {}, rows: 50 });
  expect(find(few, "all", "").values).toEqual({ rows: 50 });
});

test("a category that the reference did not have is unseen and stands in a bin of its own", async () => {
  const rows = generateRows({ startMs: 0, rows: 1000, seed: 5 }).map((row, i) =>
    i % 4 === 0 ? { ...row, input_carrier: "XX" } : row,
  );
  const carrier = find(await compute(rows), "all", "input_carrier");
  expect(carrier.values.unseenShare).toBe(0.25);
  expect(carrier.bins.at(-2)).toBe(250);
  expect(carrier.values.chiSquaredPValue).toBeLessThan(1e-9);
});

test("performance counts those with a label, up to a moment", async () => {
  const rows = generateRows({ startMs: 0, rows: 1000, seed: 6 });
  const labels = labelsOf(rows.slice(0, 500), { receivedMs: 10, error: 2 });
  const late = labelsOf(rows.slice(500), { receivedMs: 20, error: 2 });
  const given = { labels: [...labels, ...late], beforeMs: 15 };
  const { values } = find(await compute(rows, given), "all", "");
  expect(values).toMatchObject({ labelCoverage: 0.5, labelled: 500 });
  expect(values.mae).toBeCloseTo(2, 9);
  expect(values.bias).toBeCloseTo(2, 9);
  expect(find(await compute(rows, { ...given, beforeMs: 30 }), "all", "").values.labelCoverage).toBe(1);
});

test("the same rows give the same bytes, in whatever order they come", async () => {
  const rows = generateRows({ startMs: 0, rows: 2000, seed: 7 });
  const once = digestOf(await compute(rows));
  expect(digestOf(await compute(rows))).toBe(once);
  expect(digestOf(await compute(rows.toReversed()))).toBe(once);
  expect(digestOf(await compute(rows.slice(1)))).not.toBe(once);
});

test("a large window is drawn from for what needs values, the same rows each time, and counted whole", async () => {
  const rows = generateRows({ startMs: 0, rows: 30_000, seed: 8 });
  const distance = find(await compute(rows), "all", "input_distance");
  expect(distance.rows).toBe(30_000);
  expect(distance.bins.reduce((total, one) => total + one, 0)).toBe(30_000);
  expect(distance.sampledRows).toBeGreaterThan(19_000);
  expect(distance.sampledRows).toBeLessThanOrEqual(20_000);
  expect(digestOf(await compute(rows.toReversed()))).toBe(digestOf(await compute(rows)));
});

function profileOf(column: string): Profile {
  return profiles.get(column) as Profile;
}

async function compute(
  rows: readonly LoggedRow[],
  labelled?: { labels: ReturnType<typeof labelsOf>; beforeMs: number },
): Promise<Computed[]> {
  const { table, columns } = await logTable(engine, rows);
  const tables: Record<string, OfflineTable> = { source: table };
  if (labelled !== undefined) tables.labels = (await labelTable(engine, labelled.labels)).table;
  const input: WindowInput = {
    ask: askerOf(engine, tables, undefined),
    source: {
      ...{ table: "source", columns, time: "at_ms", key: "prediction_id" },
      span: { startMs: 0, endMs: HOUR_MS },
    },
    segments: SEGMENTS,
    columns: COLUMNS,
    profileOf: async (column) => profileOf(column),
    rowsMin: 200,
    performance: labelled && { task: "regression", prediction: "output_delay" },
    labels: labelled && { kind: "table", table: "labels", beforeMs: labelled.beforeMs },
  };
  return computeWindow(input);
}

function find(results: readonly Computed[], segment: string, column: string): Computed {
  const found = results.find((one) => one.segment === segment && one.column === column);
  expect(found).toBeDefined();
  return found as Computed;
}
