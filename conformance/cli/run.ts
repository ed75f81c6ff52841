/**
 * Every command of the command line against a real server: what it does, what `--json` prints, how it ends.
 *   node conformance/cli/run.ts
 */
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyPostgresUrl } from "../../checks/src/needs/postgres.ts";
import { type Ended, newHome, sisterOf } from "../faults/lib/program.ts";
import { startServer } from "../lib/server.ts";
import { datasets } from "./datasets.ts";
import { jobs } from "./jobs.ts";
import { createWalk, EXIT_FAILURE, EXIT_USAGE, type Items, PROJECT } from "./lib/walk.ts";
import { logs, logsEndWithTheServer } from "./logs.ts";
import { notebooks } from "./notebooks.ts";
import { pipelines } from "./pipelines.ts";
import { serving } from "./serving.ts";

const REACHED_NOWHERE = "http://127.0.0.1:9"; // The port of `discard`, where nothing listens today.

const databaseUrl = process.env.ATRIUM_DATABASE_URL;
const home = newHome("cli");
const credentials = join(home, "config/atrium/credentials.json");

const server = await startServer({ dataDirectory: home, databaseUrl });
const walk = createWalk({ home, server });
const { checks, json, atrium, note } = walk;
const elsewhere = sisterOf(home);
try {
  await signIn();
  await projects();
  await runs();
  await models();
  for (const part of [datasets, features, jobs, pipelines, notebooks, serving, logs]) {
    const begunMs = performance.now();
    await part(walk);
    checks.figure(`${part.name}: ${((performance.now() - begunMs) / 1000).toFixed(1)} s`);
  }
  await listsOfTheRest();
  await nothingThere();
  await tokens();
  await trail();
  await refusals();
  await backup();
  await logsEndWithTheServer(walk);
  await signOut();
} finally {
  await server.stop();
}
await keys();
await everyCommandWasUsed();
for (const folder of [home, elsewhere]) rmSync(folder, { recursive: true, force: true });
checks.end();

async function signIn(): Promise<void> {
  const done = await atrium(["login", server.url], { ATRIUM_TOKEN: server.token });
  checks.that("login takes the token from its environment and keeps it", done.code === 0, done);
  checks.that("only its owner can read it", (statSync(credentials).mode & 0o777) === 0o600);
  const typed = await atrium(["login", server.url], {}, { input: `${server.token}\n` });
  checks.that("login reads the token from a pipe", typed.code === 0, typed);
  checks.that("it is printed nowhere", ![done, typed].some(tells(server.token)));
  const me = await json<{ name: string; kind: string }>("whoami");
  checks.that("whoami tells who that is", me?.kind === "user", me);
  const doctor = await json<{ checks: { name: string; good: boolean }[] }>("doctor");
  checks.that(
    "doctor finds server and login good",
    doctor?.checks.every(({ good }) => good) === true,
    doctor,
  );
}

async function projects(): Promise<void> {
  const made = await json<{ slug: string }>("project create", PROJECT, "--name", "A walk");
  checks.that("project create makes one", made?.slug === "walk", made);
  const listed = await json<Items<{ slug: string }>>("project list");
  checks.that("project list has it", listed?.items.some(({ slug }) => slug === "walk") === true, listed);
  const used = await json<{ project: string }>("project use", "walk");
  const shown = await json<{ slug: string; quotas: unknown[] }>("project show");
  checks.that(
    "project use moves there, and project show shows it with its quotas",
    used?.project === "walk" && shown?.slug === "walk" && shown.quotas.length > 0,
    shown,
  );
}

async function runs(): Promise<void> {
  const made = await mlflow<{ experiment_id: string }>("experiments/create", { name: "it's here" });
  const given = { experiment_id: made.experiment_id, start_time: Date.now(), run_name: "first" };
  const { run } = await mlflow<{ run: { info: { run_id: string } } }>("runs/create", given);
  const id = run.info.run_id;
  const batch = { run_id: id, params: [{ key: "depth", value: "3" }] };
  await mlflow("runs/log-batch", { ...batch, metrics: [metric("rmse", 0.5)] });
  const experiments = await json<Items<{ name: string }>>("experiments list");
  checks.that(
    "experiments list has it",
    experiments?.items.some(({ name }) => name === "it's here") === true,
    experiments,
  );
  const found = await json<Items<{ id: string }>>(
    "runs list",
    ...["it's here", "--filter", "metrics.rmse < 1", "--sort", "-metrics.rmse"],
  );
  checks.that("runs list finds a run by experiment, filter and order", found?.items[0]?.id === id, found);
  const shown = await json<{ params: Record<string, string> }>("runs show", id);
  checks.that("runs show has its parameters", shown?.params.depth === "3", shown);
  const gone = await json<{ deleted: string[] }>("runs delete", id);
  const left = await json<Items<unknown>>("runs list");
  const back = await json<{ restored: string[] }>("runs restore", id);
  const again = await json<Items<unknown>>("runs list");
  checks.that(
    "runs delete hides it and runs restore brings it back",
    gone?.deleted[0] === id &&
      left?.items.length === 0 &&
      back?.restored[0] === id &&
      again?.items.length === 1,
    { left, again },
  );
}

async function models(): Promise<void> {
  await mlflow("registered-models/create", { name: "fraud" });
  await mlflow("model-versions/create", { name: "fraud", source: "s3://elsewhere/model" });
  const listed = await json<Items<{ name: string }>>("models list");
  checks.that("models list has it", listed?.items[0]?.name === "fraud", listed);
  const pointed = await json<{ aliases: Record<string, number> }>("models alias", "fraud", "live", "1");
  const shown = await json<{ versionList: unknown[] }>("models show", "fraud");
  const taken = await json<{ aliases: Record<string, number> }>("models alias", "fraud", "live");
  const moves = await json<Items<unknown>>("models history", "fraud");
  checks.that(
    "models alias points and takes away, models show and models history tell of it",
    pointed?.aliases.live === 1 &&
      shown?.versionList.length === 1 &&
      taken?.aliases.live === undefined &&
      moves?.items.length === 2,
    { pointed, shown, taken, moves },
  );
}

async function features(): Promise<void> {
  const api = "/api/atrium/v1";
  const post = (path: string, body: object) => walk.call(`POST ${api}${path}`, body);
  await post("/datasets", { name: "trips" });
  const rows = "driver,at,fare\n1,2026-01-01 00:00:00,10\n1,2026-01-02 00:00:00,20\n";
  await post("/datasets/trips/versions/upload?format=csv", Buffer.from(rows));
  for (let state = "pending"; state === "pending"; )
    ({ state } = await walk.call<{ state: string }>(`GET ${api}/datasets/trips/versions/1`));
  await post("/features/entities", { name: "driver", joinKeys: [{ name: "driver", type: "int64" }] });
  const source = { dataset: "trips", timestampColumn: "at" };
  const given = [{ name: "fare", type: "float64" }];
  await post("/features/views", { name: "fares", entities: ["driver"], source, features: given });
  await post("/features/services", { name: "ranking", views: [{ view: "fares" }] });

  const listed = await json<{ views: unknown[]; services: unknown[] }>("features list");
  const shown = await json<{ joinKeys: unknown[] }>("features show", "fares");
  const online = await json<{ state: string }>("features materialize", "fares");
  const got = await json<{ columns: { values: unknown[] }[] }>("features get", "ranking", "driver=1");
  const choice = ["--sql", 'select driver, "at" from dataset'];
  const set = await json<{ rows: number }>("features training-set", "ranking", "trips", "at", ...choice);
  checks.that(
    "features are listed, shown, materialized, read and made into a training set",
    listed?.views.length === 1 &&
      shown?.joinKeys.length === 1 &&
      online?.state === "succeeded" &&
      got?.columns[0]?.values[0] === 20 &&
      set?.rows === 2,
    { listed, shown, online, got, set },
  );
  const wrong = await atrium(["features", "get", "ranking", "colour=red"]);
  checks.that("a key that the service does not have is wrong use", wrong.code === EXIT_USAGE, wrong);
}

async function listsOfTheRest(): Promise<void> {
  for (const noun of ["environments", "datasets", "monitors", "incidents"]) await json(`${noun} list`);
}

/** Each says so and ends with 1, before it changes anything. */
async function nothingThere(): Promise<void> {
  const file = join(home, "nothing.parquet");
  const asked: Record<string, string[]> = {
    ...{ "jobs show": ["nothing"], "jobs logs": ["nothing"], "jobs cancel": ["nothing"] },
    ...{ "pipelines show": ["nothing"], "pipelines run": ["nothing"], "pipelines cancel": ["nothing"] },
    ...{ "datasets show": ["nothing"], "datasets upload": ["nothing", file] },
    ...{ "datasets preview": ["nothing"], "datasets checks": ["nothing"], "datasets certify": ["nothing"] },
    ...{ "notebooks stop": ["--project", "default"], "notebooks run": ["nothing.ipynb"] },
    ...{ "monitors show": ["nothing"], "monitors run": ["nothing"] },
    ...{ "incidents ack": ["nothing"], "incidents resolve": ["nothing"] },
    ...{ "endpoints show": ["nothing"], "endpoints traffic": ["nothing", "1=100"] },
    ...{ "endpoints rollback": ["nothing"], predict: ["nothing"] },
    deploy: ["nothing", "--model", "models:/nothing/1"],
  };
  for (const [name, rest] of Object.entries(asked)) {
    note(name);
    const ended = await atrium([...name.split(" "), ...rest]);
    checks.that(
      `${name} of what is not there ends with 1`,
      ended.code === EXIT_FAILURE && /^atrium: .*\n$/.test(ended.stderr),
      ended,
    );
  }
}

async function tokens(): Promise<void> {
  const made = await json<{ secret: string; token: { id: string } }>(
    "token create",
    ...["reader", "--scopes", "run:read,project:read", "--project-only", "--days", "1"],
  );
  const secret = made?.secret ?? "";
  const narrow = { ATRIUM_URL: server.url, ATRIUM_TOKEN: secret };
  const may = await atrium(["runs", "list", "--json"], narrow);
  const mayNot = await atrium(["token", "create", "more"], narrow);
  checks.that("token create makes one that may read", may.code === 0, may);
  checks.that("and no more", mayNot.code === EXIT_FAILURE, mayNot);
  const listed = await atrium(["token", "list", "--json"]);
  note("token list");
  checks.that(
    "token list shows it without its secret",
    /"reader"/.test(listed.stdout) && !tells(secret)(listed),
  );
  await json("token revoke", made?.token.id ?? "");
  const after = await atrium(["whoami"], narrow);
  checks.that("a revoked token is refused at once, and said so", after.code === EXIT_FAILURE, after);
  checks.that(
    "a refusal is one line that names the program",
    /^atrium: .*\n$/.test(after.stderr),
    after.stderr,
  );
}

async function trail(): Promise<void> {
  const listed = await json<Items<{ action: string }>>("audit list", "--action", "token.");
  checks.that(
    "audit list has what was done to tokens",
    listed?.items.some(({ action }) => action === "token.revoked") === true,
    listed,
  );
  const verified = await json<{ intact: boolean }>("audit verify");
  checks.that("audit verify finds it intact", verified?.intact === true, verified);
  const file = join(home, "audit.ndjson");
  const exported = await json<{ file: string }>("audit export", file);
  const again = await atrium(["audit", "export", file]);
  checks.that("audit export writes a file", exported?.file === file && statSync(file).size > 0, exported);
  checks.that("and writes over none", again.code === EXIT_FAILURE, again);
  const piped = await atrium(["audit", "export", "--format", "csv"]);
  checks.that("audit export without a file prints", piped.code === 0 && piped.stdout.includes(","), piped);
}

async function refusals(): Promise<void> {
  for (const [args, says] of [
    [["no-such-command"], "no command"],
    [["runs", "show"], "RUN"],
    [["runs", "list", "--no-such-flag"], "no-such-flag"],
    [["audit", "list", "--since", "sometime"], "since"],
    [["token", "create", "x", "--scopes", "everything"], "everything"],
  ] as const) {
    const { code, stderr, stdout } = await atrium(args);
    checks.that(
      `'${args.join(" ")}' is misuse and says why`,
      code === EXIT_USAGE && stderr.includes(says) && stdout === "",
      { code, stderr },
    );
  }
  const missing = await atrium(["runs", "show", "nothing"]);
  checks.that(
    "what is not there ends with 1",
    missing.code === EXIT_FAILURE && missing.stdout === "",
    missing,
  );
  const away = { ATRIUM_URL: REACHED_NOWHERE, ATRIUM_TOKEN: "any" };
  const unreached = await atrium(["whoami"], away);
  checks.that("a server that does not answer is said so", /Cannot reach/.test(unreached.stderr), unreached);
  const help = await atrium(["help"]);
  checks.that("help lists the commands", help.code === 0 && /audit verify/.test(help.stdout), help);
}

async function backup(): Promise<void> {
  const target = join(home, "backup");
  const made = await atrium(["backup", target, "--json"]);
  note("backup");
  note("restore");
  checks.that("backup writes a folder", made.code === 0 && statSync(target).isDirectory(), made);
  const another = databaseUrl === undefined ? undefined : await emptyPostgresUrl(databaseUrl);
  const settings = {
    ATRIUM_KEY_FILE: join(elsewhere, "key"),
    ...(another === undefined ? {} : { ATRIUM_DATABASE_URL: another }),
  };
  const data = join(elsewhere, "data");
  const restored = await atrium(["restore", target, "--data", data], settings);
  checks.that("restore puts it elsewhere", restored.code === 0, restored);
  const second = await startServer({ dataDirectory: elsewhere, databaseUrl: another });
  try {
    const there = { ATRIUM_URL: second.url, ATRIUM_TOKEN: second.token };
    const found = await atrium(["project", "show", "walk", "--json"], there);
    const verified = await atrium(["audit", "verify"], there);
    checks.that("what was there is there again", found.code === 0 && verified.code === 0, {
      found,
      verified,
    });
  } finally {
    await second.stop();
  }
  const twice = await atrium(["restore", target, "--data", data], settings);
  checks.that("restore writes over nothing", twice.code === EXIT_FAILURE, twice);
}

async function signOut(): Promise<void> {
  await json("logout");
  const after = await atrium(["whoami"], { ATRIUM_URL: server.url });
  checks.that("after logout nobody is signed in", after.code === EXIT_FAILURE, after);
  writeFileSync(credentials, "{}", { mode: 0o644 });
  const open = await atrium(["whoami"]);
  checks.that("a file that others can read is not used", /chmod 600/.test(open.stderr), open);
}

async function keys(): Promise<void> {
  const settings = {
    ATRIUM_KEY_FILE: join(home, "key"),
    ...(databaseUrl === undefined ? {} : { ATRIUM_DATABASE_URL: databaseUrl }),
  };
  const rotated = await atrium(["key", "rotate", "--data", join(home, "data")], settings);
  note("key rotate");
  checks.that("key rotate moves everything under a new key", rotated.code === 0, rotated);
  const again = await startServer({ dataDirectory: home, databaseUrl });
  checks.that("and the server starts with it", again.pid > 0);
  await again.stop();
}

/** A command that is not used here is not checked: help tells of all that there are. */
async function everyCommandWasUsed(): Promise<void> {
  const { stdout } = await atrium(["help"]);
  const offered = [...stdout.matchAll(/^ {2}([a-z]+(?: [a-z-]+)?)(?= )/gm)].map(([, name]) => name ?? "");
  const unused = offered.filter(
    (name) => !walk.seen.has(name) && !["up", "test", "login", "help"].includes(name),
  );
  checks.that("every command was used", offered.length > 20 && unused.length === 0, { offered, unused });
}

/** What a client of the project writes. */
async function mlflow<T>(call: string, body: object): Promise<T> {
  return walk.call<T>(`POST /api/2.0/mlflow/${call}`, body);
}

function tells(secret: string): (ended: Ended) => boolean {
  return ({ stdout, stderr }) => (stdout + stderr).includes(secret);
}

function metric(key: string, value: number) {
  return { key, value, timestamp: Date.now(), step: 0 };
}
