import { expect, test } from "vitest";
import { complete, suggest, type Vocabulary } from "./completion.ts";

const vocabulary: Vocabulary = {
  fields: [
    { name: "metrics.rmse", kind: "number" },
    { name: "params.model", kind: "text", values: ["xgb", "forest"] },
    { name: 'tags."a b"', kind: "text" },
  ],
};
const texts = (text: string) => suggest(text, text.length, vocabulary).items.map((item) => item.text);

test("an empty filter offers the fields", () => {
  expect(texts("")).toEqual(["metrics.rmse", "params.model", 'tags."a b"']);
});

test("a field is followed by comparisons that fit its kind", () => {
  expect(texts("metrics.rmse ")).toContain("<=");
  expect(texts("metrics.rmse ")).not.toContain("LIKE");
  expect(texts("params.model ")).toContain("ILIKE");
});

test("known values are offered with their quotes", () => {
  expect(texts("params.model = ")).toEqual(["'xgb'", "'forest'"]);
});

test("a whole condition is followed by and, and then by fields", () => {
  expect(texts("metrics.rmse < 0.5 ")).toEqual(["and"]);
  expect(texts("metrics.rmse < 0.5 and par")).toEqual(["params.model"]);
});

test("a space within quotes does not end a word", () => {
  expect(texts('tags."a b" ')).toContain("LIKE");
});

test("a chosen word replaces the one under the caret and leaves the rest", () => {
  expect(complete("met < 1", { from: 0, caret: 3 }, "metrics.rmse")).toEqual({
    text: "metrics.rmse < 1",
    caret: 13,
  });
});
