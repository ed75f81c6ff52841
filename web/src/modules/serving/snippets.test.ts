import type { Deployment, ServingEndpoint } from "@atrium/contract/serving";
import { expect, test } from "vitest";
import { filled, instancesOf, isFlat, typedValue } from "./example.ts";
import { mlflowSnippet, pythonText, requestsSnippet, tritonSnippet } from "./snippets.ts";

const matrix = {
  inputs: [{ name: "X", datatype: "FP32", shape: [-1, 3] }],
  outputs: [{ name: "Y", datatype: "FP32", shape: [-1, 1] }],
  weight: 100,
} as Deployment;
const columns = {
  inputs: [
    { name: "hour", datatype: "INT64", shape: [-1, 1] },
    { name: "carrier", datatype: "BYTES", shape: [-1, 1] },
  ],
  outputs: [{ name: "delay", datatype: "FP64", shape: [-1] }],
  weight: 100,
} as Deployment;
const endpoint = (of: Partial<ServingEndpoint>) =>
  ({ name: "delay", input: { kind: "direct" }, deployments: [matrix], ...of }) as ServingEndpoint;
const at = (of: Partial<ServingEndpoint>) => ({
  origin: "http://127.0.0.1:7400",
  project: "flights",
  endpoint: endpoint(of),
  instances: instancesOf(endpoint(of)),
});

test("a JSON value is written as Python reads it", () => {
  expect(pythonText({ a: true, b: null, c: [1.5, 'x"y'] })).toBe(
    '{"a": True, "b": None, "c": [1.5, "x\\"y"]}',
  );
});

test("an example is the saved one, else made of the inputs' types", () => {
  expect(instancesOf(endpoint({ example: { instances: [{ a: 1 }] } }))).toEqual([{ a: 1 }]);
  expect(instancesOf(endpoint({}))).toEqual([{ X: [0, 0, 0] }]);
  expect(instancesOf(endpoint({ deployments: [columns] }))).toEqual([{ hour: [0], carrier: ["text"] }]);
  expect(instancesOf(endpoint({ deployments: [] }))).toEqual([{}]);
  expect(filled([2, 1000], 0)).toHaveLength(2);
});

test("a form is for one row of plain values, and keeps their kinds", () => {
  expect(isFlat([{ a: 1, b: null }])).toBe(true);
  expect(isFlat([{ a: [1] }])).toBe(false);
  expect(isFlat([{ a: 1 }, { a: 2 }])).toBe(false);
  expect([typedValue("2.5", 1), typedValue("", 1), typedValue("true", false), typedValue("7", "x")]).toEqual([
    2.5,
    null,
    true,
    "7",
  ]);
});

test("snippets name the project's address and never a token", () => {
  const of = at({ example: { instances: [{ a: 1, b: 2, c: 3 }] } });
  expect(requestsSnippet(of)).toContain('"http://127.0.0.1:7400/p/flights/serving/delay/predict"');
  expect(mlflowSnippet(of)).toContain('/p/flights/serving/delay/invocations"');
  const triton = tritonSnippet(of);
  expect(triton).toContain('InferenceServerClient("127.0.0.1:7400/p/flights")');
  expect(triton).toContain('InferInput("X", np.shape([[1, 2, 3]]), "FP32")');
  for (const snippet of [requestsSnippet(of), mlflowSnippet(of), triton])
    expect(snippet).toContain("os.environ['ATRIUM_TOKEN']");
});

test("past the join a model with one matrix is asked with a matrix", () => {
  const of = at({ input: { kind: "entities", featureService: "delay", requestValues: [] } });
  expect(mlflowSnippet(of)).toContain('rows = np.array([[0, 0, 0]], dtype="float32")');
  expect(tritonSnippet(of)).toContain('print(answer.as_numpy("Y"))');
});

test("a model with named columns gets a tensor a column, of its own type", () => {
  const triton = tritonSnippet(
    at({ deployments: [columns], example: { instances: [{ hour: 7, carrier: "AA" }] } }),
  );
  expect(triton).toContain('InferInput("hour", np.shape([[7]]), "INT64")');
  expect(triton).toContain('np.array([["AA"]], dtype=np.dtype("object"))');
});
