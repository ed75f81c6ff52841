/**
 * JupyterLab in a real browser, a stock Jupyter Server as a client of kernels, and what may not be; PYTHON and CHROMIUM name them.
 *   node conformance/jupyter/run.ts [words of the checks to do]
 */
import { strict as assert } from "node:assert";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../checks/src/needs/free-port.ts";
import { type Server, startServer } from "../lib/server.ts";
import { runThroughGateway } from "./lib/gateway.ts";
import { openChannel } from "./lib/kernel.ts";
import { runInLab } from "./lib/lab.ts";
import { ask, type Person, signUp } from "./lib/person.ts";
import { type Client, createClient, notebook, poll, processesWith } from "./lib/place.ts";

const IDLE_SECONDS = 10;
const CUT_MS = 10_000; // A signed-out person's kernels are cut off in two seconds; the machine may be busy.

const python = process.env.PYTHON;
if (python === undefined)
  throw new Error("Set PYTHON to an interpreter that has what requirements.txt lists.");

// A folder that has environments already spares a minute of installing.
const dataDirectory = process.env.DATA ?? mkdtempSync(join(tmpdir(), "atrium-jupyter-"));
const port = await freePort();
const given = { dataDirectory, port, databaseUrl: process.env.ATRIUM_DATABASE_URL };
let server: Server = await startServer(given);
const ada: Person = await signUp(server, "ada");
const eve: Person = await signUp(server, "eve");
const adas: Client = createClient(server, ada);
const eves: Client = createClient(server, eve);
const owners: Client = createClient(server);

const wanted = process.argv.slice(2);
const counts = { passed: 0, failed: 0 };

/** Each stands on what those before it have left; one that fails does not keep the next from its turn. */
async function check(sentence: string, body: () => Promise<void>): Promise<void> {
  if (wanted.length > 0 && !wanted.some((word) => sentence.includes(word))) return;
  const begunMs = performance.now();
  try {
    await body();
    counts.passed += 1;
    say(`ok   ${sentence} (${Math.round(performance.now() - begunMs)} ms)`);
  } catch (thrown) {
    counts.failed += 1;
    say(`FAIL ${sentence}\n${thrown instanceof Error ? thrown.stack : String(thrown)}`);
  }
}

/** The address below which a person's server answers. */
async function baseOf(client: Client): Promise<string> {
  return (await client.server()).url.replace(/lab$/, "");
}

async function startKernel(client: Client): Promise<string> {
  const base = await baseOf(client);
  const headers = await xsrfOf(client, base);
  const answer = await client.raw("POST", `${base}api/kernels`, { body: '{"name":"python3"}', headers });
  assert.equal(answer.status, 201, answer.text);
  return (JSON.parse(answer.text) as { id: string }).id;
}

/** Jupyter's own guard against forged requests stays on for sessions: the page's cookie comes back as a header. */
async function xsrfOf(client: Client, base: string): Promise<Record<string, string>> {
  const page = await fetch(`${server.url}${base}lab`, { headers: client.credentials });
  await page.arrayBuffer();
  const cookie = page.headers.getSetCookie().find((one) => one.startsWith("_xsrf="));
  if (cookie === undefined) return {};
  const value = cookie.split(";")[0]?.slice("_xsrf=".length) ?? "";
  const session = "cookie" in client.credentials ? `${client.credentials.cookie}; ` : "";
  return { cookie: `${session}_xsrf=${value}`, "x-xsrftoken": value };
}

function channelOf(client: Client, base: string, kernel: string) {
  return openChannel(`${server.url}${base}api/kernels/${kernel}/channels`, client.credentials);
}

const upgrade = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

await adas.put("first.ipynb", notebook("print(6 * 7)"));

await check("however many ask, one server is started, and its page says how far it is", async () => {
  const started = await Promise.all(Array.from({ length: 10 }, adas.start));
  assert.equal(new Set(started.map(({ id }) => id)).size, 1);
  const { items } = await owners.json<{ items: unknown[] }>("GET", "/jobs?originType=notebook-server");
  assert.equal(items.length, 1);
  const page = await adas.raw("GET", started[0]?.url ?? "", { headers: { accept: "text/html" } });
  assert.equal(page.status, 200);
  assert.match(page.text, /Your notebook server starts/);
  const { state } = await adas.until("running", "failed");
  assert.equal(state, "running");
});

await check("JupyterLab opens with our session alone, runs a cell, and saves a version", async () => {
  const base = await baseOf(adas);
  const seen = await runInLab(`${server.url}${base}lab/tree/first.ipynb?reset`, ada);
  assert.equal(seen.output.trim(), "42");
  assert.deepEqual(seen.complaints, []);
  assert.doesNotMatch(seen.pages, /[?&]token=|"token": "[^"]|ATRIUM_TOKEN/);
  const file = await adas.json<{ version: number }>("GET", "/notebooks/file?path=first.ipynb");
  assert.ok(file.version >= 2, `version ${file.version}`);
  const drawn = await adas.json<{ cells: { outputs: unknown[] }[] }>(
    "GET",
    "/notebooks/document?path=first.ipynb",
  );
  assert.deepEqual(drawn.cells[0]?.outputs, [{ kind: "stream", name: "stdout", text: "42\n", cut: false }]);
});

await check("a stock Jupyter Server uses kernels here as a gateway", async () => {
  const base = await baseOf(adas);
  const expiresMs = Date.now() + 3_600_000;
  const { secret } = await adas.json<{ secret: string }>("POST", "/tokens", { name: "gateway", expiresMs });
  const url = server.url + base.replace(/\/$/, "");
  const folder = mkdtempSync(join(tmpdir(), "atrium-gateway-"));
  const printed = await runThroughGateway(python, { url, token: secret, folder, code: "print(6 * 7)" });
  assert.equal(printed.trim(), "42");
  rmSync(folder, { recursive: true, force: true });
});

await check("clients in a kernel find this server, with the project's rights alone", async () => {
  const channel = await channelOf(adas, await baseOf(adas), await startKernel(adas));
  const lines = [
    "import os, json, urllib.request, mlflow, kfp",
    "with mlflow.start_run() as run: mlflow.log_metric('loss', 0.5)",
    "print(mlflow.get_run(run.info.run_id).data.metrics['loss'])",
    "print(kfp.Client(existing_token=os.environ['ATRIUM_TOKEN']).list_pipelines().total_size or 0)",
    "import feast; print(feast.FeatureStore(fs_yaml_file=os.environ['FEAST_FS_YAML_FILE_PATH']).config.online_store.path)",
    "print('ATRIUM_NOTEBOOKS' in os.environ)",
    "open('written.csv', 'w').write('a,b\\n1,2\\n'); print(os.path.basename(os.getcwd()))",
  ];
  const printed = await channel.run(lines.join("\n"));
  assert.deepEqual(printed.trim().split("\n").slice(-5), [
    "0.5",
    "0",
    `${server.url}/feast`,
    "False",
    "files",
  ]);
  channel.close();
  // What a kernel writes is kept, without anybody's doing.
  await poll(
    () => adas.raw("GET", "/api/atrium/v1/notebooks/content?path=written.csv"),
    ({ status, text }) => status === 200 && text === "a,b\n1,2\n",
  );
});

await check("five megabytes that a cell prints arrive whole", async () => {
  const channel = await channelOf(adas, await baseOf(adas), await startKernel(adas));
  assert.equal((await channel.run("print('x' * 5_000_000)")).length, 5_000_001);
  channel.close();
});

await check("nobody but its owner gets in, and nobody without the proxy's word", async () => {
  const base = await baseOf(adas);
  const kernel = await startKernel(adas);
  const channels = `${base}api/kernels/${kernel}/channels`;
  for (const path of [`${base}api/status`, `${base}lab`, `${base}api/contents/first.ipynb`]) {
    assert.equal((await eves.raw("GET", path)).status, 404, path);
    assert.equal((await owners.raw("GET", path)).status, 404, path);
    assert.equal((await ask(server.url + path)).status, 401, path);
  }
  assert.equal((await eves.raw("GET", channels, { headers: upgrade })).status, 404);
  assert.equal((await ask(server.url + channels, { headers: upgrade })).status, 401);
  const foreign = { ...upgrade, origin: "http://localhost:1" };
  assert.equal((await adas.raw("GET", channels, { headers: foreign })).status, 403);
  const { cookie } = ada;
  assert.equal((await ask(server.url + channels, { headers: { ...upgrade, cookie } })).status, 403);
  assert.equal(
    (await adas.raw("DELETE", `${base}api/kernels/${kernel}`, { headers: { origin: "http://localhost:1" } }))
      .status,
    403,
  );
  const socketPath = await socketOf(adas);
  const claims = Buffer.from(
    JSON.stringify({ user: ada.id, name: "ada", by: "token", expiresSeconds: Date.now() / 1000 + 60 }),
  ).toString("base64url");
  for (const headers of [
    {},
    { "x-atrium-identity": `${claims}.${"0".repeat(64)}` },
    { "x-atrium-identity": claims },
  ]) {
    const direct = await ask(`http://localhost${base}api/contents`, { socketPath, headers });
    assert.equal(direct.status, 403);
  }
});

await check("a kill of the server leaves kernels running: the next one finds them", async () => {
  const base = await baseOf(adas);
  const kernel = await startKernel(adas);
  const before = await channelOf(adas, base, kernel);
  await before.run("kept = 12345");
  await server.kill();
  server = await startServer({ ...given, settings: { ATRIUM_NOTEBOOK_IDLE_SECONDS: String(IDLE_SECONDS) } });
  await adas.until("running");
  const after = await channelOf(adas, base, kernel);
  assert.equal((await after.run("print(kept)")).trim(), "12345");
  after.close();
});

await check("a kill of Jupyter takes its kernels along, starts another, and loses no file", async () => {
  const { id, jobId } = await adas.server();
  await adas.put("kept.txt", "kept");
  const mine = `ATRIUM_JOB_ID=${jobId}`;
  assert.ok(processesWith("kernel.py", mine).length > 0);
  const [jupyter = 0] = processesWith("run_module", "serve", mine).filter((pid) => !isShim(pid));
  process.kill(jupyter, "SIGKILL");
  await poll(
    async () => processesWith("kernel.py", mine).length,
    (left) => left === 0,
  );
  await adas.until("starting");
  const again = await adas.until("running", "failed");
  assert.equal(again.state, "running");
  assert.equal(again.id, id);
  const base = await baseOf(adas);
  const file = await adas.raw("GET", `${base}api/contents/kept.txt`);
  assert.equal((JSON.parse(file.text) as { content: string }).content, "kept");
  const channel = await channelOf(adas, base, await startKernel(adas));
  assert.equal((await channel.run("print(open('written.csv').read())")).trim(), "a,b\n1,2");
  channel.close();
});

await check("a server without use stops by itself, and not while a kernel works", async () => {
  await eves.start();
  await eves.until("running");
  const channel = await channelOf(eves, await baseOf(eves), await startKernel(eves));
  const done = channel.run(`import time; time.sleep(${IDLE_SECONDS * 2}); print('done')`);
  assert.equal((await done).trim(), "done");
  assert.equal((await eves.server()).state, "running");
  channel.close();
  const { reason } = await eves.until("stopped");
  assert.match(reason ?? "", /Nobody had used it/);
  const page = await eves.raw("GET", (await eves.server()).url, { headers: { accept: "text/html" } });
  assert.match(page.text, /does not run/);
});

await check("a notebook runs as a job with its parameters, and each cell's output is kept", async () => {
  const cells = [{ source: "n = 1", tags: ["parameters"] }, "print('n is', n)", "1 / (n - 3)"];
  await adas.put("jobs/report.ipynb", notebook(...cells));
  const over = ({ state }: { state: string }) => ["succeeded", "failed"].includes(state);
  const good = await adas.run("jobs/report.ipynb", { n: 5 }, over);
  assert.equal(good.state, "succeeded", good.reason ?? "");
  assert.deepEqual(good.cells, { total: 4, done: 4 });
  const document = await adas.document(good.id);
  assert.deepEqual(document.cells[1]?.tags, ["injected-parameters"]);
  assert.deepEqual(document.cells[2]?.outputs, [
    { kind: "stream", name: "stdout", text: "n is 5\n", cut: false },
  ]);
  const bad = await adas.run("jobs/report.ipynb", { n: 3 }, over);
  assert.equal(bad.state, "failed");
  const failed = await adas.document(bad.id);
  assert.equal(failed.cells[3]?.state, "failed");
  assert.match(JSON.stringify(failed.cells[3]?.outputs), /"name":"ZeroDivisionError"/);
});

await check("a run that is killed in the middle keeps what its cells had put out", async () => {
  const cells = [
    "print('first')",
    "import time\nfor i in range(600):\n    print(i, flush=True)\n    time.sleep(0.1)",
    "print('never')",
  ];
  await adas.put("jobs/long.ipynb", notebook(...cells));
  const run = await adas.run("jobs/long.ipynb", {}, ({ cells }) => cells.done === 1);
  await poll(
    () => adas.document(run.id),
    ({ cells }) => (cells[1]?.outputs.length ?? 0) > 0,
  );
  for (const pid of processesWith("run_module", `ATRIUM_JOB_ID=${run.jobId}`))
    if (!isShim(pid)) process.kill(pid, "SIGKILL");
  await poll(
    () => adas.json<{ state: string }>("GET", `/notebooks/runs/${run.id}`),
    ({ state }) => state === "failed",
  );
  const { cells: kept } = await adas.document(run.id);
  assert.equal(kept[0]?.state, "completed");
  assert.equal(kept[1]?.state, "failed");
  assert.match(JSON.stringify(kept[1]?.outputs), /"text":"0\\n1\\n/);
  assert.equal(kept[2]?.state, "pending");
});

await check("a sign-out cuts the channel, and the door is shut", async () => {
  const base = await baseOf(adas);
  const kernel = await startKernel(adas);
  const channel = await channelOf(adas, base, kernel);
  assert.equal((await adas.raw("DELETE", "/api/atrium/v1/session")).status, 200);
  const cut = await Promise.race([channel.closed.then(() => "cut"), sleep(CUT_MS, "open", { ref: false })]);
  assert.equal(cut, "cut");
  assert.equal((await adas.raw("GET", `${base}api/status`)).status, 401);
});

await check("the audit trail tells of starts, saves, reads and runs, and verifies", async () => {
  const { items } = await owners.json<{ items: { action: string }[] }>("GET", "/audit/records?pageSize=500");
  const actions = new Set(items.map(({ action }) => action));
  const told = ["started", "opened", "ended"].map((what) => `notebook-server.${what}`);
  for (const action of [
    ...told,
    "notebook.saved",
    "notebook.read",
    "notebook-run.started",
    "notebook-run.saved",
  ])
    assert.ok(actions.has(action), action);
});

say(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
if (counts.failed > 0) say(server.output().slice(-4000));
await endJobs();
await server.stop();
rmSync(dataDirectory, { recursive: true, force: true });

/** Jobs outlive their server: what still runs would outlive the walk. */
async function endJobs(): Promise<void> {
  const running = () => owners.json<{ items: { id: string }[] }>("GET", "/jobs?state=running");
  for (const { id } of (await running()).items) await owners.json("POST", `/jobs/${id}/cancel`, {});
  await poll(running, ({ items }) => items.length === 0);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The shim has the command among its arguments. */
function isShim(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("shim.sh");
}

/** Where it listens, as the system knows it. */
async function socketOf(client: Client): Promise<string> {
  const { id } = await client.server();
  const listening = readFileSync("/proc/net/unix", "utf8").split("\n");
  const path = listening
    .find((line) => line.endsWith(`${id}/server.sock`))
    ?.split(" ")
    .at(-1);
  assert.ok(path !== undefined);
  return path;
}
