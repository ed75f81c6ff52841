/**
 * A backup taken by the command line while clients write: restored elsewhere it holds all that had been acknowledged
 * before, and nothing that is half there. A wrong key or a damaged file is refused before anything is restored.
 *   node conformance/faults/backup.ts [--writes 300]
 */
import { existsSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startServer } from "../lib/server.ts";
import { createChecks } from "./lib/checks.ts";
import { ask, auditVerifies, pause } from "./lib/client.ts";
import { emptyLedger, missing, Refused, sizeOf, summary, writers } from "./lib/ledger.ts";
import { CLI, isPlainRefusal, newHome, newKeyFile, run, SERVER, sisterOf } from "./lib/program.ts";

const { values: flags } = parseArgs({ options: { writes: { type: "string", default: "300" } } });

const WAIT_MS_MAX = 60_000;

const checks = createChecks();
const home = newHome("backup");
const backup = join(home, "backup");
const ledger = emptyLedger();
const refusals: string[] = [];

const server = await startServer({ dataDirectory: home });
const load = Promise.all(writers.map((write) => write(server, ledger).catch(noteRefusal)));
await written(Number(flags.writes));
const acknowledged = structuredClone(ledger);
const settings = { ATRIUM_URL: server.url, ATRIUM_TOKEN: server.token };
const made = await run({ args: [CLI, "backup", backup], settings });
checks.that("the command line takes a backup of a running server", made.code === 0, made);
const during = sizeOf(ledger) - sizeOf(acknowledged);
checks.that("clients went on writing meanwhile", during > 0, during);
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

const elsewhere = sisterOf(home);
const target = join(elsewhere, "data");
const wrong = await restore(newKeyFile(home, "other-key"));
checks.that("another key restores nothing", isPlainRefusal(wrong, /key/) && !holdsAnything(target), wrong);
const restored = await restore(join(elsewhere, "key"));
checks.that("the backup is restored", restored.code === 0, restored);
const twice = await restore(join(elsewhere, "key"));
checks.that("a folder in use is not restored over", isPlainRefusal(twice, /not empty/), twice);
const second = await startServer({ dataDirectory: elsewhere });
const lost = await missing(second, acknowledged);
checks.that("all that was acknowledged before is there", lost.length === 0, lost.slice(0, 10).join("\n"));
checks.that("its audit chain verifies", await auditVerifies(second));
await second.stop();

damage(backup);
const third = join(newHome("damaged"), "data");
const damaged = await run({
  args: [SERVER, "restore", backup, "--data", third],
  settings: { ATRIUM_KEY_FILE: join(home, "key") },
});
checks.that(
  "a damaged backup is refused",
  isPlainRefusal(damaged, /damaged/) && !holdsAnything(third),
  damaged,
);
for (const folder of [home, elsewhere, join(third, "..")]) rmSync(folder, { recursive: true, force: true });
checks.end();

function restore(keyFile: string) {
  const args = [SERVER, "restore", backup, "--data", target];
  return run({ args, settings: { ATRIUM_KEY_FILE: keyFile } });
}

async function written(count: number): Promise<void> {
  const deadline = performance.now() + WAIT_MS_MAX;
  while (sizeOf(ledger) < count && performance.now() < deadline) await pause(20);
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
