/**
 * Known unusual words go in by every door; then none of them may stand anywhere on the disk: not while the server runs,
 * not after it was killed, not after it was stopped, not in temporary files, not in what it printed at its most talkative.
 *   node conformance/faults/plaintext.ts
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { findPlaintext } from "../../server/src/testing/plaintext.ts";
import { type Server, startServer } from "../lib/server.ts";
import { createChecks } from "./lib/checks.ts";
import { artifactPath, ask, eventually, mlflow, must, pause } from "./lib/client.ts";
import { newHome } from "./lib/program.ts";
import { loggedNotes, NAMES, own, predict, prepareEndpoint, prepareFeatures, push } from "./lib/stores.ts";

// On PostgreSQL other servers may write beside: a dead one's journal is taken over once it is known to be dead.
const ADOPTED_MS = 90_000;
const FLUSH_MS = 3000; // The log is gathered for a second before it is written.
const API = "/api/atrium/v1";
const onPostgres = process.env.ATRIUM_DATABASE_URL !== undefined;

const WORDS = {
  experiment: "quokkaexperiment",
  run: "quokkarunname",
  param: "quokkaparamvalue",
  paramKey: "quokkaparamkey",
  tag: "quokkatagvalue",
  metric: "quokkametrickey",
  content: "quokkafilecontent",
  path: "quokkafilename",
  model: "quokkamodelname",
  person: "Quokka Displayname",
  email: "quokka.person@example.org",
  secret: "quokkasecretvalue",
  secretName: "QUOKKA_SECRET_NAME",
  password: "quokka password phrase",
  logged: "quokkaloggedwarning",
  project: "quokka-project-slug",
  cell: "quokkadatasetcell",
  featured: "quokkaonlinevalue",
  history: "quokkapushedhistory",
  note: "quokkapredictioninput",
};
/** What may never be printed. Names of things may: an error says which experiment it is about. */
const PRIVATE = [
  ...["content", "person", "email", "secret", "password", "param", "tag"],
  ...["cell", "featured", "history", "note"],
] as (keyof typeof WORDS)[];

const checks = createChecks();
const home = newHome("plaintext");
const temporary = join(home, "temporary");
mkdirSync(temporary);
const START = {
  dataDirectory: home,
  databaseUrl: process.env.ATRIUM_DATABASE_URL,
  settings: {
    ATRIUM_LOG_LEVEL: "debug",
    ATRIUM_LOG_FORMAT: "json",
    TMPDIR: temporary,
    SQLITE_TMPDIR: temporary,
  },
};

let server = await startServer(START);
const words = [...Object.values(WORDS), server.token];
const secrets = await writeAll(server);
words.push(...secrets);
await pause(FLUSH_MS);
search("while it runs");
lookAtOpenFiles(server.pid);
printsNothingPrivate(server);
await server.kill();
search("after it was killed");
server = await startServer(START);
const kept = await mlflow(server, `experiments/get-by-name?experiment_name=${WORDS.experiment}`);
checks.that("the words were written, and are there", kept.text.includes(WORDS.experiment), kept.text);
await holdsStores(server);
await provoke(server);
await server.stop();
printsNothingPrivate(server);
search("after it was stopped");
if (START.databaseUrl !== undefined) lookIntoDatabase(START.databaseUrl);
rmSync(home, { recursive: true, force: true });
checks.end();

/** PostgreSQL keeps names and values as they are: its own disk is its administrator's to encrypt. Some never are. */
function lookIntoDatabase(url: string): void {
  const dump = spawnSync("pg_dump", [url], { encoding: "utf8", maxBuffer: 1024 ** 3 });
  if (dump.status !== 0) {
    checks.notRun(`a look into PostgreSQL: pg_dump failed (${dump.error?.message ?? dump.stderr.trim()})`);
    return;
  }
  const plain = Object.entries(WORDS).filter(([, word]) => dump.stdout.includes(word));
  checks.figure(`plain in PostgreSQL: ${plain.map(([name]) => name).join(", ")}`);
  const { content, secret, password, cell, featured, history, note } = WORDS;
  const never = [content, secret, password, cell, featured, history, note, server.token, ...secrets];
  const found = never.filter((word) => dump.stdout.includes(word));
  checks.that(
    "PostgreSQL holds no content, value of a feature, input of a model, secret, password or token",
    found.length === 0,
    found,
  );
}

function search(when: string): void {
  const data = findPlaintext(join(home, "data"), words);
  checks.that(
    `${when} the data folder holds no word of ours`,
    data.finds.length === 0,
    data.finds.slice(0, 10),
  );
  checks.that(`${when} there is something to search`, data.bytes > (onPostgres ? 1000 : 100_000), data.bytes);
  const scratch = findPlaintext(temporary, words);
  checks.that(`${when} the temporary folder holds none`, scratch.finds.length === 0, scratch.finds);
  checks.figure(
    `${when}: ${data.bytes} bytes of data and ${scratch.bytes} temporary bytes searched for ${words.length} words`,
  );
}

/** Everything it has open for writing lies in its own folders, where the search has been. */
function lookAtOpenFiles(pid: number): void {
  const folder = `/proc/${pid}/fd`;
  const open = readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(join(folder, name))];
    } catch {
      return []; // Closed since.
    }
  });
  const files = open.filter((path) => path.startsWith("/") && !path.startsWith("/dev/"));
  const elsewhere = files.filter(
    (path) => !path.startsWith(home) && !/node_modules|compile|\/server\/|\/web\//.test(path),
  );
  checks.that("no file is open outside of its folders", elsewhere.length === 0, elsewhere);
}

function printsNothingPrivate(from: Server): void {
  const output = from.output();
  const shown = [...PRIVATE.map((name) => WORDS[name]), from.token, ...secrets].filter((word) =>
    output.includes(word),
  );
  checks.that("what it prints at its most talkative holds nothing private", shown.length === 0, shown);
  checks.that("and it does print", output.includes("started"), output.slice(0, 300));
}

/** @returns the secrets that the server made */
async function writeAll(to: Server): Promise<string[]> {
  const made = must<{ experiment_id: string }>(
    await mlflow(to, "experiments/create", { name: WORDS.experiment }),
  );
  const created = await mlflow(to, "runs/create", {
    experiment_id: made.experiment_id,
    start_time: 1,
    run_name: WORDS.run,
  });
  const run = must<{ run: { info: { run_id: string } } }>(created).run.info.run_id;
  must(
    await mlflow(to, "runs/log-batch", {
      run_id: run,
      metrics: [{ key: WORDS.metric, value: 1, timestamp: 1, step: 1 }],
      params: [{ key: WORDS.paramKey, value: WORDS.param }],
      tags: [{ key: "kind", value: WORDS.tag }],
    }),
  );
  const file = artifactPath(`${made.experiment_id}/${run}/artifacts/${WORDS.path}.txt`);
  must(await ask(to, { method: "PUT", path: file, body: Buffer.from(`${WORDS.content}\n`.repeat(20_000)) }));
  must(await mlflow(to, "registered-models/create", { name: WORDS.model, description: WORDS.tag }));
  must(await ask(to, { method: "POST", path: `${API}/projects`, body: { slug: WORDS.project } }));
  const secret = {
    method: "PUT",
    path: `${API}/project/secrets/${WORDS.secretName}`,
    body: { value: WORDS.secret },
  };
  must(await ask(to, secret));
  await writeStores(to);
  return [...(await invite(to)), await newToken(to), ...(await log(to))];
}

/** A dataset's cell, a value online, one in the pushed history, and what a model was asked. */
async function writeStores(to: Server): Promise<void> {
  await prepareFeatures(to, WORDS.cell);
  must(await push(to, { sensor: "online", level: 1, place: WORDS.featured }));
  must(await push(to, { sensor: "offline", level: 1, place: WORDS.history }, "online_and_offline"));
  await prepareEndpoint(to);
  must(await predict(to, WORDS.note));
}

async function holdsStores(from: Server): Promise<void> {
  const sensors = ["online", "offline"];
  const asked = { features: [`${NAMES.view}:place`], entities: { sensor_id: sensors } };
  const path = "/feast/get-online-features";
  const online = await ask(from, { method: "POST", path, body: asked });
  const rows = await own(from, `GET /datasets/${NAMES.dataset}/versions/1/rows`);
  const logged = await eventually(
    async () => [...(await loggedNotes(from)).values()].includes(WORDS.note),
    ADOPTED_MS,
  );
  const there = [WORDS.featured, WORDS.history].every((word) => online.text.includes(word));
  checks.that("values online outlive a kill", there, online.text);
  checks.that("so do a dataset's rows", rows.text.includes(WORDS.cell), rows.text);
  checks.that("and predictions", logged !== undefined, await own(from, "GET /endpoints"));
}

async function invite(to: Server): Promise<string[]> {
  const invited = await ask(to, { method: "POST", path: `${API}/invitations`, body: { email: WORDS.email } });
  const code = must<{ path: string }>(invited).path.split("=").at(-1) ?? "";
  const body = { code, displayName: WORDS.person, password: WORDS.password };
  const joined = await ask({ url: to.url }, { method: "POST", path: `${API}/invitations/accept`, body });
  must(joined);
  const cookie = /=([^;]+)/.exec(String(joined.headers["set-cookie"]))?.[1] ?? "";
  const wrong = { email: WORDS.email, password: `${WORDS.password} wrong` };
  const refused = await ask(
    { url: to.url },
    { method: "POST", path: `${API}/session/password`, body: wrong },
  );
  checks.that("a wrong password is refused", refused.status === 401, refused);
  return [code, cookie];
}

async function newToken(to: Server): Promise<string> {
  const body = { name: "plain", expiresMs: Date.now() + 3_600_000 };
  return must<{ secret: string }>(await ask(to, { method: "POST", path: `${API}/tokens`, body })).secret;
}

/** Words in addresses, headers and bodies that the server cannot read: what its own log is about. */
async function log(to: Server): Promise<string[]> {
  await provoke(to);
  return [];
}

async function provoke(to: Server): Promise<void> {
  await ask(to, { path: `/no/such/page/${WORDS.logged}?token=${WORDS.secret}` });
  await ask(to, {
    method: "POST",
    path: "/api/2.0/mlflow/runs/create",
    headers: { "content-type": "application/json" },
    body: `{"broken": "${WORDS.content}`,
  });
  await ask({ url: to.url, token: WORDS.secret }, { path: `${API}/me` });
  await ask(to, {
    path: `${API}/me`,
    headers: {
      "user-agent": WORDS.person,
      referer: `http://x/?password=${WORDS.password.replaceAll(" ", "+")}`,
    },
  });
  await mlflow(to, "runs/log-parameter", { run_id: WORDS.logged, key: "k", value: WORDS.param });
  await ask(to, { path: artifactPath("%zz") });
}
