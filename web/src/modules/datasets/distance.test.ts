import type { ColumnProfile } from "@atrium/contract/datasets";
import { expect, test } from "vitest";
import { distanceOf } from "./distance.ts";

const column = { name: "a", type: "DOUBLE", nulls: 0 };
const drawn = (edges: number[], counts: number[]): ColumnProfile => ({
  ...column,
  histogram: { kind: "numbers", edges, counts },
});
const counted = (counts: Record<string, number>): ColumnProfile => ({
  ...column,
  top: Object.entries(counts).map(([value, count]) => ({ value, count })),
});

test("the same shape has no distance, however many rows there are", () => {
  expect(distanceOf(drawn([0, 1, 2], [5, 15]), drawn([0, 1, 2], [50, 150]))).toBe(0);
  expect(distanceOf(counted({ a: 1, b: 3 }), counted({ b: 300, a: 100 }))).toBe(0);
});

test("values that share no place are as far apart as can be", () => {
  expect(distanceOf(drawn([0, 1], [9]), drawn([5, 6], [9]))).toBe(1);
  expect(distanceOf(counted({ a: 4 }), counted({ b: 4 }))).toBe(1);
  expect(distanceOf(undefined, counted({ a: 4 }))).toBe(1);
});

test("a shift by half a bin is a gap of half the shares, and a column of one value has a place", () => {
  expect(distanceOf(drawn([0, 1], [10]), drawn([0.5, 1.5], [10]))).toBeCloseTo(0.5);
  expect(distanceOf(drawn([3, 3], [10]), drawn([3, 3], [7]))).toBe(0);
});
