/**
 * Whole servers under 16 connections, taking turns: ours beside bare node:http with session.run, and beside the peers.
 *   PYTHON=… node bench/serving.ts [--seconds 4] [--rounds 3] [--only tensors|rows]
 *     [--mlserver PATH-TO-PYTHON-WITH-MLSERVER-AND-ONNXRUNTIME]
 * PYTHON has what conformance/open-inference/requirements.txt lists. It prints ratios; it asserts nothing about time.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { freePort } from "../checks/src/needs/free-port.ts";
import { deploy, own } from "../conformance/open-inference/lib/atrium.ts";
import { type Asked, load, type Measured } from "./lib/load.ts";
import { type Peer, startAtriumServer, startPeer } from "./lib/servers.ts";

const { values: flags } = parseArgs({
  options: {
    seconds: { type: "string", default: "4" },
    rounds: { type: "string", default: "3" },
    mlserver: { type: "string" },
    only: { type: "string", default: "" },
  },
});
const python = process.env.PYTHON ?? "";
if (python === "") throw new Error("Set PYTHON to an interpreter with mlflow, onnx and scikit-learn.");

const CONNECTIONS = 16;
const FEATURES = 128;
const WARM_SECONDS = 1;
const IDLE_MS = 5000;
const GOAL = 1.5; // Of the limit's CPU a request.
const values = Array.from({ length: FEATURES }, (_, at) => Number(Math.sin(at).toFixed(7)));
const tensor = { name: "x", shape: [1, FEATURES], datatype: "FP32" };

interface Contestant {
  name: string;
  peer: Peer;
  asked: Asked;
}

interface Result extends Measured {
  name: string;
  cpuUs: number;
}

const folder = mkdtempSync(join(tmpdir(), "atrium-bench-serving-"));
const stops: (() => Promise<void>)[] = [];
try {
  const atrium = await startAtriumServer();
  stops.push(atrium.peer.stop);
  makeModels(atrium.peer);
  for (const [part, model, run] of [
    ["tensors", "mlp", tensors],
    ["rows", "columns", rows],
  ] as const) {
    if (!part.includes(flags.only)) continue;
    await own(atrium.server, "POST /endpoints", { name: model });
    await deploy(atrium.server, model, { model: `models:/${model}/1` });
    await run(atrium.peer);
  }
} finally {
  for (const stop of stops) await stop();
  rmSync(folder, { recursive: true, force: true });
}

async function tensors(atrium: Peer): Promise<void> {
  const limit = await start("node:http + session.run", async (port) => ({
    command: process.execPath,
    args: [join(import.meta.dirname, "lib/limit-server.ts"), join(folder, "mlp.onnx"), String(port)],
    ready: "/",
  }));
  const json = Buffer.from(JSON.stringify({ inputs: [{ ...tensor, data: values }] }));
  const infer = { url: `${atrium.url}/v2/models/mlp/infer`, headers: atrium.headers };
  const binary = binaryBody();
  const contestants: Contestant[] = [
    { name: limit.name, peer: limit, asked: { url: `${limit.url}/`, body: json } },
    { name: "atrium, OIP JSON", peer: atrium, asked: { ...infer, body: json } },
    {
      name: "atrium, OIP binary",
      peer: atrium,
      asked: { ...infer, headers: { ...atrium.headers, ...binary.headers }, body: binary.body },
    },
  ];
  const mlserver = await startMlserver();
  if (mlserver !== undefined) {
    const url = `${mlserver.url}/v2/models/mlp/infer`;
    contestants.push({ name: mlserver.name, peer: mlserver, asked: { url, body: json } });
  }
  const results = await compete(contestants);
  print("OIP infer of a network 128-256-256-10, one row", results);
  const [bare, ours] = results;
  if (bare !== undefined && ours !== undefined) {
    const ratio = ours.cpuUs / bare.cpuUs;
    say(`goal: at most ${GOAL} × the limit's CPU a request; it is ${ratio.toFixed(2)} ×`);
  }
}

async function rows(atrium: Peer): Promise<void> {
  const mlflow = await start("mlflow models serve", async (port) => ({
    command: python,
    args: [
      ...["-m", "mlflow", "models", "serve", "-m", join(folder, "columns")],
      ...["--env-manager", "local", "--host", "127.0.0.1", "--port", String(port)],
    ],
    env: { PATH: `${dirname(python)}:${process.env.PATH}` }, // It starts uvicorn by its name.
    ready: "/ping",
  }));
  const body = Buffer.from(
    JSON.stringify({ dataframe_split: { columns: ["a", "b", "n"], data: [[1, 0.5, 1]] } }),
  );
  const url = `${atrium.url}/serving/columns/invocations`;
  const results = await compete([
    { name: mlflow.name, peer: mlflow, asked: { url: `${mlflow.url}/invocations`, body } },
    { name: "atrium, pyfunc", peer: atrium, asked: { url, headers: atrium.headers, body } },
  ]);
  print("A scikit-learn pyfunc model, one row by /invocations", results);
}

/**
 * The best window of each, in turns, so that what else the machine does meets all alike. What a server uses while nobody asks
 * is taken off: on a busy machine few requests would have to bear it.
 */
async function compete(contestants: readonly Contestant[]): Promise<Result[]> {
  const best = new Map<string, Result>();
  for (const { asked } of contestants) await load(asked, CONNECTIONS, WARM_SECONDS);
  const idle = await idleOf(contestants.map(({ peer }) => peer));
  for (let round = 0; round < Number(flags.rounds); round += 1) {
    for (const { name, peer, asked } of contestants) {
      const [before, begunMs] = [peer.cpuMs(), performance.now()];
      const measured = await load(asked, CONNECTIONS, Number(flags.seconds));
      const idleMs = (idle.get(peer) ?? 0) * (performance.now() - begunMs);
      const cpuUs = ((peer.cpuMs() - before - idleMs) * 1000) / measured.answers;
      const standing = best.get(name);
      if (standing === undefined || cpuUs < standing.cpuUs) best.set(name, { name, cpuUs, ...measured });
    }
  }
  return [...best.values()];
}

/** Share of a core that each uses while nobody asks it. */
async function idleOf(peers: readonly Peer[]): Promise<Map<Peer, number>> {
  const before = new Map(peers.map((peer) => [peer, peer.cpuMs()]));
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  return new Map([...before].map(([peer, cpuMs]) => [peer, (peer.cpuMs() - cpuMs) / IDLE_MS]));
}

function print(title: string, results: readonly Result[]): void {
  say(`\n${title}, ${CONNECTIONS} connections (best of ${flags.rounds} windows by CPU)`);
  const [first] = results;
  for (const { name, perSecond, cpuUs, p50, p99 } of results) {
    const columns = [
      name.padEnd(26),
      `${perSecond.toFixed(0).padStart(7)}/s`,
      `${cpuUs.toFixed(0).padStart(7)} µs CPU`,
      `p50 ${p50.toFixed(2)} ms`,
      `p99 ${p99.toFixed(2)} ms`,
      `${(cpuUs / (first?.cpuUs ?? 1)).toFixed(2)} × CPU`,
      `${(perSecond / (first?.perSecond ?? 1)).toFixed(2)} × throughput`,
    ];
    say(columns.join("  "));
  }
}

function binaryBody(): { headers: Record<string, string>; body: Buffer } {
  const data = Buffer.from(Float32Array.from(values).buffer);
  const inputs = [{ ...tensor, parameters: { binary_data_size: data.length } }];
  const head = Buffer.from(JSON.stringify({ inputs, parameters: { binary_data_output: true } }));
  const headers = { "inference-header-content-length": String(head.length) };
  return { headers, body: Buffer.concat([head, data]) };
}

async function startMlserver(): Promise<Peer | undefined> {
  const { mlserver } = flags;
  if (mlserver === undefined) {
    say("NOT RUN: MLServer; name an interpreter that has it with --mlserver");
    return undefined;
  }
  const model = {
    name: "mlp",
    implementation: "runtime.Onnx",
    parameters: { uri: join(folder, "mlp.onnx") },
  };
  writeFileSync(join(folder, "model-settings.json"), JSON.stringify(model));
  return start("MLServer, no workers", async (port) => {
    const ports = { http_port: port, grpc_port: await freePort(), metrics_port: await freePort() };
    const settings = { host: "127.0.0.1", parallel_workers: 0, debug: false, ...ports };
    writeFileSync(join(folder, "settings.json"), JSON.stringify(settings));
    return {
      command: mlserver,
      args: ["-c", "from mlserver.cli.main import main; main()", "start", folder],
      env: { PYTHONPATH: join(import.meta.dirname, "lib/mlserver") },
      ready: "/v2/models/mlp/ready",
    };
  });
}

async function start(
  name: string,
  how: (port: number) => Promise<{
    command: string;
    args: string[];
    env?: Record<string, string>;
    ready: string;
  }>,
): Promise<Peer> {
  const port = await freePort();
  const { command, args, env = {}, ready } = await how(port);
  const peer = await startPeer({
    name,
    folder: mkdtempSync(join(tmpdir(), "atrium-bench-peer-")),
    command,
    args,
    env: { MLFLOW_DISABLE_TELEMETRY: "true", DO_NOT_TRACK: "true", ...env },
    url: `http://127.0.0.1:${port}`,
    ready,
    headers: {},
  });
  stops.unshift(peer.stop);
  return peer;
}

function makeModels({ url, headers }: Peer): void {
  const done = spawnSync(python, ["-B", join(import.meta.dirname, "lib/serving_models.py"), folder], {
    encoding: "utf8",
    env: {
      ...process.env,
      MLFLOW_TRACKING_URI: url,
      MLFLOW_TRACKING_TOKEN: headers.authorization?.slice("Bearer ".length) ?? "",
      MLFLOW_DISABLE_TELEMETRY: "true",
    },
  });
  if (done.status !== 0) throw new Error(`The models could not be made:\n${done.stderr.slice(-3000)}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
