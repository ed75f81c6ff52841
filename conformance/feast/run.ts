/**
 * The walk with the unmodified feast client against a server started for it; PYTHON names the interpreter.
 *   node conformance/feast/run.ts
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Server, startServer } from "../lib/server.ts";

const API_PREFIX = "/api/atrium/v1";
const POLL_MS = 100;
const WAIT_MS = 60_000; // A version, a materialization: each takes a second, on a busy machine some more.
const DAY_MS = 86_400_000;

const python = process.env.PYTHON;
if (python === undefined)
  throw new Error("Set PYTHON to an interpreter that has what requirements.txt lists.");

const server = await startServer({ databaseUrl: process.env.ATRIUM_DATABASE_URL });
const repository = mkdtempSync(join(tmpdir(), "atrium-feast-"));
try {
  const nowMs = Date.now();
  await prepare(server, nowMs);
  process.exitCode = await walk(python, server, { repository, nowMs });
} finally {
  await server.stop();
  rmSync(repository, { recursive: true, force: true });
}

/** What a project has before its clients come: two datasets, views over them, a service, and values online. */
async function prepare(at: Server, nowMs: number): Promise<void> {
  const time = (agoMs: number) => new Date(nowMs - agoMs).toISOString().slice(0, -1).replace("T", " ");
  await putDataset(at, "drivers", [
    {
      driver_id: 1001,
      event_timestamp: time(3_600_000),
      created: time(0),
      conv_rate: 0.5,
      trips: 10,
      city: "Bern",
    },
    {
      driver_id: 1002,
      event_timestamp: time(3_600_000),
      created: time(0),
      conv_rate: null,
      trips: 20,
      city: null,
    },
    {
      driver_id: 1003,
      event_timestamp: time(9 * DAY_MS),
      created: time(0),
      conv_rate: 0.75,
      trips: 30,
      city: "Rome",
    },
  ]);
  await putDataset(at, "rides", [
    { driver_id: 1001, customer_id: "a", event_timestamp: time(1000), fare: 10.5 },
    { driver_id: 1001, customer_id: "b", event_timestamp: time(1000), fare: 99.5 },
  ]);
  const entity = (name: string, key: string, type: string) =>
    ask(at, "POST /features/entities", { name, joinKeys: [{ name: key, type }] });
  await entity("driver", "driver_id", "int64");
  await entity("customer", "customer_id", "string");
  await ask(at, "POST /features/views", {
    name: "driver_hourly",
    entities: ["driver"],
    source: { dataset: "drivers", timestampColumn: "event_timestamp", createdColumn: "created" },
    ttlSeconds: 7 * 86_400,
    features: [
      { name: "conv_rate", type: "float64" },
      { name: "trips", type: "int64" },
      { name: "city", type: "string" },
    ],
    pushSource: "driver_stream",
  });
  await ask(at, "POST /features/views", {
    name: "driver_customer",
    entities: ["driver", "customer"],
    source: { dataset: "rides", timestampColumn: "event_timestamp" },
    features: [{ name: "fare", type: "float64" }],
  });
  const views = [{ view: "driver_hourly" }, { view: "driver_customer" }];
  await ask(at, "POST /features/services", { name: "ranking", views });
  for (const name of ["driver_hourly", "driver_customer"]) {
    const run = await ask(at, `POST /features/views/${name}/materializations`, {});
    await until(async () => (await ask(at, `GET /features/materializations/${run.id}`)).state, "succeeded");
  }
}

async function putDataset(at: Server, name: string, rows: readonly object[]): Promise<void> {
  await ask(at, "POST /datasets", { name });
  const lines = [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))];
  const text = lines.map((cells) => `${cells.join(",")}\n`).join(""); // A null is an empty cell.
  const { version } = await ask(at, `POST /datasets/${name}/versions/upload?format=csv`, text);
  await until(async () => (await ask(at, `GET /datasets/${name}/versions/${version}`)).state, "ready");
}

async function until(look: () => Promise<string>, wanted: string): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  for (let state = await look(); state !== wanted; state = await look()) {
    if (state === "failed" || performance.now() > deadline) throw new Error(`It is ${state}, not ${wanted}.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function ask(at: Server, route: `${"GET" | "POST"} /${string}`, body?: object | string) {
  const [method = "", path = ""] = route.split(" ", 2);
  const isText = typeof body === "string";
  const answer = await fetch(`${at.url}${API_PREFIX}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${at.token}`,
      ...(body === undefined
        ? {}
        : { "content-type": isText ? "application/octet-stream" : "application/json" }),
    },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}\n${at.output().slice(-2000)}`);
  return JSON.parse(text);
}

/** Answers with the exit status; the walk itself prints the closing line. */
async function walk(
  interpreter: string,
  { url, token }: Server,
  given: { repository: string; nowMs: number },
): Promise<number> {
  const child = spawn(interpreter, ["-B", join(import.meta.dirname, "walk.py")], {
    cwd: given.repository,
    stdio: "inherit",
    env: {
      ...process.env,
      ATRIUM_URL: url,
      ATRIUM_TOKEN: token,
      NOW_MS: String(given.nowMs),
      FEAST_USAGE: "False",
      IS_TEST: "True",
    },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
