import type { Api } from "./api.ts";
import { washPng } from "./picture.ts";
import { seedData } from "./seed-data.ts";
import { seedServing } from "./seed-serving.ts";

export const PROJECT = "flights";
/** A project of its own, so that ten thousand rows slow nothing but their own test. */
export const BULK_PROJECT = "bulk";
export const EMPTY_PROJECT = "fresh";
export const MODEL = "flight-delay";

const BULK_RUNS = 10_000;
const SWEEP_RUNS = 240;
const CURVE_POINTS = 10_000;
const METRICS_A_BATCH = 1000; // The most that one log-batch takes.
const ALGORITHMS = ["xgboost", "lightgbm", "random-forest", "linear"];
const HOUR_MS = 3_600_000;

/** Fills the server as a team would: a sweep, nested runs, long curves, files, registered versions. */
export async function seed(api: Api) {
  await api.ours("POST", "/projects", {
    slug: PROJECT,
    name: "Flights",
    description: "Delays at departure.",
  });
  await api.ours("POST", "/projects", { slug: BULK_PROJECT, name: "Bulk" });
  await api.ours("POST", "/projects", { slug: EMPTY_PROJECT, name: "Fresh" });
  const delay = await experiment(api, "delay-regression");
  const cancel = await experiment(api, "cancellation");
  await seedSweep(api, delay);
  const nested = await seedNested(api, delay);
  const trained = await seedTrained(api, delay);
  const running = await seedRunning(api, cancel);
  const loggedModels = await seedModels(api, delay, trained);
  await seedData(api, PROJECT);
  await seedServing(api, PROJECT, delay);
  await api.all(
    Array.from({ length: BULK_RUNS }, (_, index) => index),
    (index) => seedBulkRun(api, index),
  );
  return { experiments: { delay, cancel }, trained, nested, running, loggedModels, bulkRuns: BULK_RUNS };
}

async function experiment(api: Api, name: string): Promise<string> {
  const { mlflow } = api.inProject(PROJECT);
  const made = await mlflow<{ experiment_id: string }>("/experiments/create", { name });
  return made.experiment_id;
}

interface NewRun {
  experiment: string;
  name: string;
  startMs: number;
  tags?: Record<string, string>;
  params?: Record<string, string>;
  metrics?: Record<string, number | "NaN">;
}

async function run(api: Api, given: NewRun, project = PROJECT): Promise<string> {
  const { mlflow } = api.inProject(project);
  const { experiment: experiment_id, name: run_name, startMs: start_time } = given;
  const made = await mlflow<{ run: { info: { run_id: string } } }>("/runs/create", {
    experiment_id,
    run_name,
    start_time,
    user_id: "Mira Okafor",
    tags: pairs(given.tags ?? {}),
  });
  const run_id = made.run.info.run_id;
  if (given.params ?? given.metrics)
    await mlflow("/runs/log-batch", {
      run_id,
      params: pairs(given.params ?? {}),
      metrics: Object.entries(given.metrics ?? {}).map(([key, value]) => ({
        key,
        value,
        timestamp: start_time + 1000,
        step: 0,
      })),
    });
  return run_id;
}

function pairs(values: Record<string, string>): { key: string; value: string }[] {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

function end(api: Api, run_id: string, how: { status: string; atMs: number }): Promise<unknown> {
  const body = { run_id, status: how.status, end_time: Math.round(how.atMs) };
  return api.inProject(PROJECT).mlflow("/runs/update", body);
}

async function seedSweep(api: Api, delay: string): Promise<void> {
  const now = Date.now();
  await api.all(
    Array.from({ length: SWEEP_RUNS }, (_, index) => index),
    async (index) => {
      const startMs = Math.round(now - (SWEEP_RUNS - index) * 0.4 * HOUR_MS);
      const algorithm = ALGORITHMS[index % ALGORITHMS.length] ?? "";
      const quality = Math.sin(index * 12.9898) * 0.5 + 0.5;
      const id = await run(api, {
        experiment: delay,
        name: `${algorithm}-sweep-${String(index).padStart(3, "0")}`,
        startMs,
        tags: { team: index % 3 === 0 ? "ops" : "research", purpose: "sweep" },
        params: {
          algorithm,
          depth: String(3 + (index % 8)),
          learning_rate: String([0.3, 0.1, 0.03, 0.01][index % 4]),
          features: index % 2 === 0 ? "weather,calendar" : "calendar",
        },
        metrics: { rmse: 9 + quality * 8, mae: 6 + quality * 5, r2: 0.9 - quality * 0.4 },
      });
      const status = index % 17 === 3 ? "FAILED" : index % 29 === 5 ? "KILLED" : "FINISHED";
      await end(api, id, { status, atMs: startMs + 60_000 + quality * 900_000 });
    },
  );
}

async function seedNested(api: Api, delay: string): Promise<string> {
  const startMs = Date.now() - 3 * HOUR_MS;
  const parent = await run(api, {
    experiment: delay,
    name: "cross-validation",
    startMs,
    params: { folds: "5" },
    metrics: { rmse: 10.4 },
  });
  await api.all([1, 2, 3, 4, 5], async (fold) => {
    const child = await run(api, {
      experiment: delay,
      name: `fold-${fold}`,
      startMs: startMs + fold * 1000,
      tags: { "mlflow.parentRunId": parent },
      params: { fold: String(fold) },
      metrics: { rmse: 10 + fold / 5 },
    });
    await end(api, child, { status: "FINISHED", atMs: startMs + fold * 90_000 });
  });
  await end(api, parent, { status: "FINISHED", atMs: startMs + 600_000 });
  return parent;
}

/** Four runs with curves of ten thousand points, data they read, and files of every kind that has a preview. */
async function seedTrained(api: Api, delay: string): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, algorithm] of ALGORITHMS.entries()) {
    const startMs = Date.now() - (4 - index) * 0.25 * HOUR_MS;
    const id = await run(api, {
      experiment: delay,
      name: `bright-owl-${index + 1}`,
      startMs,
      tags: {
        team: "ops",
        "mlflow.source.name": "train.py",
        "mlflow.source.git.commit": "4f0c2e19b7a84f0e9f4d6a1c2b3d4e5f60718293",
        "mlflow.note.content": "Trained on the flights of 2025.\nLate aircraft are in.",
      },
      params: { algorithm, depth: String(6 + index), learning_rate: "0.1", features: "weather,calendar" },
      metrics: { rmse: 9.2 + index, mae: 6.1 + index, r2: 0.88 - index / 20, broken: "NaN" },
    });
    await logCurves(api, { id, startMs, index });
    await logDatasets(api, id);
    await logFiles(api, `${delay}/${id}/artifacts`);
    await end(api, id, { status: "FINISHED", atMs: startMs + 13 * 60_000 });
    ids.push(id);
  }
  return ids;
}

async function logCurves(api: Api, of: { id: string; startMs: number; index: number }): Promise<void> {
  const { id: run_id, startMs, index } = of;
  const points = Array.from({ length: CURVE_POINTS }, (_, step) => step);
  const noise = (step: number) => Math.sin(step * 78.233 + index) * Math.cos(step * 12.9898);
  const curves: [string, (step: number) => number][] = [
    ["train/loss", (step) => 2 / (1 + step / (300 + 200 * index)) + 0.1 + noise(step) * 0.04],
    ["validation/loss", (step) => 2.1 / (1 + step / (320 + 200 * index)) + 0.16 + noise(step + 7) * 0.06],
    ["validation/r2", (step) => 0.9 - 0.8 / (1 + step / 800) - index / 20 + noise(step) * 0.01],
  ];
  for (const [key, at] of curves)
    for (let from = 0; from < points.length; from += METRICS_A_BATCH)
      await api.inProject(PROJECT).mlflow("/runs/log-batch", {
        run_id,
        metrics: points
          .slice(from, from + METRICS_A_BATCH)
          .map((step) => ({ key, value: at(step), step, timestamp: startMs + step * 70 })),
      });
}

async function logDatasets(api: Api, run_id: string): Promise<void> {
  const schema = JSON.stringify({
    mlflow_colspec: ["dep_time", "carrier", "origin", "distance", "wind"].map((name) => ({
      name,
      type: "double",
    })),
  });
  const dataset = (name: string, digest: string, context: string) => ({
    dataset: {
      name,
      digest,
      source_type: "http",
      source: `{"url": "https://data.example.org/${name}"}`,
      schema,
    },
    tags: [{ key: "mlflow.data.context", value: context }],
  });
  await api.inProject(PROJECT).mlflow("/runs/log-inputs", {
    run_id,
    datasets: [
      dataset("flights-2025", "a1b2c3d4", "training"),
      dataset("flights-2026-q1", "e5f60718", "validation"),
    ],
  });
}

async function logFiles(api: Api, folder: string): Promise<void> {
  const text = (words: string) => new TextEncoder().encode(words);
  const carriers = ["AA", "DL", "UA", "WN"];
  const rows = Array.from({ length: 200 }, (_, at) => `${carriers[at % 4]},${at * 3},${(at * 7) % 60}`);
  const files: [string, Uint8Array][] = [
    ["predictions.csv", text(`carrier,flight,delay\n${rows.join("\n")}\n`)],
    ["config.json", text(JSON.stringify({ depth: 6, features: ["weather", "calendar"], seed: 42 }))],
    ["plots/residuals.png", washPng(320, 200)],
    ["report.html", text("<h1>Residuals</h1><p>Mean <b>0.2</b> minutes.</p><script>alert(1)</script>")],
    ["train.log", text(rows.map((_, at) => `epoch ${at} loss ${(2 / (1 + at)).toFixed(4)}`).join("\n"))],
    ["weights.bin", Uint8Array.from({ length: 40_000 }, (_, at) => (at * 31) % 256)],
  ];
  for (const [name, bytes] of files) await api.upload(PROJECT, `${folder}/${name}`, bytes);
}

async function seedRunning(api: Api, cancel: string): Promise<string[]> {
  const ids: string[] = [];
  for (const [index, name] of ["night-shift", "early-bird"].entries())
    ids.push(
      await run(api, {
        experiment: cancel,
        name,
        startMs: Date.now() - (index + 1) * 400_000,
        params: { algorithm: "lightgbm" },
        metrics: { auc: 0.81 + index / 50 },
      }),
    );
  return ids;
}

const DESCRIPTION = `# Flight delay
Predicts the **departure delay** in minutes.

- weather and calendar features
- trained every night

Not for *cancellations*; see [the runbook](https://example.org/runbook).`;

const SIGNATURE_INPUTS = `[{"type": "double", "name": "dep_time", "required": true}, {"type": "string", "name":
    "carrier", "required": true}, {"type": "double", "name": "wind", "required": false}]`;
const MLMODEL = `artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
signature:
  inputs: '${SIGNATURE_INPUTS}'
  outputs: '[{"type": "double", "name": "delay_minutes", "required": true}]'
  params: null
`;

/** A logged model a run, each registered as a version; aliases that have moved. */
async function seedModels(api: Api, delay: string, runs: readonly string[]): Promise<string[]> {
  const { ours } = api.inProject(PROJECT);
  const logged: string[] = [];
  const setAlias = (alias: string, version: number) =>
    ours("PUT", `/models/${MODEL}/aliases/${alias}`, { version });
  await ours("POST", "/models", {
    name: MODEL,
    description: DESCRIPTION,
    tags: { team: "ops", domain: "departures" },
  });
  for (const [index, runId] of runs.entries()) {
    const loggedModelId = await logModel(api, delay, { runId, index });
    logged.push(loggedModelId);
    const description = index === 0 ? "The first one." : `Deeper by ${index}.`;
    const tags = { depth: String(6 + index) };
    await ours("POST", `/models/${MODEL}/versions`, { loggedModelId, description, tags });
  }
  await setAlias("champion", 1);
  await setAlias("challenger", 2);
  await setAlias("champion", 2);
  await setAlias("challenger", 4);
  for (const name of ["cancellation-risk", "taxi-time", "crew 100% standby"])
    await ours("POST", "/models", { name, tags: { team: "research" } });
  return logged;
}

async function logModel(api: Api, delay: string, of: { runId: string; index: number }): Promise<string> {
  const { mlflow } = api.inProject(PROJECT);
  const made = await mlflow<{ model: { info: { model_id: string } } }>("/logged-models", {
    experiment_id: delay,
    name: "model",
    model_type: "sklearn",
    source_run_id: of.runId,
    params: pairs({ depth: String(6 + of.index) }),
  });
  const { model_id } = made.model.info;
  const folder = `${delay}/models/${model_id}/artifacts`;
  await api.upload(PROJECT, `${folder}/MLmodel`, new TextEncoder().encode(MLMODEL));
  await api.upload(PROJECT, `${folder}/model.pkl`, new Uint8Array(20_000).fill(of.index));
  await mlflow(`/logged-models/${model_id}`, { model_id, status: "LOGGED_MODEL_READY" }, "PATCH");
  await mlflow("/runs/outputs", { run_id: of.runId, models: [{ model_id, step: 0 }] });
  return model_id;
}

async function seedBulkRun(api: Api, index: number): Promise<void> {
  await api.inProject(BULK_PROJECT).mlflow("/runs/create", {
    experiment_id: "0",
    run_name: `bulk-${String(index).padStart(5, "0")}`,
    start_time: Date.now() - index * 1000,
    user_id: "Mira Okafor",
    tags: pairs({ shard: String(index % 20) }),
  });
}
