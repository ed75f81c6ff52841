import { expect, test } from "vitest";
import { describe, lineOf, positiveOnly, smooth, spreadLabels } from "./lines.ts";

const named = { id: "a", label: "a", colour: "red" };

test("the last value of a bucket is the line, the extremes are its band", () => {
  const line = lineOf({ x: [0, 10], last: [1, 4], min: [0.5, 3], max: [2, 9], count: [5, 5] }, named);
  expect(line).toMatchObject({ x: [0, 10], y: [1, 4], low: [0.5, 3], high: [2, 9] });
});

test("buckets of one point have no band", () => {
  expect(
    lineOf({ x: [0, 1], last: [1, 2], min: [1, 2], max: [1, 2], count: [1, 1] }, named),
  ).not.toHaveProperty("low");
});

test("what is not finite is a gap, not a point at the edge", () => {
  expect(
    lineOf({ x: [0, 1], last: [Number.NaN, 2], min: [1, 2], max: [1, 2], count: [1, 1] }, named).y,
  ).toEqual([null, 2]);
});

test("smoothing starts at the first value and keeps a constant line constant", () => {
  expect(smooth([5, 5, 5], 0.9)).toEqual([5, 5, 5].map((v) => expect.closeTo(v, 10)));
  expect(smooth([2, null, 4], 0.5)).toEqual([2, null, expect.closeTo(10 / 3, 10)]);
  expect(smooth([1, 2], 0)).toEqual([1, 2]);
});

test("zero and below are gaps on a logarithmic axis", () => {
  expect(positiveOnly([1, 0, -2, null, 3])).toEqual([1, null, null, null, 3]);
});

test("labels at one height are spread without leaving the chart", () => {
  const placed = spreadLabels([50, 50, 50, 98], 12, { top: 0, bottom: 90 });
  const sorted = [...placed].sort((a, b) => a - b);
  for (let i = 1; i < sorted.length; i++)
    expect((sorted[i] ?? 0) - (sorted[i - 1] ?? 0)).toBeGreaterThanOrEqual(12);
  expect(Math.max(...placed)).toBeLessThanOrEqual(90);
});

test("a chart can be told in words", () => {
  expect(describe("rmse", [{ ...named, x: [0, 1], y: [1, 0.5] }], String)).toBe(
    "rmse: one line. a ends at 0.5.",
  );
});
