/**
 * Jobs under fire: the server is killed again and again while jobs run, shims and steps are killed under it, a step prints
 * gigabytes, one never ends, an environment does not resolve. Each job must end right, and no step may run twice at once.
 *   node conformance/faults/jobs.ts [--rounds 10] [--database-url postgres://…]
 */
import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Server, startServer } from "../lib/server.ts";
import { createChecks } from "./lib/checks.ts";
import { auditVerifies, pause } from "./lib/client.ts";
import { askedRounds, killRounds, sureRounds } from "./lib/rounds.ts";

const { rounds, start: START } = askedRounds("jobs");
const ATTEMPTS = join(START.dataDirectory, "data/attempts");
const MARKS = join(START.dataDirectory, "marks");
const API = "/api/atrium/v1";
const JOBS_A_ROUND = 4;
const UP_MS_MAX = 2500; // A kill comes this late at most: during the start, the claim, the run or the storing.
const END_MS_MAX = 90_000;
const MEBIBYTE = 1024 * 1024;

interface Job {
  id: string;
  state: string;
  attempt: number;
  exitCode: number | null;
  reason: string | null;
}

const checks = createChecks();
mkdirSync(MARKS);
await killTheServer();
await killStepsAndShims();
await letThemMisbehave();
await restart();
rmSync(START.dataDirectory, { recursive: true, force: true });
checks.end();

/** Jobs that take their time, under a server that is killed at any line of its own code. */
async function killTheServer(): Promise<void> {
  const ids: string[] = [];
  await killRounds({ rounds, start: START, upMsMax: UP_MS_MAX }, async (server, round) => {
    for (let i = 0; i < JOBS_A_ROUND; i += 1) ids.push(await submitMarked(server, `r${round}-${i}-job`));
  });
  const server = await startServer(START);
  const ended = await Promise.all(ids.map((id) => endOf(server, id)));
  const wrong = ended.filter(({ state }) => state !== "succeeded");
  checks.that("every job that was acknowledged ended well", wrong.length === 0, wrong);
  const lost = await Promise.all(
    ids.map(async (id) =>
      (await get(server, `/artifacts/content?path=kept/${id}`)).status === 200 ? "" : id,
    ),
  );
  checks.that(
    "its output is there",
    lost.every((id) => id === ""),
    lost,
  );
  const marks = readdirSync(MARKS);
  checks.that("no step ran beside itself", !marks.some((name) => name.endsWith(".twice")), marks);
  const told = await Promise.all(ids.map((id) => logOf(server, id)));
  checks.that(
    "its log is whole, once",
    told.every((text) => text === "begin\nend\n"),
    told,
  );
  checks.that("there was something to lose", ids.length >= JOBS_A_ROUND * sureRounds(rounds), ids.length);
  checks.that("nothing is left of them", await leavesNothing(), readdirSync(ATTEMPTS));
  checks.that("the audit chain verifies", await auditVerifies(server), server.output().slice(-2000));
  checks.figure(
    `${rounds} kills, ${ids.length} jobs, ${ended.reduce((sum, { attempt }) => sum + attempt, 0)} attempts`,
  );
  await server.stop();
}

/** A step that takes a lock while it runs and says so when it finds it taken. */
async function submitMarked(server: Server, id: string): Promise<string> {
  const lock = join(MARKS, id);
  const script = `mkdir ${lock} || mkdir -p ${lock}.twice; echo begin; sleep 0.${randomInt(1, 9)}; echo end; echo ${id} > kept; rmdir ${lock}`;
  const outputs = [{ from: "kept", artifactPath: `kept/${id}` }];
  await submit(server, { id, command: ["sh", "-c", script], outputs, limits: { memoryMiB: 64 } });
  return id;
}

async function killStepsAndShims(): Promise<void> {
  const server = await startServer(START);
  await sleeper(server, "step-killed");
  process.kill(await stepOf("step-killed"), "SIGKILL");
  const step = await endOf(server, "step-killed");
  checks.that("a killed step fails and says the signal", /SIGKILL/.test(step.reason ?? ""), step);

  await submit(server, {
    id: "shim-killed",
    command: ["sh", "-c", 'echo $$ > pid; [ "$ATRIUM_JOB_ATTEMPT" = 2 ] || exec sleep 600'],
  });
  const orphan = await stepOf("shim-killed");
  process.kill(shimOf("shim-killed"), "SIGKILL");
  const again = await endOf(server, "shim-killed");
  checks.that(
    "a job whose shim was killed runs again at no cost",
    again.state === "succeeded" && again.attempt === 2,
    again,
  );
  checks.that("and its first step runs no more", !isAlive(orphan));
  await server.stop();
}

async function letThemMisbehave(): Promise<void> {
  const server = await startServer(START);
  await submit(server, { id: "prints-gigabytes", command: ["sh", "-c", "yes | head -c 20000000000"] });
  const loud = await endOf(server, "prints-gigabytes");
  checks.that(
    "a step that prints gigabytes is stopped",
    loud.state === "failed" && /wrote more/.test(loud.reason ?? ""),
    loud,
  );

  await sleeper(server, "never-ends", { limits: { timeoutMs: 2000 } });
  const slow = await endOf(server, "never-ends");
  checks.that("a step that never ends is ended", /limit of 2 seconds/.test(slow.reason ?? ""), slow);

  await submit(server, {
    id: "does-not-resolve",
    command: ["python", "-c", "print(1)"],
    requirements: ["six==1.16.0", "six==1.17.0"],
  });
  const unfit = await endOf(server, "does-not-resolve");
  checks.that(
    "an environment that does not resolve fails in the resolver's words",
    /six==1\.16\.0/.test(unfit.reason ?? ""),
    unfit,
  );

  await submit(server, {
    id: "resolves-once",
    command: ["python", "-c", "import six; print(six.__version__)"],
    requirements: ["six==1.17.0"],
  });
  const fit = await endOf(server, "resolves-once");
  checks.that("one that does is there for the step", fit.state === "succeeded", fit);
  await server.stop();
}

/** Jobs that run when the server goes, in order, and comes back. */
async function restart(): Promise<void> {
  const server = await startServer(START);
  await sleeper(server, "cancelled-one");
  const running = await stepOf("cancelled-one");
  await post(server, "/jobs/cancelled-one/cancel", undefined);
  checks.that(
    "a cancelled job ends with its step",
    (await endOf(server, "cancelled-one")).state === "cancelled" && !isAlive(running),
  );

  await sleeper(server, "outlives-server");
  const survivor = await stepOf("outlives-server");
  await server.stop();
  checks.that("a job outlives an orderly stop", isAlive(survivor));
  const next = await startServer(START);
  await post(next, "/jobs/outlives-server/cancel", undefined);
  checks.that(
    "and the next server can end it",
    (await endOf(next, "outlives-server")).state === "cancelled" && !isAlive(survivor),
  );
  checks.that("nothing is left of any job", await leavesNothing(), readdirSync(ATTEMPTS));
  checks.that(
    "the server itself stayed small",
    memoryOf(next.pid) < 700 * MEBIBYTE,
    memoryOf(next.pid) / MEBIBYTE,
  );
  await next.stop();
}

/** A step that ends when somebody ends it. */
function sleeper(server: Server, id: string, more: object = {}): Promise<void> {
  const command = ["sh", "-c", "echo $$ > pid; exec sleep 600"];
  return submit(server, { id, command, limits: { memoryMiB: 64 }, ...more });
}

async function submit(server: Server, body: { id: string } & Record<string, unknown>): Promise<void> {
  const answer = await post(server, "/jobs", { name: body.id, ...body });
  if (!answer.ok) throw new Error(`${body.id}: ${answer.status} ${await answer.text()}`);
}

async function endOf(server: Server, id: string): Promise<Job> {
  const deadline = performance.now() + END_MS_MAX;
  for (;;) {
    const job = (await (await get(server, `/jobs/${id}`)).json()) as Job;
    if (["succeeded", "failed", "cancelled"].includes(job.state) || performance.now() > deadline) return job;
    await pause(50);
  }
}

async function logOf(server: Server, id: string): Promise<string> {
  return ((await (await get(server, `/jobs/${id}/log`)).json()) as { text: string }).text;
}

function get(server: Server, path: string): Promise<Response> {
  return fetch(`${server.url}${API}${path}`, { headers: { authorization: `Bearer ${server.token}` } });
}

function post(server: Server, path: string, body: object | undefined): Promise<Response> {
  return fetch(`${server.url}${API}${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${server.token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

function folderOf(id: string): string | undefined {
  const names = existsSync(ATTEMPTS) ? readdirSync(ATTEMPTS) : [];
  const name = names
    .filter((one) => one.startsWith(`${id}-`))
    .sort()
    .at(-1);
  return name === undefined ? undefined : join(ATTEMPTS, name);
}

/** The process that runs the step, as it wrote down itself. */
async function stepOf(id: string): Promise<number> {
  for (const deadline = performance.now() + END_MS_MAX; performance.now() < deadline; await pause(20)) {
    const file = join(folderOf(id) ?? "", "work/pid");
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (text.endsWith("\n")) return Number(text);
  }
  throw new Error(`${id} did not begin.`);
}

function shimOf(id: string): number {
  return Number(readFileSync(join(folderOf(id) ?? "", "claim"), "utf8").split(" ")[0]);
}

/** The last folder goes a moment after its job's end was told. */
async function leavesNothing(): Promise<boolean> {
  for (const deadline = performance.now() + 10_000; performance.now() < deadline; await pause(50)) {
    if (readdirSync(ATTEMPTS).every((name) => name === "machine")) return true;
  }
  return false;
}

function isAlive(pid: number): boolean {
  const file = `/proc/${pid}/stat`;
  return existsSync(file) && !/\) [ZX] /.test(readFileSync(file, "utf8"));
}

function memoryOf(pid: number): number {
  const [, pages = "0"] = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ");
  return Number(pages) * 4096;
}
