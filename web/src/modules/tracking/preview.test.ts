import { expect, test } from "vitest";
import { parseTable, previewKind } from "./preview.ts";

test("a file's name decides how it is shown, and scripts in pictures are not run", () => {
  expect(previewKind("model/MLmodel")).toBe("text");
  expect(previewKind("plots/roc.PNG")).toBe("image");
  expect(previewKind("report.html")).toBe("html");
  expect(previewKind("picture.svg")).toBe("text");
  expect(previewKind("model/model.pkl")).toBe("none");
});

test("quoted cells keep commas, quotes and lines", () => {
  expect(parseTable('a,b\r\n"x, ""y""","1\n2"\r\n', ",", 10)).toEqual([["a", "b"], ['x, "y"', "1\n2"]]);
});

test("a last line without an end counts, and reading stops at the limit", () => {
  expect(parseTable("a\tb\n1\t2", "\t", 10)).toEqual([["a", "b"], ["1", "2"]]);
  expect(parseTable("1\n2\n3\n", ",", 2)).toHaveLength(2);
});
