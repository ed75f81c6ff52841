/**
 * What a pipeline's step costs over the bare process that does its work, and what the SDK's local runner costs:
 *   node bench/steps.ts --python PATH-TO-PYTHON-WITH-KFP [--steps 20] [--peer-steps 1]
 * The local runner makes an environment for each step, which takes it minutes on a slow network: 0 leaves it out.
 * It prints times and ratios; it asserts nothing about time.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { pipelinesApi } from "../contract/src/pipelines.ts";
import { type Peer, startAtrium } from "./lib/servers.ts";

const { values: flags } = parseArgs({
  options: {
    python: { type: "string" },
    steps: { type: "string", default: "20" },
    "peer-steps": { type: "string", default: "1" },
  },
});
const { python } = flags;
if (python === undefined) throw new Error("Name an interpreter that has kfp: --python PATH.");
const STEPS = Number(flags.steps);
const PEER_STEPS = Number(flags["peer-steps"]);
const POLL_MS = 50;
const PROGRAM = join(import.meta.dirname, "lib/steps_chain.py");
const LAUNCHER = join(import.meta.dirname, "../server/src/protocols/kfp/step.py");
const API = "/api/atrium/v1";

interface Step {
  jobId?: string;
  startedMs?: number;
  endedMs?: number;
}

const folder = mkdtempSync(join(tmpdir(), "atrium-steps-"));
const atrium = await startAtrium();
try {
  const spec = join(folder, "chain.yaml");
  const compile = (length: number): string => {
    run(python, ["-W", "ignore", PROGRAM, "compile", String(length), spec]);
    return readFileSync(spec, "utf8");
  };
  await timeRun(atrium, compile(1)); // Builds the environment, which is no step's cost.
  const bareBefore = bareSteps(python);
  const before = atrium.cpuMs();
  const ours = await timeRun(atrium, compile(STEPS));
  const serverCpuMs = (atrium.cpuMs() - before) / STEPS;
  // Before and after, as a machine has other things to do now and then.
  const bare = (bareBefore + bareSteps(python)) / 2;
  report({ ...ours, serverCpuMs, bareMs: bare });
  if (PEER_STEPS > 0) line("kfp.local, SubprocessRunner(use_venv=True)", peerStepMs(python), bare);
} finally {
  await atrium.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** From the beginning of the first step to the end of the last, and inside it what the jobs themselves took. */
async function timeRun(peer: Peer, spec: string): Promise<{ stepMs: number; jobMs: number }> {
  const { id } = await ask(peer, pipelinesApi.startRun.path, { spec, cache: "off" });
  for (;;) {
    const { run: state, steps } = await ask(peer, `/pipeline-runs/${id}`);
    if (state.state === "succeeded") return measure(peer, steps);
    if (state.state !== "running") throw new Error(`The run ${state.state}: ${state.reason}`);
    await sleep(POLL_MS);
  }
}

async function measure(peer: Peer, steps: readonly Step[]): Promise<{ stepMs: number; jobMs: number }> {
  const begun = Math.min(...steps.map(({ startedMs = 0 }) => startedMs));
  const ended = Math.max(...steps.map(({ endedMs = 0 }) => endedMs));
  let jobMs = 0;
  for (const { jobId } of steps) {
    const job = await ask(peer, `/jobs/${jobId}`);
    jobMs += job.endedMs - job.startedMs;
  }
  return { stepMs: (ended - begun) / steps.length, jobMs: jobMs / steps.length };
}

/** The very program of a step in a folder of its own, by fork and exec. */
function bareSteps(interpreter: string): number {
  const input = {
    inputs: { parameterValues: { i: 1 }, artifacts: {} },
    outputs: {
      parameters: { Output: { outputFile: "parameters/Output" } },
      artifacts: {},
      outputFile: "executor-output.json",
    },
  };
  writeFileSync(
    join(folder, "component.py"),
    "from kfp import dsl\n\ndef noop(i: int) -> int:\n    return i\n",
  );
  const begun = performance.now();
  for (let i = 0; i < STEPS; i += 1) {
    writeFileSync(join(folder, "executor-input.json"), JSON.stringify(input));
    run(interpreter, [LAUNCHER, "noop"]);
  }
  return (performance.now() - begun) / STEPS;
}

interface Times {
  stepMs: number;
  jobMs: number;
  serverCpuMs: number;
  bareMs: number;
}

function report({ stepMs, jobMs, serverCpuMs, bareMs }: Times): void {
  process.stdout.write(`A chain of ${STEPS} no-op steps, for each:\n`);
  line("bare process (fork and exec of its program)", bareMs, bareMs);
  line("atrium, step to step", stepMs, bareMs);
  line("  of it the job's process", jobMs, bareMs);
  line("  over the bare process", stepMs - bareMs, bareMs);
  line("  CPU of the server with its children", serverCpuMs, bareMs);
}

function line(name: string, ms: number, bareMs: number): void {
  process.stdout.write(`${name.padEnd(44)} ${ms.toFixed(0).padStart(7)} ms  ${(ms / bareMs).toFixed(2)}×\n`);
}

function peerStepMs(interpreter: string): number {
  const said = run(interpreter, ["-W", "ignore", PROGRAM, "local", String(PEER_STEPS)]);
  return Number(JSON.parse(said.split("\n").at(-2) ?? "{}").perStepMs);
}

async function ask(peer: Peer, path: string, body?: object) {
  const answer = await fetch(`${peer.url}${API}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { ...peer.headers, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return JSON.parse(text);
}

function run(program: string, args: readonly string[]): string {
  const done = spawnSync(program, args, { cwd: folder, encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${done.stderr}`);
  return done.stdout;
}
