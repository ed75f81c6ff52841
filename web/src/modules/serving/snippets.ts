import type { Deployment, ServingEndpoint, TensorShape } from "@atrium/contract/serving";
import { filled, type Instance } from "./example.ts";

/** What a snippet is about. */
export interface SnippetAt {
  origin: string;
  project: string;
  endpoint: Pick<ServingEndpoint, "name" | "input" | "deployments">;
  instances: readonly Instance[];
}

export function predictPath({ project, endpoint }: Pick<SnippetAt, "project" | "endpoint">): string {
  return `/p/${project}/serving/${endpoint.name}/predict`;
}

/** A JSON value as Python writes it. */
export function pythonText(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(pythonText).join(", ")}]`;
  if (typeof value === "object")
    return `{${Object.entries(value)
      .map(([name, one]) => `${JSON.stringify(name)}: ${pythonText(one)}`)
      .join(", ")}}`;
  return JSON.stringify(value);
}

const BEARER = `{"Authorization": f"Bearer {os.environ['ATRIUM_TOKEN']}"}`;

export function requestsSnippet(at: SnippetAt): string {
  return [
    "import os, requests",
    "",
    "answer = requests.post(",
    `    "${at.origin}${predictPath(at)}",`,
    `    headers=${BEARER},`,
    `    json=${pythonText({ instances: at.instances })},`,
    ")",
    "answer.raise_for_status()",
    'for one in answer.json()["predictions"]:',
    '    print(one["prediction"], one["servedBy"], one["predictionId"])',
  ].join("\n");
}

/** The client's own serializer makes the body, so that dates, bytes and numpy values go as the model was logged. */
export function mlflowSnippet(at: SnippetAt): string {
  return [
    "import os, requests",
    ...rowsLines(at),
    "answer = requests.post(",
    `    "${at.origin}/p/${at.project}/serving/${at.endpoint.name}/invocations",`,
    `    headers={**${BEARER}, "Content-Type": "application/json"},`,
    "    data=convert_input_example_to_serving_input(rows),",
    ")",
    "answer.raise_for_status()",
    'print(answer.json()["predictions"])',
  ].join("\n");
}

/** The request's rows where the endpoint takes the model's inputs; else rows that the model takes past the join. */
function rowsLines({ endpoint, instances }: SnippetAt): string[] {
  const converter = "from mlflow.models import convert_input_example_to_serving_input";
  const inputs = inputsOf(endpoint);
  const [only] = inputs;
  if (endpoint.input.kind === "entities" && only && inputs.length === 1 && only.shape.length > 1) {
    const type = NUMPY[only.datatype] ?? "float32";
    const matrix = `rows = np.array(${pythonText([emptyRow(only)])}, dtype="${type}")`;
    return ["import numpy as np", converter, "", matrix];
  }
  const rows = endpoint.input.kind === "direct" ? instances : [modelRow(inputs)];
  return ["import pandas as pd", converter, "", `rows = pd.DataFrame(${pythonText(rows)})`];
}

const NUMPY: Record<string, string> = {
  BOOL: "bool",
  BYTES: "object",
  FP16: "float16",
  FP32: "float32",
  FP64: "float64",
  INT8: "int8",
  INT16: "int16",
  INT32: "int32",
  INT64: "int64",
  UINT8: "uint8",
  UINT16: "uint16",
  UINT32: "uint32",
  UINT64: "uint64",
};

export function tritonSnippet(at: SnippetAt): string {
  const inputs = inputsOf(at.endpoint);
  const [instance] = at.endpoint.input.kind === "direct" ? at.instances : [];
  const { host, protocol } = new URL(at.origin);
  const secure = protocol === "https:" ? ", ssl=True" : "";
  const tensors = inputs.flatMap((input) => {
    const { name, datatype } = input;
    const value = pythonText([tensorValue(input, { inputs, instance })]);
    return [
      `tensor = http.InferInput("${name}", np.shape(${value}), "${datatype}")`,
      `tensor.set_data_from_numpy(np.array(${value}, dtype=np.dtype("${NUMPY[datatype] ?? "float32"}")))`,
      "inputs.append(tensor)",
    ];
  });
  return [
    "import os",
    "import numpy as np",
    "import tritonclient.http as http",
    "",
    `client = http.InferenceServerClient("${host}/p/${at.project}"${secure})`,
    `headers = ${BEARER}`,
    "inputs = []",
    ...tensors,
    `answer = client.infer("${at.endpoint.name}", inputs, headers=headers)`,
    ...outputsOf(at.endpoint).map(({ name }) => `print(answer.as_numpy("${name}"))`),
  ].join("\n");
}

/** Of the deployment with most traffic; empty until one was ready. */
function inputsOf({ deployments }: SnippetAt["endpoint"]): readonly TensorShape[] {
  return mainOf(deployments)?.inputs ?? [];
}

function outputsOf({ deployments }: SnippetAt["endpoint"]): readonly TensorShape[] {
  return mainOf(deployments)?.outputs ?? [];
}

function mainOf(deployments: readonly Deployment[]): Deployment | undefined {
  const known = deployments.filter(({ inputs }) => inputs.length > 0);
  return [...known].sort((a, b) => b.weight - a.weight)[0];
}

/** A model with one matrix takes the example's columns in their order; else each input has a value of its name. */
function tensorValue(
  input: TensorShape,
  { inputs, instance }: { inputs: readonly TensorShape[]; instance: Instance | undefined },
): unknown {
  const own = instance?.[input.name];
  if (own !== undefined) return input.shape.length > 1 && !Array.isArray(own) ? [own] : own;
  if (instance !== undefined && inputs.length === 1 && input.shape.length === 2)
    return Object.values(instance);
  return emptyRow(input);
}

function emptyRow({ datatype, shape }: TensorShape): unknown {
  const lengths = shape.slice(1).map((length) => Math.max(1, length));
  return filled(lengths, datatype === "BYTES" ? "text" : datatype === "BOOL" ? false : 0);
}

function modelRow(inputs: readonly TensorShape[]): Instance {
  return Object.fromEntries(inputs.map((input) => [input.name, emptyRow({ ...input, shape: [] })]));
}
