import { randomInt } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launchServer, type Server, type ServerStart } from "../../lib/server.ts";
import { pause } from "./client.ts";

const EARLY_EVERY = 3; // Every third kill may come before the server is up.

/** How a program that kills servers was asked to: `[--rounds 10] [--database-url postgres://…]`, with a data folder of its own. */
export function askedRounds(name: string): {
  rounds: number;
  start: ServerStart & { dataDirectory: string };
} {
  const { values } = parseArgs({
    options: { rounds: { type: "string", default: "10" }, "database-url": { type: "string" } },
  });
  const databaseUrl = values["database-url"] ?? process.env.ATRIUM_DATABASE_URL;
  const dataDirectory = mkdtempSync(join(tmpdir(), `atrium-${name}-`));
  return { rounds: Number(values.rounds), start: { databaseUrl, dataDirectory } };
}

/** How many of so many rounds surely gave their server work: those whose kill waits until it has. */
export function sureRounds(rounds: number): number {
  return rounds - Math.ceil(rounds / EARLY_EVERY);
}

/** Starts a server for each round, gives it work, and kills it `upMsMax` later at most: during the start, or while it works. */
export async function killRounds(
  given: { rounds: number; start: ServerStart; upMsMax: number },
  submit: (server: Server, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < given.rounds; round += 1) {
    const server = await launchServer(given.start);
    const submitting = server
      .ready()
      .then(() => submit(server, round))
      .catch(() => {}); // The server went first: what was not acknowledged counts for nothing.
    if (round % EARLY_EVERY !== 0) await submitting;
    await pause(randomInt(0, given.upMsMax));
    await server.kill();
    await submitting;
  }
}
