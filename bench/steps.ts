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
  const steps = await timeRun(atrium, compile(STEPS));
  const serverCpuMs = (atrium.cpuMs() - before) / STEPS;
  // Before and after, as a machine has other things to do now and then.
  const bareMs = [...bareBefore, ...bareSteps(python)];
  report({ steps, bareMs, serverCpuMs });
  if (PEER_STEPS > 0)
    line("kfp.local, SubprocessRunner(use_venv=True)", [peerStepMs(python)], median(bareMs));
} finally {
  await atrium.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** A step by the times that the server itself keeps, each phase from where the one before it ends. */
interface Timed {
  /** From the end of the step before it. */
  wholeMs: number;
  submittedMs: number;
  claimedMs: number;
  readyMs: number;
  processMs: number;
  heardMs: number;
}

async function timeRun(peer: Peer, spec: string): Promise<Timed[]> {
  const { id } = await ask(peer, pipelinesApi.startRun.path, { spec, cache: "off" });
  for (;;) {
    const { run: state, steps } = await ask(peer, `/pipeline-runs/${id}`);
    if (state.state === "succeeded") return measure(peer, steps);
    if (state.state !== "running") throw new Error(`The run ${state.state}: ${state.reason}`);
    await sleep(POLL_MS);
  }
}

/** The first step has none before it, and is left out. */
async function measure(peer: Peer, steps: readonly Step[]): Promise<Timed[]> {
  const inOrder = steps.toSorted((one, other) => (one.endedMs ?? 0) - (other.endedMs ?? 0));
  const timed: Timed[] = [];
  for (const [at, { jobId, endedMs = 0 }] of inOrder.entries()) {
    const beforeMs = inOrder[at - 1]?.endedMs;
    if (beforeMs === undefined) continue;
    const job = await ask(peer, `/jobs/${jobId}`);
    const [{ begunMs }] = job.attempts;
    timed.push({
      wholeMs: endedMs - beforeMs,
      submittedMs: job.queuedMs - beforeMs,
      claimedMs: begunMs - job.queuedMs,
      readyMs: job.startedMs - begunMs,
      processMs: job.endedMs - job.startedMs,
      heardMs: endedMs - job.endedMs,
    });
  }
  return timed;
}

/** The very program of a step in a folder of its own, by fork and exec. */
function bareSteps(interpreter: string): number[] {
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
  return Array.from({ length: STEPS }, () => {
    const begun = performance.now();
    writeFileSync(join(folder, "executor-input.json"), JSON.stringify(input));
    run(interpreter, [LAUNCHER, "noop"]);
    return performance.now() - begun;
  });
}

function report(of: { steps: readonly Timed[]; bareMs: readonly number[]; serverCpuMs: number }): void {
  const { steps, bareMs, serverCpuMs } = of;
  const bare = median(bareMs);
  const phase = (name: keyof Timed) => steps.map((step) => step[name]);
  process.stdout.write(`A chain of ${STEPS} no-op steps, for each the median, the least and the ratio:\n`);
  line("bare process (fork and exec of its program)", bareMs, bare);
  line("atrium, step to step", phase("wholeMs"), bare);
  line("  over the bare process", [median(phase("wholeMs")) - bare], bare);
  line("  over the bare process, the least of both", [least(phase("wholeMs")) - least(bareMs)], bare);
  line("  until its job is submitted", phase("submittedMs"), bare);
  line("  until that is claimed", phase("claimedMs"), bare);
  line("  until its environment and folder are ready", phase("readyMs"), bare);
  line("  the process, until its outcome is kept", phase("processMs"), bare);
  line("  until the run has heard of it", phase("heardMs"), bare);
  line("  CPU of the server with its children", [serverCpuMs], bare);
}

function line(name: string, times: readonly number[], bareMs: number): void {
  const [middle, lowest] = [median(times), least(times)].map((ms) => `${ms.toFixed(0).padStart(7)} ms`);
  process.stdout.write(`${name.padEnd(44)} ${middle} ${lowest}  ${(median(times) / bareMs).toFixed(2)}×\n`);
}

function median(times: readonly number[]): number {
  const sorted = times.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function least(times: readonly number[]): number {
  return Math.min(...times);
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
