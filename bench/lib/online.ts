import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { Agent, request } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLmdbOnlineStore } from "../../server/src/ports/online-store/lmdb.ts";
import { type Peer, startAtrium, startFeast } from "./servers.ts";
import { type Spent, spent } from "./spent.ts";

const FEATURES = 20;
const ENTITIES = 10_000;
const READS = 20_000;
const RUNS = 3; // The best counts: a busy machine makes the others dearer.
const REQUESTS = 3000;
const FEAST_REQUESTS = 300; // Each takes milliseconds of CPU.
const CONNECTIONS = 8;
const BATCH_ROWS = 5000;

const fromServer = createRequire(new URL("../../server/package.json", import.meta.url));
const say = (text: string) => process.stdout.write(`${text}\n`);
const values = Array.from({ length: FEATURES }, (_, i) => i * 1.5);
/** Spread over all entities, the same for everybody. */
const entityOf = (i: number) => (i * 7919) % ENTITIES;

/** One entity with twenty features a read: the bare engine, ours in the process, ours and the peer over HTTP. */
export async function online(folder: string, python: string | undefined): Promise<void> {
  const bareUs = await inProcess(folder);
  const atrium = await startAtrium();
  let oursMs: number;
  try {
    await fillAtrium(atrium);
    oursMs = await overHttp(atrium, "/feast/get-online-features", REQUESTS);
  } finally {
    await atrium.stop();
  }
  say(`online HTTP   ours ${(oursMs * 1000).toFixed(0)} µs CPU a request, ${CONNECTIONS} connections`);
  say(`              ratio to the bare get ${((oursMs * 1000) / bareUs).toFixed(0)}`);
  if (python === undefined) {
    say(
      "NOT RUN: feast serve beside it; set PYTHON to an interpreter with conformance/feast/requirements.txt",
    );
    return;
  }
  const feast = await startFeast(python, feastRepository(python));
  try {
    const theirsMs = await overHttp(feast, "/get-online-features", FEAST_REQUESTS);
    say(`              feast serve ${(theirsMs * 1000).toFixed(0)} µs CPU a request`);
    say(`              ratio ours to feast serve ${(oursMs / theirsMs).toFixed(3)}`);
  } finally {
    await feast.stop();
  }
}

/** Answers with the bare engine's microseconds a read. */
async function inProcess(folder: string): Promise<number> {
  const { open } = fromServer("lmdb") as typeof import("../../server/node_modules/lmdb/index.js");
  const table = { projectId: "p", tableId: "v" };
  const keys = { keyOf: async (id: string) => createHash("sha256").update(id).digest() };
  const directory = join(folder, "ours");
  const filler = openLmdbOnlineStore({ directory, keys });
  const bare = open<unknown, string>({ path: join(folder, "bare"), encoding: "json" });
  const rows = Array.from({ length: ENTITIES }, (_, i) => ({
    ...{ key: `["${i}"]`, eventMs: i, createdMs: i, values },
  }));
  const written = await spent(() => filler.put(table, rows));
  await filler.close();
  await bare.transaction(() => {
    for (const row of rows) bare.put(row.key, [row.eventMs, row.createdMs, row.values]);
  });
  const key = (i: number) => `["${entityOf(i)}"]`;
  const bareReading = await best(async () => {
    for (let i = 0; i < READS; i += 1) await Promise.resolve(bare.get(key(i)));
  });
  // A store that was just opened has opened no row yet: each entity is read once.
  const firstReads: Spent[] = [];
  let reading: Spent = { cpuMs: Number.POSITIVE_INFINITY, wallMs: 0 };
  for (let run = 0; run < RUNS; run += 1) {
    const store = openLmdbOnlineStore({ directory, keys });
    const read = async (count: number) => {
      for (let i = 0; i < count; i += 1) await store.get(table, [key(i)]);
    };
    firstReads.push(await spent(() => read(ENTITIES)));
    const again = await spent(() => read(READS));
    if (again.cpuMs < reading.cpuMs) reading = again;
    await store.close();
  }
  const firstMs = Math.min(...firstReads.map(({ cpuMs }) => cpuMs));
  const us = (cpuMs: number, count: number) => (cpuMs * 1000) / count;
  const bareUs = us(bareReading.cpuMs, READS);
  const againUs = us(reading.cpuMs, READS);
  say(`online put    ${us(written.cpuMs, rows.length).toFixed(1)} µs CPU a row (sealed, compared)`);
  say(`online 1×${FEATURES}   bare lmdb get ${bareUs.toFixed(1)} µs CPU a read`);
  say(`              ours ${againUs.toFixed(1)} µs, ratio ${(againUs / bareUs).toFixed(2)}`);
  const firstUs = us(firstMs, ENTITIES);
  say(
    `              ours, an entity's first read ${firstUs.toFixed(1)} µs, ratio ${(firstUs / bareUs).toFixed(2)}`,
  );
  await bare.close();
  return bareUs;
}

async function best(work: () => Promise<void>): Promise<Spent> {
  const runs: Spent[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await spent(work));
  return runs.reduce((a, b) => (a.cpuMs <= b.cpuMs ? a : b));
}

async function fillAtrium(atrium: Peer): Promise<void> {
  const names = values.map((_, i) => `f${i}`);
  const at = new Date().toISOString().slice(0, -1).replace("T", " ");
  const own = (path: string, body: object | string) => post(atrium, `/api/atrium/v1${path}`, body);
  await own("/datasets", { name: "wide" });
  await own(
    "/datasets/wide/versions/upload?format=csv",
    `k,at,${names.join(",")}\n0,${at},${values.join(",")}\n`,
  );
  for (let state = ""; state !== "ready"; ) {
    const answer = await fetch(`${atrium.url}/api/atrium/v1/datasets/wide/versions/1`, {
      headers: atrium.headers,
    });
    state = ((await answer.json()) as { state: string }).state;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await own("/features/entities", { name: "thing", joinKeys: [{ name: "k", type: "int64" }] });
  await own("/features/views", {
    name: "wide",
    entities: ["thing"],
    source: { dataset: "wide", timestampColumn: "at" },
    ttlSeconds: 365 * 86_400,
    features: names.map((name) => ({ name, type: "float64" })),
  });
  for (let from = 0; from < ENTITIES; from += BATCH_ROWS) {
    const k = Array.from({ length: BATCH_ROWS }, (_, i) => from + i);
    const columns = names.map((name, i) => [name, k.map(() => values[i])]);
    const df = { k, event_timestamp: k.map(() => at), ...Object.fromEntries(columns) };
    await post(atrium, "/feast/write-to-online-store", { feature_view_name: "wide", df });
  }
}

async function post({ url, headers }: Peer, path: string, body: object | string): Promise<void> {
  const isText = typeof body === "string";
  const type = isText ? "application/octet-stream" : "application/json";
  const answer = await fetch(url + path, {
    ...{ method: "POST", headers: { ...headers, "content-type": type } },
    body: isText ? body : JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

/** Milliseconds of the server's CPU for each request that the Feast client would send. */
async function overHttp(peer: Peer, path: string, count: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const features = values.map((_, i) => `wide:f${i}`);
  const ask = (i: number) =>
    new Promise<void>((resolve, reject) => {
      const body = JSON.stringify({ features, entities: { k: [entityOf(i)] }, full_feature_names: false });
      const headers = { ...peer.headers, "content-type": "application/json" };
      const call = request(peer.url + path, { method: "POST", agent, headers }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (piece: string) => {
          text += piece;
        });
        answer.once("end", () => {
          if (isRight(answer.statusCode, text)) resolve();
          else reject(new Error(`${peer.name}: ${answer.statusCode} ${text.slice(0, 300)}`));
        });
      });
      call.once("error", reject);
      call.end(body);
    });
  const all = async (from: number, to: number) => {
    let next = from;
    const connection = async () => {
      while (next < to) {
        const i = next;
        next += 1;
        await ask(i);
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  };
  await all(0, Math.ceil(count / 10));
  const before = peer.cpuMs();
  await all(0, count);
  const used = peer.cpuMs() - before;
  agent.destroy();
  return used / count;
}

/** Every feature there, in whatever order the server gives them. */
function isRight(status: number | undefined, text: string): boolean {
  if (status !== 200) return false;
  const { results } = JSON.parse(text) as { results: { values: unknown[]; statuses: string[] }[] };
  const read = results.flatMap((one) => (one.statuses[0] === "PRESENT" ? one.values : [])).map(Number);
  const sum = values.reduce((a, b) => a + b, 0);
  // The entity's own key is among the answers.
  return read.length === FEATURES + 1 && read.reduce((a, b) => a + b, 0) - (read[0] ?? 0) === sum;
}

function feastRepository(python: string): string {
  const folder = join(mkdtempSync(join(tmpdir(), "feast-bench-")), "repository");
  const program = join(import.meta.dirname, "feast_repo.py");
  const args = ["-B", program, folder, String(ENTITIES), String(FEATURES)];
  const made = spawnSync(python, args, { encoding: "utf8", env: { ...process.env, FEAST_USAGE: "False" } });
  if (made.status !== 0)
    throw new Error(`The Feast repository could not be made: ${made.stderr.slice(-2000)}`);
  return folder;
}
