/**
 * A backup taken by the command line while clients write: restored elsewhere it holds all that had been acknowledged
 * before, and nothing that is half there: rows, files, online values and predictions. A wrong key or a damaged file is
 * refused before anything is restored. With ATRIUM_DATABASE_URL on PostgreSQL, into a new database beside it.
 *   node conformance/faults/backup.ts [--writes 300]
 */
import { existsSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { emptyPostgresUrl } from "../../checks/src/needs/postgres.ts";
import { startServer } from "../lib/server.ts";
import { createChecks } from "./lib/checks.ts";
import { ask, auditVerifies, pause } from "./lib/client.ts";
import { emptyLedger, missing, Refused, sizeOf, summary, writers } from "./lib/ledger.ts";
import { CLI, isPlainRefusal, newHome, newKeyFile, run, SERVER, sisterOf } from "./lib/program.ts";
import {
  emptyStores,
  missingInStores,
  predictWithoutEnd,
  prepareStores,
  pushWithoutEnd,
} from "./lib/stores.ts";

const { values: flags } = parseArgs({ options: { writes: { type: "string", default: "300" } } });

const WAIT_MS_MAX = 60_000;
const database = process.env.ATRIUM_DATABASE_URL;

const checks = createChecks();
const home = newHome("backup");
const backup = join(home, "backup");
const ledger = emptyLedger();
const stores = emptyStores();
const refusals: string[] = [];

const server = await startServer({ dataDirectory: home, databaseUrl: database });
await prepareStores(server);
const load = Promise.all([
  ...writers.map((write) => write(server, ledger).catch(noteRefusal)),
  pushWithoutEnd(server, stores).catch(noteRefusal),
  predictWithoutEnd(server, stores).catch(noteRefusal),
]);
await written(Number(flags.writes));
const acknowledged = structuredClone(ledger);
const storesThen = structuredClone(stores);
const settings = { ATRIUM_URL: server.url, ATRIUM_TOKEN: server.token };
const made = await run({ args: [CLI, "backup", backup], settings });
checks.that("the command line takes a backup of a running server", made.code === 0, made);
const during = sizeOf(ledger) - sizeOf(acknowledged);
checks.that("clients went on writing meanwhile", during > 0, during);
const predicted = stores.predictions.length - storesThen.predictions.length;
checks.that("and predicting, and pushing", predicted > 0 && storesThen.pushed.size > 0, predicted);
const again = await run({ args: [CLI, "backup", backup], settings });
checks.that("a folder that is not empty is refused", again.code === 1, again);
const viewer = await ask(
  { url: server.url },
  { method: "POST", path: "/api/atrium/v1/instance/backup", body: {} },
);
checks.that("without a login there is no backup", viewer.status === 401, viewer.text);
await server.kill();
await load;
checks.that("nobody was refused meanwhile", refusals.length === 0, refusals.slice(0, 3).join("\n"));
checks.figure(`acknowledged before: ${summary(acknowledged)}; ${during} writes during the backup`);
checks.figure(
  `${storesThen.pushed.size} online rows and ${storesThen.predictions.length} predictions before, ${predicted} meanwhile`,
);

const elsewhere = sisterOf(home);
const target = join(elsewhere, "data");
const emptied = database === undefined ? undefined : await emptyPostgresUrl(database);
const wrong = await restore(newKeyFile(home, "other-key"));
checks.that("another key restores nothing", isPlainRefusal(wrong, /key/) && !holdsAnything(target), wrong);
const restored = await restore(join(elsewhere, "key"));
checks.that("the backup is restored", restored.code === 0, restored);
const twice = await restore(join(elsewhere, "key"));
checks.that("a folder in use is not restored over", isPlainRefusal(twice, /not empty/), twice);
if (database !== undefined) {
  const other = await restore(join(elsewhere, "key"), join(elsewhere, "other"));
  checks.that("a database in use is not restored over", isPlainRefusal(other, /not empty/), other);
}
const second = await startServer({ dataDirectory: elsewhere, databaseUrl: emptied });
const lost = [...(await missing(second, acknowledged)), ...(await missingInStores(second, storesThen))];
checks.that("all that was acknowledged before is there", lost.length === 0, lost.slice(0, 10).join("\n"));
checks.that("its audit chain verifies", await auditVerifies(second));
await second.stop();

damage(backup);
const third = join(newHome("damaged"), "data");
const damaged = await run({
  args: [SERVER, "restore", backup, "--data", third],
  settings: { ATRIUM_KEY_FILE: join(home, "key"), ...onDatabase() },
});
checks.that(
  "a damaged backup is refused",
  isPlainRefusal(damaged, /damaged/) && !holdsAnything(third),
  damaged,
);
for (const folder of [home, elsewhere, join(third, "..")]) rmSync(folder, { recursive: true, force: true });
checks.end();

function restore(keyFile: string, folder = target) {
  const args = [SERVER, "restore", backup, "--data", folder];
  return run({ args, settings: { ATRIUM_KEY_FILE: keyFile, ...onDatabase() } });
}

function onDatabase(): Record<string, string> {
  return emptied === undefined ? {} : { ATRIUM_DATABASE_URL: emptied };
}

async function written(count: number): Promise<void> {
  const deadline = performance.now() + WAIT_MS_MAX;
  const few = () => sizeOf(ledger) < count || stores.predictions.length < count || stores.pushed.size < count;
  while (few() && performance.now() < deadline) await pause(20);
}

function noteRefusal(thrown: Error): void {
  if (thrown instanceof Refused) refusals.push(thrown.message);
}

/** A claim that was taken to look leaves its empty file; data is anything else. */
function holdsAnything(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => name !== "lock");
}

function damage(folder: string): void {
  const blobs = join(folder, "blobs");
  const file = readdirSync(blobs, { recursive: true })
    .map((name) => join(blobs, String(name)))
    .find((path) => statSync(path).isFile());
  if (file === undefined) throw new Error("The backup holds no object.");
  truncateSync(file, statSync(file).size - 1);
}
