/**
 * Starting and stopping: what stands in the way is told in one sentence with the right exit code; a stop drains, a
 * second signal does not wait; and what a start, an idle server and a large upload cost.
 *   node conformance/faults/start.ts [--upload-mib 2048] [--uploads 300] [--idle-seconds 30]
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { parseArgs } from "node:util";
import { launchServer, type Server, startServer } from "../lib/server.ts";
import { createChecks } from "./lib/checks.ts";
import { artifactPath, ask, eventually, newRun, pause } from "./lib/client.ts";
import { contentsOf, isPlainRefusal, newHome, newKeyFile, ROOT, run, SERVER } from "./lib/program.ts";

const { values: flags } = parseArgs({
  options: {
    "upload-mib": { type: "string", default: "2048" },
    uploads: { type: "string", default: "300" },
    "idle-seconds": { type: "string", default: "30" },
  },
});

const MIB = 1024 * 1024;
const TICKS_PER_SECOND = 100; // Linux reports process times in hundredths of a second on every common build.
const RSS_IDLE_MIB = 250; // What ARCHITECTURE.md promises.
const RSS_RISE_MIB = 50;
const PIECE = Buffer.alloc(64 * 1024, "generated");

const checks = createChecks();
const home = newHome("start");
const key = newKeyFile(home, "key");
writeFileSync(join(home, "token"), "a-token-that-is-long-enough-for-the-owner");
const data = join(home, "data");

await refusals();
await drains();
await secondSignal();
await costs();
rmSync(home, { recursive: true, force: true });
checks.end();

function up(more: readonly string[] = [], settings: Record<string, string> = {}) {
  return run({
    args: [SERVER, "up", "--data", data, "--port", "0", "--no-sample", ...more],
    settings: { ATRIUM_KEY_FILE: key, ...settings },
  });
}

async function refusals(): Promise<void> {
  const server = await startServer({ dataDirectory: home });
  const before = existsSync(join(data, "atrium.db"));
  checks.that(
    "the data folder is in use: refused",
    isPlainRefusal(await up(), /Another Atrium server uses/) && before,
  );
  await server.stop();

  const other = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => other.once("listening", resolve));
  const { port } = other.address() as { port: number };
  const taken = await up(["--port", String(port)]);
  checks.that(
    "a port in use: refused by its number",
    isPlainRefusal(taken, new RegExp(`Port ${port} .* in use`)),
    taken,
  );
  other.close();

  const unknown = await run({ args: [SERVER, "up", "--colour", "red"] });
  checks.that(
    "an unknown flag: exit 2, named, with help",
    unknown.code === 2 && /--colour/.test(unknown.stderr) && /up \[/.test(unknown.stderr),
    unknown,
  );
  const command = await run({ args: [SERVER, "dance"] });
  checks.that(
    "an unknown command: exit 2, named",
    command.code === 2 && /dance/.test(command.stderr),
    command,
  );
  const wrong = await up(["--port", "99999", "--roles", "king"], {
    ATRIUM_ADMIN_TOKEN: "short",
    ATRIUM_KEY: "x",
  });
  const named = ["99999", "king", "ATRIUM_ADMIN_TOKEN", "ATRIUM_KEY"].filter((word) =>
    wrong.stderr.includes(word),
  );
  checks.that("several wrong settings are told at once", wrong.code === 1 && named.length === 4, wrong);
  const misspelt = await up([], { ATRIUM_DATABSE_URL: "postgres://x" });
  checks.that(
    "a misspelt setting is refused by its name",
    misspelt.code === 1 && /ATRIUM_DATABSE_URL/.test(misspelt.stderr),
    misspelt,
  );
  const away = await up([], { ATRIUM_DATABASE_URL: "postgres://nobody:hunter22@127.0.0.1:1/none" });
  checks.that(
    "a database that is away: refused, its password unsaid",
    isPlainRefusal(away, /database/) && !away.stderr.includes("hunter22"),
    away,
  );
  await unwritable();
  await newerData();
  await missingTool();
}

/** Root may write everywhere: the check runs as nobody then. */
async function unwritable(): Promise<void> {
  const folder = newHome("unwritable");
  chmodSync(folder, 0o555);
  const uid = process.getuid?.() === 0 ? 65_534 : undefined;
  const readable = await run({
    command: "test",
    args: ["-r", SERVER],
    ...(uid === undefined ? {} : { uid }),
  });
  if (readable.code !== 0) {
    checks.notRun("a data folder without write permission: another user may not read this checkout");
    return;
  }
  const target = join(folder, "data");
  const args = [SERVER, "up", "--data", target, "--port", "0", "--no-sample"];
  const ended = await run({
    args,
    settings: { ATRIUM_KEY: "ab".repeat(32), HOME: folder },
    ...(uid === undefined ? {} : { uid }),
  });
  checks.that(
    "no permission to write: one sentence that names the folder",
    isPlainRefusal(ended, new RegExp(target)),
    ended,
  );
  rmSync(folder, { recursive: true, force: true });
}

async function newerData(): Promise<void> {
  const program = newHome("newer");
  // The same program with one migration more writes the data; this one then finds it.
  for (const name of ["server", "contract", "package.json"])
    cpSync(join(ROOT, name), join(program, name), { recursive: true, verbatimSymlinks: true });
  symlinkSync(join(ROOT, "node_modules"), join(program, "node_modules"));
  writeFileSync(
    join(program, "server/migrations/9999-later.sql"),
    "create table house_later (id text not null primary key);\n",
  );
  const later = spawn(
    process.execPath,
    [join(program, "server/src/main.ts"), "up", "--data", data, "--port", "0", "--no-sample"],
    {
      env: {
        ...process.env,
        ATRIUM_KEY_FILE: key,
        ATRIUM_ADMIN_TOKEN: readFileSync(join(home, "token"), "utf8"),
      },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let said = "";
  later.stdout.on("data", (piece) => {
    said += piece;
  });
  const ready = await eventually(async () => /is ready/.test(said), 60_000);
  const gone = new Promise((resolve) => later.once("exit", resolve));
  later.kill("SIGTERM");
  await gone;
  checks.that("a later version has used the data", ready !== undefined, said);
  const before = contentsOf(data);
  const ended = await up();
  checks.that(
    "data of a newer version: refused in one sentence",
    isPlainRefusal(ended, /newer than this program/),
    ended,
  );
  checks.that(
    "and nothing of it has changed",
    sameBut(before, contentsOf(data), /^(atrium\.db-(wal|shm)|lock) /),
    contentsOf(data),
  );
  rmSync(program, { recursive: true, force: true });
  rmSync(data, { recursive: true, force: true });
}

function sameBut(before: string, after: string, mayDiffer: RegExp): boolean {
  const lines = (text: string) =>
    text
      .split("\n")
      .filter((line) => !mayDiffer.test(line))
      .join("\n");
  return lines(before) === lines(after);
}

async function missingTool(): Promise<void> {
  const program = newHome("bare");
  for (const name of ["atrium", "package.json", "pnpm-lock.yaml"])
    cpSync(join(ROOT, name), join(program, name));
  const tools = join(program, "tools");
  mkdirSync(tools);
  for (const tool of ["dirname", "mkdir", "cmp", "sed", "cat", "rm", "cp", "readlink", "flock"]) {
    const found = ["/usr/bin", "/bin"].map((folder) => join(folder, tool)).find((path) => existsSync(path));
    if (found !== undefined) symlinkSync(found, join(tools, tool));
  }
  const bare = await run({
    command: "/bin/sh",
    args: [join(program, "atrium"), "up"],
    settings: { PATH: tools },
  });
  checks.that(
    "no Node: one sentence says what to install",
    bare.code === 1 && /Node is missing: install Node/.test(bare.stderr),
    bare,
  );
  symlinkSync(process.execPath, join(tools, "node"));
  const noNpx = await run({
    command: "/bin/sh",
    args: [join(program, "atrium"), "up"],
    settings: { PATH: tools },
  });
  checks.that(
    "no npx: one sentence says what to install",
    noNpx.code === 1 && /npm is missing: install it/.test(noNpx.stderr),
    noNpx,
  );
  rmSync(program, { recursive: true, force: true });
}

async function drains(): Promise<void> {
  const server = await startServer({ dataDirectory: home });
  const runId = await newRun(server);
  const stream = openStream(server);
  await stream.open;
  const path = artifactPath(`0/${runId}/artifacts/slow.bin`);
  const upload = ask(server, { method: "PUT", path, body: Readable.from(slowly(20, 100)) });
  await pause(500);
  const begun = performance.now();
  server.signal("SIGTERM");
  await stream.ended;
  const streamMs = Math.round(performance.now() - begun);
  checks.that("an open event stream ends at once", streamMs < 1500, streamMs);
  await pause(200);
  const late = await ask(server, { path: "/healthz" }).then(
    ({ status }) => status,
    () => "refused",
  );
  checks.that("a server that stops takes no new connection", late === "refused", late);
  const answer = await upload;
  checks.that("an upload under way is finished", answer.status === 200, answer);
  checks.that("then it ends with 0", (await server.ended) === 0, server.output().slice(-500));
  checks.figure(
    `event stream ended ${streamMs} ms after SIGTERM, the server ${Math.round(performance.now() - begun)} ms after it`,
  );
  const again = await startServer({ dataDirectory: home });
  const kept = await ask(again, { path });
  checks.that(
    "what was uploaded while it stopped is there",
    kept.status === 200 && kept.text.length === 20 * PIECE.length,
    kept.status,
  );
  await again.stop();
}

async function secondSignal(): Promise<void> {
  const server = await startServer({ dataDirectory: home });
  const runId = await newRun(server);
  const body = Readable.from(slowly(200, 100));
  const upload = ask(server, {
    method: "PUT",
    path: artifactPath(`0/${runId}/artifacts/endless.bin`),
    body,
  }).catch(() => undefined);
  await pause(500);
  server.signal("SIGTERM");
  await pause(500);
  const begun = performance.now();
  server.signal("SIGTERM");
  const code = await server.ended;
  const tookMs = Math.round(performance.now() - begun);
  checks.that("a second signal ends it at once with 130", code === 130 && tookMs < 2000, { code, tookMs });
  body.destroy();
  await upload;
}

async function* slowly(pieces: number, everyMs: number): AsyncGenerator<Buffer> {
  for (let i = 0; i < pieces; i += 1) {
    yield PIECE;
    await pause(everyMs);
  }
}

function openStream(server: Server): { open: Promise<unknown>; ended: Promise<void> } {
  const call = request(`${server.url}/api/atrium/v1/live`, {
    headers: { authorization: `Bearer ${server.token}` },
  });
  call.end();
  const open = new Promise((resolve, reject) => call.once("response", resolve).once("error", reject));
  const ended = open.then(
    (response) =>
      new Promise<void>((resolve) => (response as Readable).resume().once("close", () => resolve())),
  );
  return { open, ended };
}

async function costs(): Promise<void> {
  const begun = performance.now();
  const server = await launchServer({ dataDirectory: home });
  await server.ready();
  const readyMs = performance.now() - begun;
  const page = await ask({ url: server.url }, { path: "/", headers: { accept: "text/html" } });
  const uiMs = performance.now() - begun;
  checks.figure(
    `start: ready in ${seconds(readyMs)}, UI answered ${page.status} in ${seconds(uiMs)}, ${cpuSeconds(server.pid)} CPU-s`,
  );
  checks.that("readiness and the root answer", page.status < 500, page);
  try {
    await pause(Number(flags["idle-seconds"]) * 1000);
    const idle = rssMib(server.pid);
    checks.figure(`idle: ${idle} MiB after ${flags["idle-seconds"]} s`);
    checks.that(`an idle server holds at most ${RSS_IDLE_MIB} MiB`, idle <= RSS_IDLE_MIB, idle);
    await largeUpload(server);
    await manyUploads(server);
  } finally {
    await server.stop();
  }
}

async function largeUpload(server: Server): Promise<void> {
  const path = artifactPath(`0/${await newRun(server)}/artifacts/large.bin`);
  // What a first upload loads and warms is no cost of its size.
  await ask(server, { method: "PUT", path, body: Readable.from(generated(64)) });
  const before = rssMib(server.pid);
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, rssMib(server.pid));
  }, 100);
  const mebibytes = Number(flags["upload-mib"]);
  const begun = performance.now();
  const cpuBefore = cpuSeconds(server.pid);
  const put = await ask(server, { method: "PUT", path, body: Readable.from(generated(mebibytes)) });
  const tookMs = performance.now() - begun;
  clearInterval(watch);
  checks.figure(
    `upload of ${mebibytes} MiB: ${seconds(tookMs)}, ${(cpuSeconds(server.pid) - cpuBefore).toFixed(1)} CPU-s, memory ${before} → at most ${peak} MiB`,
  );
  checks.that("a large upload is taken", put.status === 200, put);
  checks.that(`it costs less than ${RSS_RISE_MIB} MiB of memory`, peak - before < RSS_RISE_MIB, {
    before,
    peak,
  });
  await ranges(server, path, mebibytes * MIB);
}

async function ranges(server: Server, path: string, size: number): Promise<void> {
  const asked: [string, number, number][] = [
    ["bytes=0-0", 0, 0],
    [`bytes=65535-65536`, 65_535, 65_536],
    ["bytes=-10", size - 10, size - 1],
    [`bytes=${size - 3}-`, size - 3, size - 1],
    [`bytes=${size / 2}-${size / 2 + 200_000}`, size / 2, size / 2 + 200_000],
  ];
  for (const [range, first, last] of asked) {
    const got = await ask(server, { path, headers: { range } });
    const wanted = Buffer.from(
      Array.from({ length: last - first + 1 }, (_, i) => PIECE[(first + i) % PIECE.length] ?? 0),
    ).toString();
    checks.that(
      `${range} answers exactly that`,
      got.status === 206 &&
        got.text === wanted &&
        got.headers["content-range"] === `bytes ${first}-${last}/${size}`,
      got.headers,
    );
  }
  const beyond = await ask(server, { path, headers: { range: `bytes=${size}-` } });
  checks.that("a range beyond the end is 416", beyond.status === 416, beyond);
}

async function manyUploads(server: Server): Promise<void> {
  const runId = await newRun(server);
  const before = rssMib(server.pid);
  const begun = performance.now();
  const answers = await Promise.all(
    Array.from({ length: Number(flags.uploads) }, async (_, i) => {
      const body = Buffer.concat([PIECE, Buffer.from(String(i))]);
      const path = artifactPath(`0/${runId}/artifacts/many/${i}.bin`);
      const put = await ask(server, { method: "PUT", path, body });
      return { path, body, put };
    }),
  );
  const refused = answers.filter(({ put }) => put.status !== 200);
  checks.that(
    `${flags.uploads} uploads at once are all taken`,
    refused.length === 0,
    refused.slice(0, 3).map(({ put }) => put.text),
  );
  checks.figure(
    `${flags.uploads} uploads at once: ${seconds(performance.now() - begun)}, memory ${before} → ${rssMib(server.pid)} MiB`,
  );
  let wrong = 0;
  for (const { path, body } of answers) {
    const got = await ask(server, { path });
    if (sha256(got.text) !== sha256(body.toString())) wrong += 1;
  }
  checks.that("and each is what was sent", wrong === 0, wrong);
}

function* generated(mebibytes: number): Generator<Buffer> {
  for (let i = 0; i < (mebibytes * MIB) / PIECE.length; i += 1) yield PIECE;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function rssMib(pid: number): number {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024);
}

function cpuSeconds(pid: number): number {
  const [, after = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const fields = after.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND; // utime and stime of proc(5), counted from the state.
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
