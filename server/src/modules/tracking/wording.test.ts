import { expect, test } from "vitest";
import { quoted, realText } from "./wording.ts";

test("texts stand in quotes as Python writes them", () => {
  expect(["a", "it's", 'a"b', `a'b"c`, "a\\b", "a\nb"].map(quoted)).toEqual([
    "'a'",
    `"it's"`,
    `'a"b'`,
    `'a\\'b"c'`,
    "'a\\\\b'",
    "'a\\nb'",
  ]);
});

test("whole numbers end in a point and zero, and what is no number has a word", () => {
  expect([1, -2, 0.5, 1e300, Number.NaN, Number.NEGATIVE_INFINITY].map(realText)).toEqual([
    "1.0",
    "-2.0",
    "0.5",
    "1e+300",
    "nan",
    "-inf",
  ]);
});
