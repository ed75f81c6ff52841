/**
 * A disk that fills up under uploads and under logging: writes are refused in words that clients try again on, reads go
 * on, nothing acknowledged is lost, and with space freed writing goes on by itself. It mounts a small file system.
 *   node conformance/faults/disk.ts [--mebibytes 24]
 */
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Server, startServer } from "../lib/server.ts";
import { createChecks } from "./lib/checks.ts";
import { type Answer, artifactPath, ask, auditVerifies, eventually, mlflow, newRun } from "./lib/client.ts";
import { emptyLedger, missing, summary } from "./lib/ledger.ts";
import { newHome } from "./lib/program.ts";

const { values: flags } = parseArgs({ options: { mebibytes: { type: "string", default: "24" } } });

const BALLAST_BYTES = 6 * 1024 * 1024; // What the operator removes to free space.
const UPLOAD_BYTES = 512 * 1024;
const BATCH = 200; // Points a call: the log of the database fills in some dozens of calls.
const WRITES_MAX = 5000;
const COMES_BACK_MS = 15_000; // The longest that Retry-After asks for, and some more.

const checks = createChecks();
const home = newHome("disk");
const ledger = emptyLedger();
let step = 0;

const mounted = spawnSync(
  "mount",
  ["-t", "tmpfs", "-o", `size=${flags.mebibytes}m,mode=700`, "atrium-disk", home],
  { encoding: "utf8" },
);
if (mounted.status !== 0) {
  checks.notRun(`a full disk: this user may not mount a file system (${mounted.stderr?.trim()})`);
} else {
  try {
    await fillAndRecover();
  } finally {
    spawnSync("umount", ["--lazy", home]);
  }
}
rmSync(home, { recursive: true, force: true });
checks.end();

async function fillAndRecover(): Promise<void> {
  const ballast = join(home, "ballast");
  writeFileSync(ballast, randomBytes(BALLAST_BYTES));
  let server = await startServer({ dataDirectory: home });
  try {
    const run = await newRun(server);
    ledger.runs.push(run);
    await fillByUploads(server, run);
    const logged = await logOnce(server, run, "still");
    checks.that("a disk that uploads have filled still takes what is logged", logged.status === 200, logged);
    await holdsAll(server);
    await fillByLogging(server, run);
    checks.figure(`full at ${freeKib()} KiB free; acknowledged: ${summary(ledger)}`);
    await refusesPlainly(server, run);
    await readsAreAnswered(server, run);

    await server.kill();
    server = await startServer({ dataDirectory: home });
    checks.that("a server that was killed starts on the full disk", true);
    await readsAreAnswered(server, run);
    await server.stop();
    server = await startServer({ dataDirectory: home });
    checks.that("a server that was stopped starts on the full disk", true);
    await readsAreAnswered(server, run);
    await fillByLogging(server, run);

    rmSync(ballast);
    const back = await eventually(
      async () => (await logOnce(server, run, "after")).status === 200,
      COMES_BACK_MS,
    );
    checks.that("with space freed, logging goes on by itself", back !== undefined);
    const uploaded = await eventually(
      async () => (await upload(server, `0/${run}/artifacts/after.bin`)).status === 200,
      COMES_BACK_MS,
    );
    checks.that("and so do uploads", uploaded !== undefined);
    checks.figure(`writing went on ${back} ms after space was freed`);
    await holdsAll(server);
    checks.that("the audit chain verifies", await auditVerifies(server));
  } finally {
    await server.stop();
  }
  const last = await startServer({ dataDirectory: home });
  await holdsAll(last);
  await last.stop();
}

async function fillByUploads(server: Server, run: string): Promise<void> {
  for (let i = 0; i < WRITES_MAX; i += 1) {
    const path = `0/${run}/artifacts/${i}.bin`;
    const answer = await upload(server, path);
    if (answer.status === 200) continue;
    return checks.that("an upload that finds no room is refused for now", isForNow(answer), answer);
  }
  checks.that("uploads fill the disk", false);
}

async function upload(server: Server, path: string): Promise<Answer> {
  const body = randomBytes(UPLOAD_BYTES);
  const answer = await ask(server, { method: "PUT", path: artifactPath(path), body });
  if (answer.status === 200)
    ledger.artifacts.push({ path, digest: createHash("sha256").update(body).digest("hex") });
  return answer;
}

async function fillByLogging(server: Server, run: string): Promise<void> {
  for (let i = 0; i < WRITES_MAX; i += 1) {
    const answer = await logOnce(server, run, "filler");
    if (answer.status === 200) continue;
    return checks.that("a batch that finds no room is refused for now", isForNow(answer), answer);
  }
  checks.that("logging fills the disk", false);
}

async function logOnce(server: Server, run: string, key: string): Promise<Answer> {
  const metrics = Array.from({ length: BATCH }, () => {
    step += 1;
    return { key, value: Math.random(), timestamp: Date.now(), step };
  });
  const answer = await mlflow(server, "runs/log-batch", { run_id: run, metrics });
  if (answer.status === 200) ledger.metrics.push(...metrics.map((metric) => ({ ...metric, run })));
  return answer;
}

/** What an mlflow client tries again on, and when. */
function isForNow({ status, headers, json }: Answer): boolean {
  const { error_code } = (json ?? {}) as { error_code?: string };
  return status === 503 && error_code === "TEMPORARILY_UNAVAILABLE" && Number(headers["retry-after"]) > 0;
}

async function refusesPlainly(server: Server, run: string): Promise<void> {
  const calls: [string, object][] = [
    ["runs/create", { experiment_id: "0" }],
    ["runs/log-metric", { run_id: run, key: "m", value: 1, timestamp: 1 }],
    ["experiments/create", { name: "no room" }],
    ["registered-models/create", { name: "no-room" }],
  ];
  for (const [call, body] of calls) {
    const answer = await mlflow(server, call, body);
    // A small write may still find a place in a page that is there already.
    checks.that(`${call} is taken or refused for now`, answer.status === 200 || isForNow(answer), answer);
  }
  const own = await ask(server, {
    method: "POST",
    path: "/api/atrium/v1/projects",
    body: { slug: "no-room" },
  });
  const isOurs = own.status === 503 && (own.json as { error: { code: string } }).error.code === "unavailable";
  checks.that("our own API says unavailable", own.status === 201 || isOurs, own);
  checks.that("readyz answers", [200, 503].includes((await ask(server, { path: "/readyz" })).status));
}

async function holdsAll(server: Server): Promise<void> {
  const lost = await missing(server, ledger);
  checks.that("all that was acknowledged is readable", lost.length === 0, lost.slice(0, 10).join("\n"));
}

/** Who reads is recorded first: without any room for that a reader waits, and is told so. */
async function readsAreAnswered(server: Server, run: string): Promise<void> {
  const paths = [
    `/api/2.0/mlflow/runs/get?run_id=${run}`,
    `/api/2.0/mlflow/metrics/get-history?run_id=${run}&metric_key=filler`,
    artifactPath(`0/${run}/artifacts/0.bin`),
  ];
  for (const path of paths) {
    const got = await ask(server, { path });
    checks.that(
      `on a full disk GET ${path} is answered or refused for now`,
      got.status === 200 || isForNow(got),
      got,
    );
  }
}

function freeKib(): number {
  const { bavail, bsize } = statfsSync(home);
  return (bavail * bsize) / 1024;
}
