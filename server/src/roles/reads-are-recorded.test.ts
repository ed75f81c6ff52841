import { API_PREFIX } from "@atrium/contract/http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, openHouse } from "../testing/house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

test("whoever reads data is in the trail, once a minute for the same thing", async () => {
  const run = await mlflow("POST", "runs/create", { experiment_id: "0" });
  const id = run.run.info.run_id;
  await mlflow("POST", "registered-models/create", { name: "churn" });
  const file = `0/${id}/artifacts/notes.txt`;
  await house.ask("PUT", `/api/2.0/mlflow-artifacts/artifacts/${file}`, {
    headers: { "content-type": "application/octet-stream" },
    body: "text",
  });
  for (let i = 0; i < 3; i += 1) {
    await mlflow("GET", `runs/get?run_id=${id}`);
    await mlflow("GET", "metrics/get-history?metric_key=loss&max_results=10&run_id=".concat(id));
    await mlflow("POST", "runs/search", { experiment_ids: ["0"] });
    await mlflow("GET", "experiments/get?experiment_id=0");
    await mlflow("GET", "registered-models/get?name=churn");
    await mlflow("GET", "registered-models/search");
    await house.ask("GET", `/api/2.0/mlflow-artifacts/artifacts/${file}`);
  }
  const { text } = await house.ask("GET", `${API_PREFIX}/audit/records?pageSize=500`);
  const actions = (JSON.parse(text).items as { action: string }[]).map(({ action }) => action);
  const reads = [
    "run.read",
    "run.searched",
    "experiment.read",
    "model.read",
    "model.searched",
    "artifact.read",
  ];
  for (const read of reads) {
    const times = actions.filter((action) => action === read).length;
    expect(times, read).toBeGreaterThanOrEqual(1);
    expect(times, read).toBeLessThanOrEqual(2); // Two when the minute turned meanwhile.
  }
});

async function mlflow(method: string, path: string, body?: object) {
  const { status, text } = await house.ask(method, `/api/2.0/mlflow/${path}`, body && { body });
  expect(status, text).toBe(200);
  return JSON.parse(text);
}
