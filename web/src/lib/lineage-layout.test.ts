import type { LineageEdge } from "@atrium/contract/lineage";
import { expect, test } from "vitest";
import { layOut, versionWords } from "./lineage-layout.ts";

const run = { type: "run", id: "owl" };
const january = { type: "dataset", id: "flights", version: "a1b2" };
const february = { type: "dataset", id: "flights", version: "c3d4" };
const version = { type: "model-version", id: "delay", version: "3" };
const edge = (from: LineageEdge["from"], relation: LineageEdge["relation"], to: LineageEdge["to"]) => ({
  from,
  relation,
  to,
  atMs: 0,
});

test("what a run consumed stands before it, what it produced behind it", () => {
  const layout = layOut(run, [
    edge(run, "consumed", january),
    edge(run, "consumed", february),
    edge(run, "produced", version),
  ]);
  const columns = Object.fromEntries(layout.things.map((placed) => [placed.key, placed.column]));
  expect(columns).toEqual({
    "dataset/flights/a1b2": 0,
    "dataset/flights/c3d4": 0,
    "run/owl/": 1,
    "model-version/delay/3": 2,
  });
  const places = layout.things.map((placed) => `${placed.column} ${placed.row}`);
  expect(new Set(places).size).toBe(places.length);
  expect([layout.columns, layout.rows]).toEqual([3, 2]);
});

test("a circle ends and every thing has a place", () => {
  const layout = layOut(run, [edge(run, "produced", version), edge(version, "produced", run)]);
  expect(layout.things).toHaveLength(2);
});

test("a counted version is a number, any other is named as it is", () => {
  expect(versionWords("7")).toBe(" v7");
  expect(versionWords("a1b2c3d4")).toBe(" a1b2c3d4");
  expect(versionWords(undefined)).toBe("");
});
