import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { graphOf } from "./graph.ts";
import { readPlan } from "./ir/read.ts";

const plan = readPlan(readFileSync(join(import.meta.dirname, "fixtures/control_flow.yaml"), "utf8"));

test("a version's graph has every task once, behind the box it is in, waiting only for its siblings", () => {
  const boxes = graphOf(plan);
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
