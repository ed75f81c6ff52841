import { expect, test } from "vitest";
import { type GraphStep, LEAF, layOutGraph } from "./graph-layout.ts";

const step = (path: string, after: string[] = [], kind: GraphStep["kind"] = "code"): GraphStep => ({
  path,
  name: path.split("/").at(-1) ?? path,
  kind,
  parent: path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "",
  after,
});

const none = new Set<string>();
const boxAt = (steps: GraphStep[], path: string, folded: ReadonlySet<string> = none) => {
  const box = layOutGraph(steps, folded).boxes.find((one) => one.step.path === path);
  if (!box) throw new Error(`${path} is not drawn`);
  return box;
};

test("a step stands to the right of all that it waits for", () => {
  const steps = [step("c", ["a", "b"]), step("a"), step("b", ["a"])];
  expect(boxAt(steps, "a").left).toBeLessThan(boxAt(steps, "b").left);
  expect(boxAt(steps, "b").left).toBeLessThan(boxAt(steps, "c").left);
});

test("a box holds its children whole, and what waits for it stands clear of it", () => {
  const steps = [step("loop", [], "loop"), step("loop/x"), step("loop/y", ["loop/x"]), step("end", ["loop"])];
  const [loop, y, end] = [boxAt(steps, "loop"), boxAt(steps, "loop/y"), boxAt(steps, "end")];
  expect(y.left + y.width).toBeLessThanOrEqual(loop.left + loop.width);
  expect(y.top + y.height).toBeLessThanOrEqual(loop.top + loop.height);
  expect(end.left).toBeGreaterThan(loop.left + loop.width);
});

test("siblings without an order never lie on one another", () => {
  const steps = [step("g", [], "group"), step("g/a"), step("g/b"), step("h")];
  const [g, h] = [boxAt(steps, "g"), boxAt(steps, "h")];
  expect(h.top).toBeGreaterThanOrEqual(g.top + g.height);
});

test("a folded box is as small as a step, and neither its children nor their arrows are drawn", () => {
  const steps = [step("g", [], "group"), step("g/a"), step("g/b", ["g/a"])];
  const layout = layOutGraph(steps, new Set(["g"]));
  expect(layout.boxes).toHaveLength(1);
  expect(layout.boxes[0]).toMatchObject({ ...LEAF, look: "folded", children: 2 });
  expect(layout.arrows).toEqual([]);
});

test("steps that wait for one another in a circle are still drawn", () => {
  expect(layOutGraph([step("a", ["b"]), step("b", ["a"])], none).boxes).toHaveLength(2);
});

test("a run without steps is an empty drawing", () => {
  expect(layOutGraph([], none)).toEqual({ boxes: [], arrows: [], width: 0, height: 0 });
});
