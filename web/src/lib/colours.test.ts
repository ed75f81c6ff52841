import { expect, test } from "vitest";
import { assignColours } from "./colours.ts";

test("up to ten runs never share a colour", () => {
  const ids = Array.from({ length: 10 }, (_, i) => `run-${i}`);
  expect(new Set(assignColours(ids, new Map()).values()).size).toBe(10);
});

test("a run keeps its colour when others come, go or change places", () => {
  const memory = new Map<string, number>();
  const first = assignColours(["a", "b", "c", "d"], memory);
  const later = assignColours(["z", "d", "y", "b"], memory);
  expect(later.get("d")).toBe(first.get("d"));
  expect(later.get("b")).toBe(first.get("b"));
});

test("the same run alone gets the same colour in every browser", () => {
  expect(assignColours(["bright-owl"], new Map())).toEqual(assignColours(["bright-owl"], new Map()));
});

test("twenty runs use each colour twice", () => {
  const slots = [
    ...assignColours(
      Array.from({ length: 20 }, (_, i) => `r${i}`),
      new Map(),
    ).values(),
  ];
  for (let slot = 0; slot < 10; slot++) expect(slots.filter((s) => s === slot)).toHaveLength(2);
});
