/**
 * The sample project under fire: `up` makes it on a new data folder while its server, its steps, its engines and the children
 * that compute are killed; then all of it is there, the line that was printed last works, and nothing acknowledged is lost.
 *   node conformance/faults/sample.ts [--rounds 50]
 * With `--rounds 0` it is the sample as everybody sees it, timed.
 */
import { randomInt } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type LaunchedServer, launchServer, type Server } from "../lib/server.ts";
import { createChecks } from "./lib/checks.ts";
import { ask, auditVerifies, must, pause } from "./lib/client.ts";
import { processesOf } from "./lib/processes.ts";
import { run } from "./lib/program.ts";
import { askedRounds } from "./lib/rounds.ts";

const { rounds, start } = askedRounds("sample");
const START = { ...start, sample: "wanted" as const };
const API = "/api/atrium/v1";
const BETWEEN_MS_MAX = 8000; // Of a minute and more of work: kills meet every step of it.
const END_MS_MAX = 30 * 60_000; // With a cold cache, a slow network and fifty restarts.
const POLL_MS = 500;
const SERVER_EVERY = 3; // Every third kill takes the server itself.

interface Progress {
  state: "absent" | "running" | "done" | "failed";
  steps: { name: string; state: string; note: string; startedMs?: number; endedMs?: number }[];
}

const checks = createChecks();
const begun = performance.now();
let server = await launchServer(START);
const killed = { server: 0, others: [] as string[], retries: 0 };
/** What the server said was there: it must be there for ever after. */
const acknowledged = new Map<string, string>();
try {
  await server.ready();
  await killAround();
  const progress = await untilDone();
  await theEnds(progress);
  await server.stop();
} finally {
  endJobs();
  rmSync(START.dataDirectory, { recursive: true, force: true });
}
checks.end();

async function killAround(): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await pause(randomInt(200, BETWEEN_MS_MAX));
    await note();
    if (round % SERVER_EVERY === 0) await killServer();
    else killAnother();
  }
}

async function killServer(): Promise<void> {
  killed.server += 1;
  await server.kill();
  server = await launchServer(START);
  await server.ready();
}

function killAnother(): void {
  const others = processesOf(server.pid, join(START.dataDirectory, "data")).filter(
    ({ pid }) => pid !== server.pid,
  );
  const victim = others[randomInt(0, Math.max(1, others.length))];
  if (victim === undefined) return;
  try {
    process.kill(victim.pid, "SIGKILL");
    killed.others.push(kindOf(victim.command));
  } catch {
    // It ended by itself in between.
  }
}

/** Jobs outlive their server: the retraining that the incident began would write on into a folder that goes. */
function endJobs(): void {
  for (const { pid } of processesOf(server.pid, join(START.dataDirectory, "data"))) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself in between.
    }
  }
}

function kindOf(command: string): string {
  const kinds: [string, RegExp][] = [
    ["DuckDB", /duckdb/],
    ["ONNX engine", /onnx/],
    ["pyfunc engine", /atrium_pyfunc/],
    ["uv", /\/uv /],
    ["shim", /shim/],
    ["step", /step\.py/],
  ];
  return kinds.find(([, pattern]) => pattern.test(command))?.[0] ?? "other";
}

/** Keeps what is acknowledged now: steps that are done, versions that are ready, predictions that have labels. */
async function note(): Promise<void> {
  const { state, steps } = await progressNow();
  if (state === "failed") await retry();
  for (const { name, state, note: words } of steps) if (state === "done") acknowledged.set(name, words);
}

/** As a person does who sees at home that a step has failed. */
async function retry(): Promise<void> {
  killed.retries += 1;
  must(await ask(server, { method: "POST", path: `${API}/samples/flights/retry` }));
}

async function progressNow(): Promise<Progress> {
  return must<Progress>(await ask(server, { path: `${API}/samples/flights` }));
}

async function untilDone(): Promise<Progress> {
  const deadline = performance.now() + END_MS_MAX;
  for (;;) {
    const progress = await progressNow();
    if (progress.state === "done" || performance.now() > deadline) return progress;
    if (progress.state === "failed") await retry();
    await pause(POLL_MS);
  }
}

async function theEnds(progress: Progress): Promise<void> {
  checks.that("the sample is made to its end", progress.state === "done", progress);
  const lost = progress.steps.filter(({ name, note: words }) => (acknowledged.get(name) ?? words) !== words);
  checks.that("what was done once stayed done", lost.length === 0, { lost, acknowledged: [...acknowledged] });
  const { items: runs } = must<{ items: { state: string; name: string }[] }>(
    await ask(server, { path: `${API}/pipeline-runs?pageSize=50` }),
  );
  const first = runs.find(({ name }) => name === "first training");
  checks.that("its pipeline's run ended well", first?.state === "succeeded", runs);
  await curlWorks(server);
  checks.that("the audit chain verifies", await auditVerifies(server), server.output().slice(-2000));
  const attempts = join(START.dataDirectory, "data/attempts");
  await pause(POLL_MS);
  const left = readdirSync(attempts).length;
  for (const { name, startedMs = 0, endedMs = 0 } of progress.steps)
    checks.figure(`  ${name}: ${((endedMs - startedMs) / 1000).toFixed(1)} s`);
  const kinds = Map.groupBy(killed.others, (kind) => kind);
  const others = [...kinds].map(([kind, all]) => `${all.length} ${kind}`).join(", ");
  checks.figure(
    `${killed.server} kills of the server, of others: ${others || "none"}; ${killed.retries} retries by hand; ` +
      `${left} folders of attempts; ${((performance.now() - begun) / 1000).toFixed(0)} s in all`,
  );
}

/** The last line of the terminal, in a shell, as it stands. */
async function curlWorks({ output }: Pick<Server | LaunchedServer, "output">): Promise<void> {
  const deadline = performance.now() + 10_000;
  const line = () =>
    output()
      .split("\n")
      .findLast((one) => one.startsWith("curl "));
  while (line() === undefined && performance.now() < deadline) await pause(POLL_MS);
  const lines = output().trimEnd().split("\n");
  checks.that("the last line is a curl", lines.at(-1)?.startsWith("curl ") === true, lines.slice(-3));
  checks.that("it shows no token", !/atr_|Bearer/.test(line() ?? ""), line());
  const answer = await run({ command: "/bin/sh", args: ["-c", line() ?? "false"] });
  const { predictions: [one] = [] } = JSON.parse(answer.stdout || "{}") as {
    predictions?: { prediction: number; servedBy: string; cohort: string; predictionId: string }[];
  };
  const isWhole =
    one !== undefined &&
    one.prediction > 0 &&
    one.prediction < 1 &&
    one.servedBy === "model" &&
    one.cohort === "known" &&
    one.predictionId !== "";
  checks.that("pasted into a shell it is answered by the model", isWhole, answer);
}
