import { expect, test } from "vitest";
import { bestIndex, betterWay, compareValues } from "./differences.ts";

test("only what differs is marked, a missing value too", () => {
  const lines = compareValues([
    { depth: "6", eta: "0.1" },
    { depth: "8", eta: "0.1" },
    { depth: "8", eta: "0.1", seed: "1" },
  ]);
  expect(lines.map((line) => [line.name, line.differs])).toEqual([
    ["depth", true],
    ["eta", false],
    ["seed", true],
  ]);
  expect(lines[2]?.values).toEqual([undefined, undefined, "1"]);
});

test("the best is the least error and the greatest score", () => {
  expect(bestIndex("val_rmse", [0.5, 0.3, undefined])).toBe(1);
  expect(bestIndex("val_accuracy", [0.5, 0.9, Number.NaN])).toBe(1);
});

test("a name that says nothing has no best", () => {
  expect(betterWay("epochs")).toBeUndefined();
  expect(bestIndex("lr", [1, 2])).toBeUndefined();
});
