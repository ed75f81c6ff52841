import type { NotebookCell } from "@atrium/contract/notebooks";
import { expect, test } from "vitest";
import { declaredParameters, shownValue, typedValue } from "./parameters.ts";

function cell(source: string, tags: string[]): NotebookCell {
  const rest = { executionCount: null, state: null, startedMs: null, endedMs: null, outputs: [] };
  return { id: source.slice(0, 8), kind: "code", source, tags, ...rest };
}

const CELLS = [
  cell("import pandas", []),
  cell(
    `origin = 'SEA'  # where it departs
days: int = 7
share = 0.25
label = "a # in a text"
live = True
none = None
today = datetime.now()
  indented = 1`,
    ["parameters"],
  ),
];

test("each plain assignment of the tagged cell is a parameter with its default", () => {
  const found = declaredParameters(CELLS);
  expect(found.map((one) => [one.name, one.default])).toEqual([
    ["origin", "SEA"],
    ["days", 7],
    ["share", 0.25],
    ["label", "a # in a text"],
    ["live", true],
    ["none", null],
    ["today", undefined],
  ]);
  expect(found[0]?.note).toBe("where it departs");
  expect(declaredParameters([cell("x = 1", [])])).toEqual([]);
});

test("what was typed is a value of the default's kind", () => {
  const [origin, days, , , live] = declaredParameters(CELLS);
  expect(typedValue("42", origin)).toBe("42");
  expect(typedValue("42", days)).toBe(42);
  expect(typedValue("False", live)).toBe(false);
  expect(typedValue("[1, 2]", undefined)).toEqual([1, 2]);
  expect(typedValue("two words", undefined)).toBe("two words");
  expect(shownValue("two words")).toBe("two words");
  expect(shownValue([1])).toBe("[1]");
});
