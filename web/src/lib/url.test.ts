import { expect, test } from "vitest";
import { formatSort, listOf, nextSort, parseSearch, parseSort, stringifySearch } from "./url.ts";

test("an address and its state are the same thing", () => {
  const state = { filter: "metrics.rmse < 0.5 and params.model = 'xgb'", runs: "a,b", sort: "-started" };
  expect(parseSearch(stringifySearch(state))).toEqual(state);
});

test("empty values leave the address", () => {
  expect(stringifySearch({ filter: "", peek: undefined })).toBe("");
});

test("commas stay readable, and a name given twice is a list", () => {
  expect(stringifySearch({ runs: "a,b" })).toBe("?runs=a,b");
  expect(listOf(parseSearch("?run=a&run=b").run)).toEqual(["a", "b"]);
});

test("clicking a header sorts down, up, then not at all", () => {
  const first = nextSort(undefined, "rmse");
  expect(formatSort(first)).toBe("-rmse");
  const second = nextSort(first, "rmse");
  expect(formatSort(second)).toBe("rmse");
  expect(nextSort(second, "rmse")).toBeUndefined();
});

test("a minus in front means largest first", () => {
  expect(parseSort("-metrics.rmse")).toEqual({ column: "metrics.rmse", direction: "descending" });
});
