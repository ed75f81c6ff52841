import { expect, test } from "vitest";
import { AppError } from "#lib/errors";
import { parseSource } from "./sources.ts";

test("every form in which clients name a model's files is understood", () => {
  expect(parseSource("mlflow-artifacts:/1/r/artifacts/m/")).toEqual({
    kind: "artifacts",
    path: "1/r/artifacts/m",
  });
  expect(parseSource("runs:/abc/model/dir")).toEqual({ kind: "run", runId: "abc", path: "model/dir" });
  expect(parseSource("models:/m-0123abc")).toEqual({ kind: "logged-model", modelId: "m-0123abc" });
  expect(parseSource("models:/fraud/3")).toEqual({ kind: "version", name: "fraud", version: 3 });
  expect(parseSource("models:/fraud@champion")).toEqual({ kind: "alias", name: "fraud", alias: "champion" });
  expect(parseSource("models:/fraud/Latest")).toEqual({ kind: "latest", name: "fraud", stage: undefined });
  expect(parseSource("models:/fraud/staging")).toEqual({ kind: "latest", name: "fraud", stage: "staging" });
  expect(parseSource("s3://bucket/path")).toEqual({ kind: "elsewhere" });
});

test("files of this or another machine, other servers and tricks are refused", () => {
  const bad = [
    "/etc/passwd",
    "file:///etc",
    "relative/path",
    "http://host/x",
    "ftp://host/x",
    "mlflow-artifacts://other:5000/1/r",
    "mlflow-artifacts:",
    "s3://bucket/../other",
    "s3://bucket/%2e%2e/other",
    "runs:/abc",
    "runs://host/abc/m",
    "models:/",
    "models:/a/b/c",
    "models://host/name/1",
    "javascript:alert(1)",
  ];
  for (const source of bad) expect(() => parseSource(source), source).toThrow(AppError);
});
