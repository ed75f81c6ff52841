import type { Checks } from "../faults/lib/checks.ts";
import type { Server } from "../lib/server.ts";
import { ask, deploy, own, until } from "./lib/atrium.ts";

const REQUESTS = 1000;
const SIGMAS = 4; // Of 1000 draws at a tenth: 62 to 138.
const BODY = { instances: [{ a: 1, b: 0.5, n: 1 }] };

/** Shares of traffic, the way back, a full queue, feedback. */
export async function traffic(checks: Checks, server: Server): Promise<void> {
  const second = await deploy(server, "by-onnx", { model: "models:/plain-pyfunc/1", weight: 10 });
  const { routes } = await own(server, "GET /endpoints/by-onnx");
  checks.that("a new deployment takes the share that it was given", routes.length === 2, routes);
  const counts = new Map<string, number>();
  const ids: string[] = [];
  for (let i = 0; i < REQUESTS / 20; i += 1) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => ask(server, "POST /serving/by-onnx/predict", BODY)),
    );
    for (const { body } of answers) {
      counts.set(body.deployment, (counts.get(body.deployment) ?? 0) + 1);
      ids.push(body.predictions?.[0]?.predictionId ?? "");
    }
  }
  const share = counts.get(String(second.number)) ?? 0;
  const spread = SIGMAS * Math.sqrt(REQUESTS * 0.1 * 0.9);
  checks.that("and gets it", Math.abs(share - REQUESTS / 10) < spread, Object.fromEntries(counts));
  checks.that("every prediction has an id of its own", new Set(ids).size === REQUESTS, new Set(ids).size);
  const canary = await own(server, "GET /endpoints/by-onnx/canary");
  checks.that("the canary has a verdict", typeof canary.advice === "string", canary);
  const startedMs = performance.now();
  await own(server, "POST /endpoints/by-onnx/rollback", {});
  const after = await Promise.all(
    Array.from({ length: 50 }, () => ask(server, "POST /serving/by-onnx/predict", BODY)),
  );
  const tookMs = performance.now() - startedMs;
  checks.that(
    "after a rollback all goes to the one before, at once",
    after.every(({ body }) => body.deployment === "1"),
    after[0]?.body,
  );
  checks.figure(`a rollback and 50 predictions after it took ${tookMs.toFixed(0)} ms`);
  await fullQueue(checks, server);
  await feedback(checks, server, ids);
}

async function fullQueue(checks: Checks, server: Server): Promise<void> {
  await own(server, "POST /endpoints", { name: "narrow" });
  await deploy(server, "narrow", {
    model: "models:/plain-pyfunc/1",
    settings: { queueMax: 1, batchRowsMax: 1 },
  });
  const answers = await Promise.all(
    Array.from({ length: 60 }, () => ask(server, "POST /serving/narrow/predict", BODY)),
  );
  const refused = answers.filter(({ status }) => status === 429);
  const good = answers.filter(({ status }) => status === 200);
  checks.that(
    "a full queue answers 429 with when to come again",
    refused.length > 0 && refused.every(({ headers }) => headers.get("retry-after") !== null),
    answers.map(({ status }) => status),
  );
  const other = answers.filter(({ status }) => ![200, 429].includes(status));
  checks.that(
    "the others are answered",
    other.length === 0 && good.length > 0,
    other.map(({ status, body }) => [status, body]),
  );
  await own(server, "DELETE /endpoints/narrow");
}

async function feedback(checks: Checks, server: Server, ids: readonly string[]): Promise<void> {
  const [first = "", second = ""] = ids;
  const send = (predictionId: string) =>
    ask(server, "POST /serving/by-onnx/feedback", { predictionId, label: 1.25 });
  checks.that("feedback is taken", (await send(first)).status === 200);
  const unknown = await send(`${second.slice(0, -1)}${second.endsWith("0") ? "1" : "0"}`);
  checks.that("feedback of an unknown id is a 404", unknown.status === 404, [unknown.status, unknown.body]);
  const list = () => own(server, "GET /endpoints/by-onnx/predictions?pageSize=200");
  const page = await until(list, ({ items }) => items.length >= 200);
  checks.that("predictions are listed", page.items[0].inputs.a === 1, page.items[0]);
  const one = await own(server, `GET /endpoints/by-onnx/predictions/${first}`);
  checks.that("a prediction is shown with its label", one.label?.value === 1.25, one);
  const nowMs = Date.now();
  const stats = await own(
    server,
    `GET /endpoints/by-onnx/stats?fromMs=${nowMs - 3_600_000}&toMs=${nowMs + 60_000}`,
  );
  checks.that("numbers are there", JSON.stringify(stats).includes("predictions"), stats);
}
