import { expect, test } from "vitest";
import { timelineRows } from "./timeline-rows.ts";

const step = (path: string, startedMs?: number) => ({
  path,
  parent: path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "",
  ...(startedMs === undefined ? {} : { startedMs }),
});

test("steps stand under their box, in the order in which they began, and those still to come last", () => {
  const rows = timelineRows([
    step("later"),
    step("b", 20),
    step("box", 10),
    step("box/y", 12),
    step("box/x", 11),
  ]);
  expect(rows.map((row) => `${"-".repeat(row.depth)}${row.step.path}`)).toEqual([
    "box",
    "-box/x",
    "-box/y",
    "b",
    "later",
  ]);
});
