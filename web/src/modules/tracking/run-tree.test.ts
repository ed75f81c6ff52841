import { expect, test } from "vitest";
import { nestRuns } from "./run-tree.ts";

const none = new Set<string>();
const shown = (rows: { id: string; parentId?: string }[], folded = none) =>
  nestRuns(rows, folded).map((one) => `${"-".repeat(one.depth)}${one.row.id}`);

test("children stand under their parent, in the list's order", () => {
  expect(shown([{ id: "c2", parentId: "p" }, { id: "a" }, { id: "p" }, { id: "c1", parentId: "p" }])).toEqual(
    ["a", "p", "-c2", "-c1"],
  );
});

test("a child whose parent was filtered away stands at the top", () => {
  expect(shown([{ id: "child", parentId: "gone" }])).toEqual(["child"]);
});

test("a folded parent hides its whole family", () => {
  const rows = [{ id: "p" }, { id: "c", parentId: "p" }, { id: "g", parentId: "c" }, { id: "z" }];
  expect(shown(rows, new Set(["p"]))).toEqual(["p", "z"]);
});

test("runs that name each other as parents still appear, once", () => {
  expect(
    shown([
      { id: "a", parentId: "b" },
      { id: "b", parentId: "a" },
    ])
      .map((line) => line.replace("-", ""))
      .sort(),
  ).toEqual(["a", "b"]);
});
