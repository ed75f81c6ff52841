import type { ServingEndpoint } from "@atrium/contract/serving";
import type { Api } from "./api.ts";
import { linearOnnx } from "./onnx-model.ts";
import { DATASET, SERVICE, until, VIEW } from "./seed-data.ts";

export const SERVED_MODEL = "departure-delay";
/** Asked by entity ids; two deployments share its traffic. */
export const ENDPOINT = "flight-delay";
/** Asked by the model's own inputs. */
export const DIRECT_ENDPOINT = "taxi-out";

const MINUTE_MS = 60_000;
const REPLAYED_MINUTES = 55;
const AIRPORTS = ["SEA", "JFK", "ATL", "ORD", "DFW", "DEN", "SFO", "LAX"];
const COLUMNS = ["mean_delay_7d", "count_1d", "hour"];

const mlmodel = (columns: readonly string[]) => `artifact_path: model
flavors:
  onnx:
    data: model.onnx
    onnx_version: 1.19.0
signature:
  inputs: '${JSON.stringify(columns.map((name) => ({ type: "float", name, required: true })))}'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 1]}}]'
  params: null
saved_input_example_info:
  artifact_path: input_example.json
  type: dataframe
`;

/** Real ONNX models behind two endpoints, an hour of traffic that ended just now, and some of it labelled. */
export async function seedServing(api: Api, project: string, experiment: string): Promise<void> {
  const { ours } = api.inProject(project);
  await ours("POST", "/models", { name: SERVED_MODEL, tags: { team: "ops" } });
  const model = { columns: COLUMNS, example: [4.2, 61, 17] };
  await registerOnnx(api, { project, experiment, ...model, weights: [0.8, 0.01, 0.45], bias: -2 });
  await registerOnnx(api, { project, experiment, ...model, weights: [0.7, 0.012, 0.5], bias: -1.5 });
  await ours("PUT", `/models/${SERVED_MODEL}/aliases/champion`, { version: 2 });
  await ours("POST", "/endpoints", {
    name: ENDPOINT,
    description: "Minutes of delay at departure, by **airport** and hour.",
    input: {
      kind: "entities",
      featureService: SERVICE,
      requestValues: [
        { name: "hour", type: "number" },
        { name: "carrier", type: "string" },
      ],
      coldStart: {
        knownBy: [VIEW],
        chain: [
          { kind: "defaults", shareMax: 0.5 },
          { kind: "segment", dataset: DATASET, version: 1, by: ["carrier"], column: "delay" },
          { kind: "constant", value: 12 },
        ],
      },
    },
  });
  await ours("POST", "/endpoints", { name: DIRECT_ENDPOINT });
  await deployed(ours, ENDPOINT, { model: `models:/${SERVED_MODEL}/1` });
  await deployed(ours, DIRECT_ENDPOINT, { model: `models:/${SERVED_MODEL}/1` });
  await replay(ours, ENDPOINT);
  await deployed(ours, ENDPOINT, { model: `models:/${SERVED_MODEL}@champion`, weight: 20 });
  await traffic(ours, ENDPOINT);
}

type Ours = <T>(method: string, path: string, body?: unknown) => Promise<T>;

async function registerOnnx(
  api: Api,
  of: {
    project: string;
    experiment: string;
    columns: readonly string[];
    example: readonly number[];
    weights: readonly number[];
    bias: number;
  },
): Promise<void> {
  const { project, experiment, columns, example } = of;
  const { ours, mlflow } = api.inProject(project);
  const made = await mlflow<{ model: { info: { model_id: string } } }>("/logged-models", {
    experiment_id: experiment,
    name: "model",
    model_type: "onnx",
  });
  const { model_id } = made.model.info;
  const folder = `${experiment}/models/${model_id}/artifacts`;
  const saved = { dataframe_split: { columns, data: [example] } };
  const text = (words: string) => new TextEncoder().encode(words);
  await api.upload(project, `${folder}/MLmodel`, text(mlmodel(columns)));
  await api.upload(project, `${folder}/serving_input_example.json`, text(JSON.stringify(saved)));
  await api.upload(project, `${folder}/model.onnx`, linearOnnx(of.weights, of.bias));
  await mlflow(`/logged-models/${model_id}`, { model_id, status: "LOGGED_MODEL_READY" }, "PATCH");
  await ours("POST", `/models/${SERVED_MODEL}/versions`, { loggedModelId: model_id });
}

/** Deploys, and waits until it takes its share. */
async function deployed(ours: Ours, endpoint: string, body: object): Promise<void> {
  const { id } = await ours<{ id: string }>("POST", `/endpoints/${endpoint}/deployments`, body);
  await until(
    () => ours<ServingEndpoint>("GET", `/endpoints/${endpoint}`),
    ({ deployments }) => {
      const found = deployments.find((one) => one.id === id);
      if (found?.state === "failed") throw new Error(found.reason);
      return found?.state === "ready" && found.weight > 0;
    },
  );
}

const flight = (at: number) => ({
  origin: AIRPORTS[at % AIRPORTS.length] ?? "SEA",
  hour: (at * 5) % 24,
  carrier: at % 2 === 0 ? "AA" : "DL",
});

/** What was asked in the last hour, under its own times: waves, so that there is something to see. */
async function replay(ours: Ours, endpoint: string): Promise<void> {
  const nowMs = Date.now();
  for (let minute = REPLAYED_MINUTES; minute > 0; minute--) {
    const count = Math.round(90 + 60 * Math.sin(minute / 6));
    const instances = Array.from({ length: count }, (_, at) =>
      at % 30 === 0 ? { ...flight(minute), origin: "XNA", carrier: "ZZ" } : flight(minute + at),
    );
    await ours("POST", `/endpoints/${endpoint}/predict`, { instances, atMs: nowMs - minute * MINUTE_MS });
  }
}

/** Enough for the canary's verdict to have figures, and labels for some of it. */
async function traffic(ours: Ours, endpoint: string): Promise<void> {
  const feedback: { predictionId: string; label: number }[] = [];
  for (let request = 0; request < 60; request++) {
    const instances = Array.from({ length: 5 }, (_, at) => flight(request + at));
    const { predictions } = await ours<{ predictions: { predictionId: string; prediction: number }[] }>(
      "POST",
      `/endpoints/${endpoint}/predict`,
      { instances },
    );
    const [first] = predictions;
    if (first) feedback.push({ predictionId: first.predictionId, label: Math.round(first.prediction) + 1 });
  }
  await ours("POST", `/endpoints/${endpoint}/feedback`, { feedback });
}
