import type { Checks } from "../faults/lib/checks.ts";
import type { Server } from "../lib/server.ts";
import { ask, deploy, own, until } from "./lib/atrium.ts";

const HANGS_MS = 3000; // How long a request may take where the model hangs.

/** A model that crashes or hangs its worker harms whom it worked for, and nobody else. */
export async function misbehaving(checks: Checks, server: Server): Promise<void> {
  await Promise.all([crashing(checks, server), hanging(checks, server)]);
}

async function crashing(checks: Checks, server: Server): Promise<void> {
  const say = await serve(server, "odd", { batchRowsMax: 1 });
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
}

async function hanging(checks: Checks, server: Server): Promise<void> {
  const say = await serve(server, "stuck", { timeoutMs: HANGS_MS });
  const hung = await say("hang");
  checks.that("a hanging model is a 504", hung.status === 504, [hung.status, hung.body]);
  const after = await until(
    () => say("again"),
    (one) => one.status === 200,
  );
  checks.that("and the next worker answers", after.status === 200, after.body);
}

async function serve(server: Server, name: string, settings: object) {
  await own(server, "POST /endpoints", { name });
  await deploy(server, name, { model: "models:/scripted/1", settings });
  return (word: string) => ask(server, `POST /serving/${name}/predict`, { instances: [{ word }] });
}
