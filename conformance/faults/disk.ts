/**
 * A disk that fills up under uploads, logging and pushes: writes are refused in words that clients try again on, reads
 * go on, models answer, nothing acknowledged is lost, and with space freed writing goes on by itself. It mounts a small
 * file system.
 *   node conformance/faults/disk.ts [--mebibytes 40]
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
import {
  answers,
  emptyStores,
  loggedNotes,
  missingInStores,
  own,
  predict,
  prepareStores,
  push,
  reaches,
} from "./lib/stores.ts";
import { materializeWide, prepareWide, trainWide, WIDE, wideOnline } from "./lib/wide-features.ts";

const { values: flags } = parseArgs({ options: { mebibytes: { type: "string", default: "40" } } });

const BALLAST_BYTES = 14 * 1024 * 1024; // What the operator removes to free space.
const UPLOAD_BYTES = 512 * 1024;
const BATCH = 200; // Points a call: the log of the database fills in some dozens of calls.
const WRITES_MAX = 5000;
const COMES_BACK_MS = 15_000; // The longest that Retry-After asks for, and some more.

const checks = createChecks();
const home = newHome("disk");
const ledger = emptyLedger();
const stores = emptyStores();
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
    await prepareStores(server);
    await useStores(server);
    await prepareWide(server);
    await fillByUploads(server, run);
    await datasetsRefuse(server);
    await workersFailPlainly(server);
    const logged = await logOnce(server, run, "still");
    checks.that("a disk that uploads have filled still takes what is logged", logged.status === 200, logged);
    await holdsAll(server);
    await fillByLogging(server, run);
    checks.figure(`full at ${freeKib()} KiB free; acknowledged: ${summary(ledger)}`);
    await refusesPlainly(server, run);
    await fillByPushing(server);
    await readsAreAnswered(server, run);
    await modelsAnswer(server);

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
    await storesGoOn(server);
    await workersGoOn(server);
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

/** What is there before the disk is full. */
async function useStores(server: Server): Promise<void> {
  for (let level = 1; level <= 20; level += 1) {
    const sensor = `s${level}`;
    const pushed = await push(server, { sensor, level, place: `place ${level}` });
    if (pushed.status === 200) stores.pushed.set(sensor, level);
  }
  const answer = await predict(server, "before");
  const { predictions } = answer.json as { predictions: { predictionId: string }[] };
  stores.predictions.push({ id: predictions[0]?.predictionId ?? "", note: "before" });
  checks.that("the stores take what comes", stores.pushed.size === 20, stores.pushed.size);
  await holdsStores(server);
}

function uploadDataset(server: Server): Promise<Answer> {
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i},${randomBytes(8).toString("hex")}\n`);
  const body = Buffer.from(`id,word\n${lines.join("")}`);
  return own(server, "POST /datasets/sensors/versions/upload?format=csv", body);
}

async function datasetsRefuse(server: Server): Promise<void> {
  const refused = await uploadDataset(server);
  const { code } = (refused.json as { error?: { code: string } }).error ?? { code: "" };
  checks.that(
    "a dataset that finds no room is refused for now",
    refused.status === 503 && code === "unavailable",
    refused,
  );
  const versions = await own(server, "GET /datasets/sensors/versions");
  const count = (versions.json as { items: unknown[] }).items?.length;
  checks.that("and leaves no version behind", count === 1, versions.text);
}

/** What a worker makes needs more room than is left. Nobody waits for its answer: it stands where it was asked for. */
async function workersFailPlainly(server: Server): Promise<void> {
  const online = await materializeWide(server);
  const failed = ({ state, error }: { state: string; error: string }) =>
    state === "failed" && /disk (may be|is nearly|is) full/.test(error);
  checks.that("a view that finds no room online fails and says so", failed(online), online);
  // Rows go online some at a time, each as a whole; the next run passes over those that are there.
  const { torn } = await wideOnline(server);
  checks.that("and what is online of it is whole rows", torn.length === 0, torn);
  const set = await trainWide(server);
  checks.that("a training set that finds no room fails and says so", failed(set), set);
  const listed = await own(server, "GET /artifacts?path=features/training-sets");
  const { items } = listed.json as { items?: unknown[] };
  checks.that("and leaves no file behind", set.artifactPath === undefined && items?.length === 0, listed);
}

/** The same requests, to the server that refused them. */
async function workersGoOn(server: Server): Promise<void> {
  const online = await materializeWide(server);
  const { there, torn } = await wideOnline(server);
  checks.that(
    "and a view comes online, whole",
    online.state === "succeeded" && there === WIDE.seen && torn.length === 0,
    { online, there, torn },
  );
  const set = await trainWide(server);
  checks.that("and a training set is made", set.state === "succeeded" && set.rows === WIDE.rows, set);
}

/** Rows of a store that nobody reads here; small ones may still find a page that is free. */
async function fillByPushing(server: Server): Promise<void> {
  for (let i = 0; i < WRITES_MAX; i += 1) {
    const answer = await push(server, { sensor: `filler ${i}`, level: i, place: "x".repeat(100_000) });
    if (answer.status === 200) continue;
    // Feast's own shape: a JSON text within JSON.
    const inner = typeof answer.json === "string" ? (JSON.parse(answer.json) as { class?: string }) : {};
    const isFeasts = answer.status === 503 && inner.class !== undefined;
    return checks.that("a push that finds no room is refused in Feast's words", isFeasts, answer);
  }
  checks.that("pushes fill the disk", false);
}

async function modelsAnswer(server: Server): Promise<void> {
  const answer = await predict(server, "on a full disk");
  checks.that("on a full disk models answer", answer.status === 200, answer);
}

async function storesGoOn(server: Server): Promise<void> {
  const pushes = async () =>
    (await push(server, { sensor: "s1", level: 100, place: "place 100" })).status === 200;
  const pushed = await eventually(pushes, COMES_BACK_MS);
  checks.that("and so do pushes", pushed !== undefined);
  if (pushed !== undefined) stores.pushed.set("s1", 100);
  const uploads = async () => {
    const answer = await uploadDataset(server);
    if (answer.status >= 300) return false;
    const { version } = answer.json as { version: number };
    await reaches(server, `/datasets/sensors/versions/${version}`, "ready");
    return true;
  };
  checks.that("and datasets", (await eventually(uploads, COMES_BACK_MS)) !== undefined);
  await answers(server);
  await predict(server, "after");
  const logged = async () => [...(await loggedNotes(server)).values()].includes("after");
  checks.that("and the prediction log", (await eventually(logged, COMES_BACK_MS)) !== undefined);
  await holdsStores(server);
}

async function holdsStores(server: Server): Promise<void> {
  const lost = await missingInStores(server, stores);
  checks.that("the stores hold all that was acknowledged, whole", lost.length === 0, lost.join("\n"));
}

function freeKib(): number {
  const { bavail, bsize } = statfsSync(home);
  return (bavail * bsize) / 1024;
}
