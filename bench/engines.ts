/* Engines beside what computes in them, at 16 callers: `PYTHON=… node bench/engines.ts [seconds]`. Prints answers a second and ratios. */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { engines, makeModels, python, specOf } from "../conformance/engines/lib/models.ts";
import { floats } from "../conformance/engines/lib/values.ts";
import type { Engine } from "../server/src/ports/engines/engines.ts";

/** As much of the runtime as is measured; it belongs to the package `onnx`, which this folder does not depend on. */
interface Runtime {
  InferenceSession: {
    create(model: Uint8Array, options: object): Promise<{ run(feeds: object): Promise<unknown> }>;
  };
  Tensor: new (type: string, data: Float32Array, shape: readonly number[]) => unknown;
}

const CALLERS = 16;
const FEATURES = 128;
const seconds = Number(process.argv[2] ?? 5);
const values = Array.from({ length: FEATURES }, (_, at) => Math.sin(at));

// One row again and again, as a client of a scoring server would send it, without the server.
const BARE_PREDICT = `
import json, sys, time
import mlflow.pyfunc
import pandas as pd
model = mlflow.pyfunc.load_model(sys.argv[1])
row = pd.DataFrame({"a": [1.0], "b": [0.5], "n": [1]})
model.predict(row)
end, count = time.perf_counter() + float(sys.argv[2]), 0
while time.perf_counter() < end:
    model.predict(row)
    count += 1
print(count / float(sys.argv[2]))
`;

const models = makeModels();
const all = engines();
try {
  await onnx();
  await pyfunc();
} finally {
  await all.stop();
  rmSync(models, { recursive: true, force: true });
}

async function onnx(): Promise<void> {
  const require = createRequire(join(import.meta.dirname, "../onnx/package.json"));
  const { InferenceSession, Tensor } = require("onnxruntime-node") as Runtime;
  const file = readFileSync(join(models, "mlp/model.onnx"));
  const session = await InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const x = new Tensor("float32", Float32Array.from(values), [1, FEATURES]);
  const bare = await rate(() => session.run({ x }));
  say(`session.run in this process        ${bare.toFixed(0)}/s`);
  const engine = await all.open(specOf(models, "mlp", { kind: "onnx" }));
  const row = [floats("x", [1, FEATURES], values)];
  const ours = await rate(() => engine.infer(row));
  tell("onnx engine, one row", { ours, bare }, engine);
  await engine.close();
}

async function pyfunc(): Promise<void> {
  const done = spawnSync(python, ["-B", "-c", BARE_PREDICT, join(models, "columns"), String(seconds)], {
    encoding: "utf8",
    env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: "true" },
  });
  const bare = Number(done.stdout.trim().split("\n").at(-1));
  say(`pyfunc.predict in its own process  ${bare.toFixed(0)}/s`);
  const engine = await all.open(specOf(models, "columns", { kind: "pyfunc" }));
  const bytes = Buffer.from(
    JSON.stringify({ dataframe_split: { columns: ["a", "b", "n"], data: [[1, 0.5, 1]] } }),
  );
  const ours = await rate(() => engine.predict({ contentType: "application/json", bytes }));
  tell("pyfunc engine, one row as JSON", { ours, bare }, engine);
  await engine.close();
}

/** Calls a second over all callers, each of which asks again when it is answered. */
async function rate(call: () => Promise<unknown>): Promise<number> {
  for (let at = 0; at < 200; at += 1) await call();
  let count = 0;
  const begun = performance.now();
  const end = begun + seconds * 1000;
  const caller = async () => {
    for (; performance.now() < end; count += 1) await call();
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return (count * 1000) / (performance.now() - begun);
}

function tell(what: string, { ours, bare }: { ours: number; bare: number }, engine: Engine): void {
  const { answered, batches, queueMs, workMs } = engine.stats();
  const mean = (sum: number) => (sum / answered).toFixed(2);
  say(`${what.padEnd(34)} ${ours.toFixed(0)}/s, ${(ours / bare).toFixed(2)} × bare`);
  say(`  waiting ${mean(queueMs)} ms, working ${mean(workMs)} ms; batches ${JSON.stringify(batches)}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
