import { echoModel } from "../faults/lib/echo-model.ts";
import { EXIT_FAILURE, type Walk } from "./lib/walk.ts";

const LOG = "/api/2.0/mlflow";

/** As mlflow saves it beside a model. */
const EXAMPLE = Buffer.from('{"dataframe_split": {"columns": ["note"], "data": [["for example"]]}}');

interface Endpoint {
  revision: number;
  deployments: { number: number; state: string; weight: number }[];
}

interface Answered {
  predictions: { prediction: unknown; predictionId: string }[];
}

/** A model is deployed, asked, deployed again beside itself, given its share of the traffic, and taken back. */
export async function serving(walk: Walk): Promise<void> {
  await registers(walk, "echo", echoModel("note"));
  await registers(walk, "noise", Buffer.from("no model at all"));
  await deploysAndPredicts(walk);
  await divides(walk);
  const broken = await walk.atrium(["deploy", "noise", "--model", "models:/noise/1"]);
  walk.checks.that(
    "a model that cannot be loaded is told so, with the engine's reason",
    broken.code === EXIT_FAILURE && /failed: \S/.test(broken.stderr),
    broken,
  );
}

async function deploysAndPredicts({ checks, json, atrium }: Walk): Promise<void> {
  const first = await json<{ state: string }>(
    "deploy",
    "echo",
    "--model",
    "models:/echo/1",
    "--engine",
    "onnx",
  );
  checks.that("deploy makes the endpoint and waits until it is ready", first?.state === "ready", first);
  const asked = '[{"note": "one"}, {"note": "two"}]';
  const answer = await json<Answered>("predict", "echo", "--instances", asked);
  const said = JSON.stringify(answer?.predictions.map(({ prediction }) => prediction));
  checks.that("predict answers each instance", /one.*two/.test(said), answer);
  const example = await atrium(["predict", "echo"]);
  checks.that("predict without instances asks with the endpoint's example", example.code === 0, example);
  const wrong = await atrium(["predict", "echo", "--instances", '{"colour": 1}']);
  checks.that(
    "an instance that the model does not take is refused in the server's words",
    wrong.code === EXIT_FAILURE && /^atrium: .*note/.test(wrong.stderr),
    wrong,
  );
}

async function divides({ checks, json, atrium }: Walk): Promise<void> {
  await json("models alias", "echo", "live", "1");
  const second = await json("deploy", "echo", "--model", "models:/echo@live", "--weight", "10");
  const shown = await json<Endpoint>("endpoints show", "echo");
  checks.that(
    "deploy --weight puts a second deployment beside the first",
    second !== undefined && weights(shown) === "90 10",
    shown,
  );
  const moved = await json<Endpoint>("endpoints traffic", "echo", "1=25", "2=75");
  checks.that("endpoints traffic divides it", weights(moved) === "25 75", moved);
  const back = await json<Endpoint>("endpoints rollback", "echo");
  checks.that("endpoints rollback goes back", weights(back) === "90 10", back);
  const uneven = await atrium(["endpoints", "traffic", "echo", "1=50", "2=60"]);
  checks.that("shares that are not 100 together are refused", uneven.code === EXIT_FAILURE, uneven);
  const listed = await json<{ items: { name: string }[] }>("endpoints list");
  checks.that("endpoints list has it", listed?.items.some(({ name }) => name === "echo") === true, listed);
}

function weights(endpoint: Endpoint | undefined): string {
  const byNumber = [...(endpoint?.deployments ?? [])].sort((a, b) => a.number - b.number);
  return byNumber.map(({ weight }) => weight).join(" ");
}

/** What a training run does: it logs a model and registers it. */
async function registers({ call }: Walk, name: string, model: Buffer): Promise<void> {
  const { experiment_id } = await call<{ experiment_id: string }>(`POST ${LOG}/experiments/create`, { name });
  const begun = { experiment_id, start_time: Date.now() };
  const { run } = await call<{ run: { info: { run_id: string } } }>(`POST ${LOG}/runs/create`, begun);
  const path = `${experiment_id}/${run.info.run_id}/artifacts/model`;
  await call(`PUT /api/2.0/mlflow-artifacts/artifacts/${path}/model.onnx`, model);
  await call(`PUT /api/2.0/mlflow-artifacts/artifacts/${path}/serving_input_example.json`, EXAMPLE);
  await call(`POST ${LOG}/registered-models/create`, { name });
  const version = { name, source: `mlflow-artifacts:/${path}`, run_id: run.info.run_id };
  await call(`POST ${LOG}/model-versions/create`, version);
}
