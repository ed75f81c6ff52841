/**
 * Kills the server without warning, again and again, while clients log, upload and register; a ledger outside it keeps
 * every write that was acknowledged. Afterwards each of them must be there, and the audit chain must verify.
 *   node conformance/faults/kill.ts [--rounds 50] [--database-url postgres://…]
 */
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launchServer, startServer } from "../lib/server.ts";
import { createChecks } from "./lib/checks.ts";
import { auditVerifies, pause } from "./lib/client.ts";
import { emptyLedger, missing, Refused, sizeOf, summary, writers } from "./lib/ledger.ts";

const { values: flags } = parseArgs({
  options: { rounds: { type: "string", default: "50" }, "database-url": { type: "string" } },
});

const WRITES_MAX = 120; // A kill comes after so many acknowledged writes at most: by count, however busy the machine is.
const LOAD_MS_MAX = 20_000;
const START_MS_MAX = 900;
const EARLY_EVERY = 3; // Every third kill comes before the server is up: the first start and recovery must survive it too.

const START = {
  databaseUrl: flags["database-url"] ?? process.env.ATRIUM_DATABASE_URL,
  dataDirectory: mkdtempSync(join(tmpdir(), "atrium-kill-")),
};
const ledger = emptyLedger();
const refusals: string[] = [];
const checks = createChecks();

const rounds = Number(flags.rounds);
let early = 0;
for (let round = 1; round <= rounds; round += 1) {
  if (round % EARLY_EVERY === 1) {
    early += 1;
    const server = await launchServer(START);
    await pause(randomInt(0, START_MS_MAX));
    await server.kill();
  } else {
    await killUnderLoad();
  }
}
const server = await startServer(START);
const lost = await missing(server, ledger);
checks.that("nothing that was acknowledged is lost", lost.length === 0, lost.slice(0, 20).join("\n"));
checks.that("the audit chain verifies", await auditVerifies(server), server.output().slice(-2000));
checks.that("nothing was refused under load", refusals.length === 0, refusals.slice(0, 5).join("\n"));
checks.that("there was something to lose", sizeOf(ledger) > rounds, sizeOf(ledger));
await server.stop();
rmSync(START.dataDirectory, { recursive: true, force: true });
checks.figure(`${rounds} kills, ${early} of them during a start; acknowledged: ${summary(ledger)}`);
checks.figure(`lost ${lost.length}, refused under load ${refusals.length}`);
checks.end();

async function killUnderLoad(): Promise<void> {
  const server = await startServer(START);
  const load = Promise.all([...writers, ...writers].map((write) => write(server, ledger).catch(noteRefusal)));
  const enough = sizeOf(ledger) + randomInt(1, WRITES_MAX);
  const deadline = performance.now() + LOAD_MS_MAX;
  while (sizeOf(ledger) < enough && performance.now() < deadline) await pause(randomInt(1, 20));
  await server.kill();
  await load;
}

/** A writer ends when the server is killed under it; any answer that refuses is a failure of ours. */
function noteRefusal(thrown: Error): void {
  if (thrown instanceof Refused) refusals.push(thrown.message);
}
