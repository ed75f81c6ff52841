/**
 * PostgreSQL goes away under load, in every way it can: stopped, disconnected, hanging, refusing, killed. Each time
 * clients are told to come back, the server stays up and goes on by itself, and nothing acknowledged is lost.
 *   node conformance/faults/database-away.ts [--away-seconds 3]
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Server, startServer } from "../lib/server.ts";
import { createChecks } from "./lib/checks.ts";
import { type Answer, ask, auditVerifies, eventually, mlflow, pause } from "./lib/client.ts";
import { type Cluster, createCluster } from "./lib/cluster.ts";
import { emptyLedger, missing, Refused, sizeOf, summary, type Writer, writers } from "./lib/ledger.ts";
import { isPlainRefusal, newHome, newKeyFile, run, SERVER } from "./lib/program.ts";

const { values: flags } = parseArgs({ options: { "away-seconds": { type: "string", default: "3" } } });

const NOTICED_MS = 15_000;
const BACK_MS = 15_000;
const AGAIN_MS = 100; // A writer that was refused tries again.
const STOP_MS = 25_000; // A supervisor kills after 30 s.
const WRITES_BETWEEN = 20;

const checks = createChecks();
const ledger = emptyLedger();
const refusals: Answer[] = [];
const broken: string[] = [];
let working = true;

const cluster = await createCluster();
if (cluster === undefined)
  checks.notRun("a database that goes away: PostgreSQL's programs are not installed here");
else await goAway(cluster);
checks.end();

async function goAway(database: Cluster): Promise<void> {
  const home = newHome("away");
  mkdirSync(home, { recursive: true });
  await database.start();
  const server = await startServer({ dataDirectory: home, databaseUrl: database.url });
  const load = Promise.all(writers.map((write) => keepWriting(server, write)));
  try {
    const back = async () => database.start();
    await absence(server, { what: "stopped", leave: () => database.stop(), back });
    await absence(server, { what: "killed", leave: () => database.kill(), back });
    const refuse = async () => {
      database.admit("nobody");
      database.disconnectAll();
    };
    await absence(server, {
      what: "turning us away",
      leave: refuse,
      back: async () => database.admit("everybody"),
    });
    await disconnected(server, database);
    await hanging(server, database);
    working = false;
    await load;
    await afterwards(server);
    await otherKey(home, database);
    await database.stop();
    const begun = performance.now();
    server.signal("SIGTERM");
    const code = await Promise.race([server.ended, pause(STOP_MS)]);
    const tookMs = Math.round(performance.now() - begun);
    checks.that(
      "a server whose database is away can be stopped",
      code === 0 || code === 1,
      server.output().slice(-500),
    );
    checks.figure(`stopped in ${tookMs} ms while its database was away`);
  } catch (thrown) {
    checks.that("the server stands through all of it", false, `${thrown}\n${server.output().slice(-3000)}`);
  } finally {
    working = false;
    await server.stop();
    await database.remove();
    rmSync(home, { recursive: true, force: true });
  }
}

interface Absence {
  what: string;
  leave(): Promise<void>;
  back(): Promise<void>;
}

async function absence(server: Server, { what, leave, back }: Absence): Promise<void> {
  await moreWrites();
  await leave();
  const noticed = await eventually(async () => (await statusOf(server, "/readyz")) === 503, NOTICED_MS);
  checks.that(`${what}: readyz says 503`, noticed !== undefined);
  const begun = performance.now();
  const call = await mlflow(server, "runs/create", { experiment_id: "0" });
  checks.that(`${what}: a call is refused for now`, isForNow(call), call);
  const own = await ask(server, { path: "/api/atrium/v1/projects" });
  checks.that(
    `${what}: our own API says unavailable`,
    own.status === 503 && /"unavailable"/.test(own.text),
    own,
  );
  const refusedMs = Math.round((performance.now() - begun) / 2);
  checks.that(`${what}: healthz still says 200`, (await statusOf(server, "/healthz")) === 200);
  await pause(Number(flags["away-seconds"]) * 1000);
  await back();
  await comesBack(server, what, `noticed after ${noticed} ms, a refusal took ${refusedMs} ms, `);
}

async function comesBack(server: Server, what: string, before = ""): Promise<void> {
  const begun = performance.now();
  const ready = await eventually(async () => (await statusOf(server, "/readyz")) === 200, BACK_MS);
  checks.that(`${what}: ready again by itself`, ready !== undefined);
  checks.that(`${what}: writing goes on by itself`, await moreWrites());
  checks.figure(
    `${what}: ${before}ready again after ${ready} ms, writing after ${Math.round(performance.now() - begun)} ms`,
  );
}

async function disconnected(server: Server, database: Cluster): Promise<void> {
  for (let i = 0; i < 5; i += 1) {
    database.disconnectAll();
    await pause(200);
  }
  await comesBack(server, "disconnected five times");
}

/** Nothing is refused by a machine that hangs: it is waited for, within bounds, and then it answers again. */
async function hanging(server: Server, database: Cluster): Promise<void> {
  await moreWrites();
  database.signalAll("SIGSTOP");
  try {
    checks.that("hanging: healthz still says 200", (await statusOf(server, "/healthz")) === 200);
    const asked = await Promise.race([statusOf(server, "/readyz"), pause(NOTICED_MS)]);
    checks.that("hanging: readyz says 503 while a probe still waits for it", asked === 503, asked);
  } finally {
    database.signalAll("SIGCONT");
  }
  await comesBack(server, "hanging");
}

async function afterwards(server: Server): Promise<void> {
  const lost = await missing(server, ledger);
  checks.that("nothing that was acknowledged is lost", lost.length === 0, lost.slice(0, 10).join("\n"));
  checks.that("the audit chain verifies", await auditVerifies(server));
  const unlike = refusals.filter((answer) => !isForNow(answer));
  checks.that("whoever was refused was told to come back", unlike.length === 0, unlike.slice(0, 3));
  checks.that("no connection to the server broke: it never fell", broken.length === 0, broken.slice(0, 3));
  checks.that("there were refusals to look at", refusals.length > 0);
  checks.that("its log names no password", !server.output().includes("atrium:"), server.output().slice(-500));
  checks.figure(
    `acknowledged: ${summary(ledger)}; lost ${lost.length}; refused for now ${refusals.length} times`,
  );
}

async function otherKey(home: string, database: Cluster): Promise<void> {
  const settings = { ATRIUM_KEY_FILE: newKeyFile(home, "other-key"), ATRIUM_DATABASE_URL: database.url };
  const args = [SERVER, "up", "--data", join(home, "other-data"), "--port", "0", "--no-sample"];
  const ended = await run({ args, settings });
  checks.that("with another key nobody starts on its data", isPlainRefusal(ended, /key/), ended);
}

async function keepWriting(server: Server, write: Writer): Promise<void> {
  while (working) {
    await write(server, onlyWhileWorking()).catch((thrown: Error) => {
      if (thrown instanceof Refused) refusals.push(thrown.answer);
      else if (working) broken.push(thrown.message);
    });
    await pause(AGAIN_MS);
  }
}

/** The writers know no end: a ledger that takes nothing more ends them. */
function onlyWhileWorking(): typeof ledger {
  return new Proxy(ledger, {
    get: (target, name) => {
      if (!working) throw new Error("The work is over.");
      return Reflect.get(target, name);
    },
  });
}

async function moreWrites(): Promise<boolean> {
  const enough = sizeOf(ledger) + WRITES_BETWEEN;
  return (await eventually(async () => sizeOf(ledger) >= enough, BACK_MS)) !== undefined;
}

async function statusOf(server: Server, path: string): Promise<number> {
  return (await ask({ url: server.url }, { path })).status;
}

function isForNow({ status, headers, json }: Answer): boolean {
  const { error_code } = (json ?? {}) as { error_code?: string };
  return status === 503 && error_code === "TEMPORARILY_UNAVAILABLE" && Number(headers["retry-after"]) > 0;
}
