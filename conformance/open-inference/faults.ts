import { readdirSync, readFileSync } from "node:fs";
import type { Checks } from "../faults/lib/checks.ts";
import type { Server } from "../lib/server.ts";
import { ask, own, until } from "./lib/atrium.ts";

const BODY = { instances: [{ a: 1, b: 0.5, n: 1 }] };
const UNFLUSHED_MS = 1000; // The log reaches the disk every 200 ms; on a busy machine some later.

const LEFT_BEHIND_MS = 180_000;

/** An engine is killed under load, then the server. */
export async function faults(
  checks: Checks,
  server: Server,
  startAgain: () => Promise<Server>,
): Promise<Server> {
  await engineKilled(checks, server);
  const sent = await Promise.all(
    Array.from({ length: 50 }, () => ask(server, "POST /serving/by-onnx/predict", BODY)),
  );
  const ids: string[] = sent.map(({ body }) => body.predictions?.[0]?.predictionId);
  await new Promise((resolve) => setTimeout(resolve, UNFLUSHED_MS));
  await server.kill();
  const again = await startAgain();
  await until(
    () => ask(again, "POST /serving/by-onnx/predict", BODY),
    ({ status }) => status === 200,
  );
  checks.that("after kill -9 of the server the endpoint answers again", true);
  const look = (id: string) => ask(again, `GET /api/atrium/v1/endpoints/by-onnx/predictions/${id}`);
  // Where several servers may share the folder, a journal counts as left behind after a minute.
  await until(
    () => look(ids[0] ?? ""),
    ({ status }) => status === 200,
    LEFT_BEHIND_MS,
  ).catch(() => undefined);
  const missing: string[] = [];
  for (const id of ids) if ((await look(id)).status !== 200) missing.push(id);
  checks.that("no prediction that had been flushed is lost", missing.length === 0, missing);
  const { status } = await ask(again, "POST /serving/by-onnx/feedback", { predictionId: ids[0], label: 1 });
  checks.that("and their feedback is taken", status === 200, status);
  return again;
}

async function engineKilled(checks: Checks, server: Server): Promise<void> {
  const before = enginesOf(server.pid);
  const statuses: number[] = [];
  const load = Array.from({ length: 8 }, async () => {
    for (let i = 0; i < 60; i += 1)
      statuses.push((await ask(server, "POST /serving/by-onnx/predict", BODY)).status);
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  for (const pid of before) process.kill(pid, "SIGKILL");
  await Promise.all(load);
  const failed = statuses.filter((status) => status !== 200);
  checks.that("killed engines were there", before.length > 0, before);
  checks.that(
    "only what was in flight fails, as 503",
    failed.length <= 8 && failed.every((one) => one === 503),
    failed,
  );
  const after = await ask(server, "POST /serving/by-onnx/predict", BODY);
  checks.that("the engine is back", after.status === 200, after.body);
  const { deployments } = await own(server, "GET /endpoints/by-onnx");
  checks.that(
    "and is shown as ready",
    deployments.some((one: { state: string }) => one.state === "ready"),
    deployments,
  );
}

/** Processes below the server whose program is the engine of ONNX models. */
function enginesOf(server: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
        return (
          parent === String(server) &&
          readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("onnx/src/child.ts")
        );
      } catch {
        return false; // It ended meanwhile.
      }
    })
    .map(Number);
}
