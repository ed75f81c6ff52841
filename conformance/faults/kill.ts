/**
 * Kills the server without warning, again and again, while clients log, upload and register; a ledger outside it keeps
 * every write that was acknowledged. Afterwards each of them must be there, and the audit chain must verify.
 *   node conformance/faults/kill.ts [--rounds 50] [--database-url postgres://…]
 */
import { createHash, randomBytes, randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launchServer, type Server, startServer } from "../lib/server.ts";

const { values: flags } = parseArgs({
  options: { rounds: { type: "string", default: "50" }, "database-url": { type: "string" } },
});

const LOAD_MS_MIN = 50; // Some kills hit the start itself, some the middle of the load.
const LOAD_MS_MAX = 700;

const START = {
  databaseUrl: flags["database-url"],
  dataDirectory: mkdtempSync(join(tmpdir(), "atrium-kill-")),
};
/** The one that stands now: each start has a port of its own. */
let server: Server;

interface Ledger {
  runs: string[];
  metrics: { run: string; key: string; step: number; value: number }[];
  params: { run: string; key: string; value: string }[];
  artifacts: { path: string; digest: string }[];
  versions: { name: string; version: string }[];
}
const ledger: Ledger = { runs: [], metrics: [], params: [], artifacts: [], versions: [] };
let refusals = 0;

async function call(method: string, path: string, body?: unknown): Promise<unknown> {
  const raw = body instanceof Uint8Array;
  const answer = await fetch(`${server.url}/api/2.0/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${server.token}`,
      "content-type": raw ? "application/octet-stream" : "application/json",
    },
    ...(body === undefined ? {} : { body: raw ? Buffer.from(body) : JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`);
  return text === "" ? {} : JSON.parse(text);
}

async function createRun(): Promise<string> {
  const made = (await call("POST", "mlflow/runs/create", { experiment_id: "0", start_time: Date.now() })) as {
    run: { info: { run_id: string } };
  };
  ledger.runs.push(made.run.info.run_id);
  return made.run.info.run_id;
}

const writers: (() => Promise<void>)[] = [
  async () => {
    const run = await createRun();
    for (let step = 0; ; step += 3) {
      const metrics = [0, 1, 2].map((i) => ({
        key: "loss",
        value: Math.random(),
        timestamp: Date.now(),
        step: step + i,
      }));
      const param = { key: `p${step}`, value: randomBytes(6).toString("hex") };
      await call("POST", "mlflow/runs/log-batch", { run_id: run, metrics, params: [param] });
      ledger.metrics.push(...metrics.map((metric) => ({ ...metric, run })));
      ledger.params.push({ ...param, run });
    }
  },
  async () => {
    for (;;) {
      const run = await createRun();
      const metric = { run_id: run, key: "once", value: Math.random(), timestamp: Date.now(), step: 1 };
      await call("POST", "mlflow/runs/log-metric", metric);
      ledger.metrics.push({ run, key: metric.key, step: 1, value: metric.value });
    }
  },
  async () => {
    const run = await createRun();
    for (let i = 0; ; i += 1) {
      const bytes = randomBytes(randomInt(1, 400_000));
      const path = `0/${run}/artifacts/file-${i}.bin`;
      await call("PUT", `mlflow-artifacts/artifacts/${path}`, bytes);
      ledger.artifacts.push({ path, digest: createHash("sha256").update(bytes).digest("hex") });
    }
  },
  async () => {
    const run = await createRun();
    const name = `model-${run.slice(0, 8)}`;
    await call("POST", "mlflow/registered-models/create", { name });
    for (;;) {
      const source = `mlflow-artifacts:/0/${run}/artifacts/model`;
      const made = (await call("POST", "mlflow/model-versions/create", { name, source, run_id: run })) as {
        model_version: { version: string };
      };
      ledger.versions.push({ name, version: made.model_version.version });
    }
  },
];

/** A writer ends when the server is killed under it; any answer that refuses is a failure of ours. */
async function write(writer: () => Promise<void>): Promise<void> {
  await writer().catch((thrown: Error) => {
    if (/: [45]\d\d /.test(thrown.message)) {
      refusals += 1;
      say(thrown.message);
    }
  });
}

/** What the ledger holds and the server does not, one line each. */
async function missing(): Promise<string[]> {
  const lost: string[] = [];
  const see = async (label: string, holds: () => Promise<boolean>): Promise<void> => {
    if (!(await holds().catch(() => false))) lost.push(label);
  };
  for (const run of ledger.runs)
    await see(`run ${run}`, async () => Boolean(await call("GET", `mlflow/runs/get?run_id=${run}`)));
  const series = Map.groupBy(ledger.metrics, ({ run, key }) => `run_id=${run}&metric_key=${key}`);
  for (const [query, points] of series) {
    const path = `mlflow/metrics/get-history?${query}&max_results=25000`;
    const stored = (await call("GET", path)) as { metrics?: { step: number; value: number }[] };
    const have = new Set((stored.metrics ?? []).map((point) => `${point.step} ${point.value}`));
    for (const point of points)
      await see(`metric ${query} ${point.step}`, async () => have.has(`${point.step} ${point.value}`));
  }
  for (const [run, params] of Map.groupBy(ledger.params, (param) => param.run)) {
    const got = (await call("GET", `mlflow/runs/get?run_id=${run}`)) as {
      run: { data: { params?: { key: string; value: string }[] } };
    };
    const have = new Set((got.run.data.params ?? []).map(({ key, value }) => `${key} ${value}`));
    for (const { key, value } of params)
      await see(`param ${run} ${key}`, async () => have.has(`${key} ${value}`));
  }
  for (const { path, digest } of ledger.artifacts) {
    await see(`artifact ${path}`, async () => {
      const answer = await fetch(`${server.url}/api/2.0/mlflow-artifacts/artifacts/${path}`, {
        headers: { authorization: `Bearer ${server.token}` },
      });
      return (
        createHash("sha256")
          .update(Buffer.from(await answer.arrayBuffer()))
          .digest("hex") === digest
      );
    });
  }
  for (const { name, version } of ledger.versions) {
    await see(`${name} version ${version}`, async () =>
      Boolean(await call("GET", `mlflow/model-versions/get?name=${name}&version=${version}`)),
    );
  }
  return lost;
}

async function auditVerifies(): Promise<boolean> {
  const answer = await fetch(`${server.url}/api/atrium/v1/audit/verify`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.token}` },
  });
  const text = await answer.text();
  if (!answer.ok) say(`audit verify: ${answer.status} ${text}`);
  return answer.ok && (JSON.parse(text) as { intact: boolean }).intact;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const rounds = Number(flags.rounds);
for (let round = 1; round <= rounds; round += 1) {
  // Every fifth kill comes before the server is up: recovery itself must survive it.
  if (round % 5 === 0) {
    server = await launchServer(START);
    await new Promise((resolve) => setTimeout(resolve, randomInt(50, 900)));
    await server.kill();
  } else {
    server = await startServer(START);
    const load = Promise.all([...writers, ...writers].map(write));
    await new Promise((resolve) => setTimeout(resolve, randomInt(LOAD_MS_MIN, LOAD_MS_MAX)));
    await server.kill();
    await load;
  }
}
server = await startServer(START);
const lost = await missing();
const verified = await auditVerifies();
await server.stop();

const written =
  ledger.runs.length +
  ledger.metrics.length +
  ledger.params.length +
  ledger.artifacts.length +
  ledger.versions.length;
say(
  `${rounds} kills; acknowledged: ${ledger.runs.length} runs, ${ledger.metrics.length} points, ${ledger.params.length} params, ${ledger.artifacts.length} artifacts, ${ledger.versions.length} versions`,
);
for (const each of lost.slice(0, 20)) say(`lost: ${each}`);
if (lost.length > 0 || !verified || refusals > 0) say(server.output().slice(-2000));
const checks = [lost.length === 0, verified, refusals === 0, written > rounds];
say(
  `lost ${lost.length}, audit ${verified ? "verifies" : "does not verify"}, refused under load ${refusals}`,
);
rmSync(START.dataDirectory, { recursive: true, force: true });
const failed = checks.filter((holds) => !holds).length;
say(`${checks.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
