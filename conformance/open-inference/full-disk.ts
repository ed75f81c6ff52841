import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Checks } from "../faults/lib/checks.ts";
import type { Server } from "../lib/server.ts";
import { ask, own, until } from "./lib/atrium.ts";

const MEBIBYTES = 48;
const MIB = 1024 * 1024;
const WAIT_MS = 120_000; // Only a hang is a failure.
const BODY = { instances: [{ a: 1, b: 0.5, n: 1 }] };

/** A small disk of its own for the prediction log; undefined where this user may mount none. */
export function mountLog(dataDirectory: string): { folder: string; unmount(): void } | undefined {
  const folder = join(dataDirectory, "data/predictions");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const options = `size=${MEBIBYTES}m,mode=700`;
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", options, "atrium-predictions", folder]);
  if (status !== 0) return undefined;
  return { folder, unmount: () => void spawnSync("umount", ["--lazy", folder]) };
}

/** Endpoints go on answering; what the log cannot keep is counted and said, and what it kept stays. */
export async function fullDisk(checks: Checks, server: Server, folder: string): Promise<void> {
  const predict = async () =>
    (await ask(server, "POST /serving/by-onnx/predict", BODY)).body.predictions?.[0]?.predictionId;
  const look = (id: string) => ask(server, `GET /api/atrium/v1/endpoints/by-onnx/predictions/${id}`);
  const stats = () => {
    const nowMs = Date.now();
    return own(server, `GET /endpoints/by-onnx/stats?fromMs=${nowMs - 3_600_000}&toMs=${nowMs + 60_000}`);
  };
  const kept = await predict();
  await until(
    () => look(kept),
    ({ status }) => status === 200,
  );
  const ballast = fill(folder);
  const lost = await predict();
  checks.that("on a full disk predictions are answered", typeof lost === "string", lost);
  const said = await until(stats, ({ notLogged }) => notLogged > 0, 30_000);
  checks.that("what cannot be logged is counted", said.notLogged === 1, said.notLogged);
  const before = await look(kept);
  checks.that("what was logged before is shown", before.status === 200, before.body);
  const after = await look(lost);
  checks.that("what was not is no server's error", [404, 503].includes(after.status), [
    after.status,
    after.body,
  ]);
  const logs = await until(
    () => own(server, `GET /logs?labels=${encodeURIComponent("role=endpoint,endpoint=by-onnx")}&text=full`),
    ({ items }) => items.length > 0,
    WAIT_MS,
  );
  checks.that(
    "and the endpoint's log says so",
    /1 predictions were answered and are not in the log: The disk is full/.test(logs.items[0]?.message),
    logs.items[0],
  );
  rmSync(ballast);
  const again = await predict();
  const found = await until(
    () => look(again),
    ({ status }) => status === 200,
    WAIT_MS,
  );
  checks.that("with space freed the log goes on", found.status === 200, found.body);
}

function fill(folder: string): string {
  const path = join(folder, "ballast");
  const file = openSync(path, "w");
  for (const size of [MIB, 4096]) {
    const block = Buffer.alloc(size);
    try {
      for (;;) writeSync(file, block);
    } catch {
      // No space is left for a block of that size.
    }
  }
  closeSync(file);
  return path;
}
