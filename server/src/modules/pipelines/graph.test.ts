import { expect, test } from "vitest";
import { controlFlow } from "../../testing/pipelines.ts";
import { graphOf } from "./graph.ts";

test("a version's graph has every task once, behind the box it is in, waiting only for its siblings", () => {
  const boxes = graphOf(controlFlow());
  const seen = new Set([""]);
  for (const { path, parent, after } of boxes) {
    expect(seen).toContain(parent);
    expect(seen).not.toContain(path);
    for (const sibling of after) expect(boxes.find((one) => one.path === sibling)?.parent).toBe(parent);
    seen.add(path);
  }
  expect(new Set(boxes.map(({ kind }) => kind))).toEqual(new Set(["code", "group", "loop", "import"]));
  expect(boxes.filter(({ condition }) => condition !== undefined).length).toBeGreaterThan(3);
});
