import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Checks } from "../faults/lib/checks.ts";
import { engines, specOf } from "./lib/models.ts";
import { lives, outcome, soon } from "./lib/values.ts";

interface Seen {
  pids: number[];
  grandchild: number;
}

/** What a kill -9 of the server leaves: no process, whatever it was doing, and no model after the next start. */
export async function supervision(checks: Checks, models: string): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "lib/victim.ts"), models], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await new Promise<string>((resolve) => child.stdout.setEncoding("utf8").once("data", resolve));
  const { pids, grandchild } = JSON.parse(line) as Seen;
  const all = [...pids, grandchild];
  checks.that("engines at work live, and what a model started", all.every(lives), all);
  const folders = () =>
    readdirSync("/dev/shm").filter(
      (name) => name.startsWith("atrium-model-") && name.includes(`-${child.pid}-`),
    );
  checks.that("the Python model lies in memory", folders().length === 1, folders());
  child.kill("SIGKILL");
  checks.that(
    "a kill -9 of the server leaves no process",
    await soon(() => !all.some(lives)),
    all.map(lives),
  );
  checks.that("its model still lies in memory", folders().length === 1);
  const next = engines();
  checks.that("the next start sweeps it", folders().length === 0);
  await badStarts(checks, models, next);
  await next.stop();
}

async function badStarts(checks: Checks, models: string, all: ReturnType<typeof engines>): Promise<void> {
  const nowhere = await outcome(
    all.open(
      specOf(models, "columns", { kind: "pyfunc", program: { kind: "pyfunc", python: "/nowhere/python" } }),
    ),
  );
  checks.that(
    "an interpreter that is not there is told",
    nowhere.code === "unavailable" && /ENOENT/.test(nowhere.message ?? ""),
    nowhere,
  );
  const slow = await outcome(all.open(specOf(models, "columns", { kind: "pyfunc", startTimeoutMs: 300 })));
  checks.that("a start that takes too long is broken off", /within 0.3 s/.test(slow.message ?? ""), slow);
  const small = await outcome(all.open(specOf(models, "columns", { kind: "pyfunc", memoryMiB: 60 })));
  checks.that(
    "a model that needs more memory is not ready",
    ["exhausted", "unavailable", "invalid"].includes(small.code ?? ""),
    small,
  );
  const noModel = await outcome(
    all.open(specOf(models, "mlp", { kind: "pyfunc", model: { digest: "", async *files() {} } })),
  );
  checks.that(
    "a folder that is no model is invalid in MLflow's words",
    noModel.code === "invalid" && /MLmodel/.test(noModel.message ?? ""),
    noModel,
  );
  const climbing = {
    digest: "",
    async *files() {
      yield { path: "../climbs", sizeBytes: 0, open: async () => Promise.reject(new Error("never")) };
    },
  };
  for (const kind of ["onnx", "pyfunc"] as const) {
    const refused = await outcome(all.open(specOf(models, "mlp", { kind, model: climbing })));
    checks.that(`${kind}: a path that climbs is invalid`, refused.code === "invalid", refused);
  }
}
