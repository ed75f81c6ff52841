import { describe, expect, test } from "vitest";
import { isWithin, parseSource, pathBelow } from "./source.ts";

test.each([
  ["models:/m-0123", { kind: "logged-model", id: "m-0123" }],
  ["models:/churn/12", { kind: "version", name: "churn", version: 12 }],
  ["models:/a b@best", { kind: "alias", name: "a b", alias: "best" }],
  ["runs:/r1/model/x/", { kind: "run", runId: "r1", path: "model/x" }],
  ["runs:/r1", { kind: "run", runId: "r1", path: "" }],
  ["s3://bucket/a%20b..c/x", { kind: "address" }],
  ["address:/1/r1/artifacts", { kind: "address" }],
])("the source %s is understood", (source, understood) => {
  expect(parseSource(source, "model")).toEqual(understood);
});

test("a prompt's source may be any word but no local path", () => {
  expect(parseSource("prompt-template", "prompt")).toEqual({ kind: "address" });
  for (const source of ["/etc/passwd", "file:///etc/passwd", "\\\\host\\share"]) {
    expect(() => parseSource(source, "prompt")).toThrow("Local source paths are not allowed for prompts.");
  }
});

describe("a model's source is refused:", () => {
  test.each([
    ["", /^Missing value for required parameter 'source'/],
    ["/etc", /To use a local path as a model version source/],
    ["file:///etc", /To use a local path/],
    ["relative/path", /To use a local path/],
    ["C:\\models", /To use a local path/],
    ["s3://b/../x", /without relative path references present/],
    ["s3://b/..\\x", /without relative path references present/],
    ["s3://b/%252e%252e/x", /without relative path references present/],
    ["models:/churn", /^Invalid model version source: 'models:\/churn'/],
    ["models:/churn/latest", /^Invalid model version source/],
    ["models:/a/b/1", /^Invalid model version source/],
    ["s3://b/\0", /character that is not Unicode, or NUL/],
    [`s3://${"x".repeat(2000)}`, /exceeds the maximum length/],
  ])("%j", (source, message) => {
    expect(() => parseSource(source, "model")).toThrow(message);
  });
});

test("a path lies in a folder or it does not", () => {
  expect(isWithin("1/r1/artifacts", "1/r1/artifacts", "s")).toBe(true);
  expect(isWithin("1/r1/artifacts/m", "1/r1/artifacts", "s")).toBe(true);
  expect(isWithin("1/r1/artifacts2", "1/r1/artifacts", "s")).toBe(false);
  for (const path of [
    "1/r1/artifacts/../../r2",
    "1/r1/artifacts/%2e%2e/x",
    "1/r1/artifacts//x",
    "1/r1/artifacts/.",
  ]) {
    expect(() => isWithin(path, "1/r1/artifacts", "s")).toThrow("without relative path references");
    expect(() => pathBelow("1", path, "s")).toThrow("without relative path references");
  }
  expect(pathBelow("1/r1/artifacts", "", "s")).toBe("1/r1/artifacts");
  expect(pathBelow("1/r1/artifacts", "m", "s")).toBe("1/r1/artifacts/m");
});
