import type { Checks } from "../faults/lib/checks.ts";
import type { Server } from "../lib/server.ts";
import { ask, deploy, own, until } from "./lib/atrium.ts";

const TIMEOUT_MS = 10_000; // A Python engine is back within half of it.

/** A model that crashes or hangs its worker harms whom it worked for, and nobody else. */
export async function misbehaving(checks: Checks, server: Server): Promise<void> {
  await own(server, "POST /endpoints", { name: "odd" });
  const settings = { timeoutMs: TIMEOUT_MS, batchRowsMax: 1 };
  await deploy(server, "odd", { model: "models:/scripted/1", settings });
  const say = (word: string) => ask(server, "POST /serving/odd/predict", { instances: [{ word }] });
  const first = await say("hello");
  checks.that(
    "the first caller is not the model's first: it was warmed up",
    first.body.predictions?.[0]?.prediction === "hello 2",
    first.body,
  );
  const refused = await say("fail");
  checks.that(
    "what a model throws is told in its words",
    refused.status === 400 && /this word is not for me/.test(JSON.stringify(refused.body)),
    [refused.status, refused.body],
  );
  await say("print");
  const crashed = say("exit");
  const waiting = await Promise.all(Array.from({ length: 5 }, () => say("after")));
  const { status, body, headers } = await crashed;
  checks.that(
    "whose request crashed the worker is told to come again",
    status === 503 && headers.get("retry-after") !== null && body.error_code === "TEMPORARILY_UNAVAILABLE",
    [status, body],
  );
  checks.that(
    "who waited behind it is answered by the next worker",
    waiting.every((one) => one.status === 200),
    waiting.map((one) => [one.status, one.body]),
  );
  const hung = await say("hang");
  checks.that("a hanging model is a 504", hung.status === 504, [hung.status, hung.body]);
  const after = await until(
    () => say("again"),
    (one) => one.status === 200,
  );
  checks.that("and the next worker answers", after.status === 200, after.body);
}
