import { expect, test } from "vitest";
import { signatureOf } from "./signature.ts";

const MLMODEL = `artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
model_size_bytes: 1234
signature:
  inputs: '[{"type": "double", "name": "dep_delay", "required": true}, {"type": "string",
    "name": "carrier''s", "required": false}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]'
  params: null
utc_time_created: '2026-11-26 10:00:00'
`;

test("a folded signature is read as it was written", () => {
  expect(signatureOf(MLMODEL)).toEqual({
    inputs: [
      { name: "dep_delay", type: "double", required: "required" },
      { name: "carrier's", type: "string", required: "optional" },
    ],
    outputs: [{ name: "#1", type: "float64[-1]", required: "required" }],
    params: [],
  });
});

test("a file without a signature, or with one of another tool, has none", () => {
  expect(signatureOf("flavors:\n  onnx: {}\n")).toBeUndefined();
  expect(signatureOf("signature:\n  inputs: 'not json'\n")).toBeUndefined();
});
