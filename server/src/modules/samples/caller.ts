import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "#lib/clock";
import { writeFileDurably } from "#lib/files";
import type { Actor, Identity } from "#modules/identity";
import { EXAMPLE } from "./flights/endpoint.ts";
import { ENDPOINT } from "./flights/names.ts";

const FILE = "authorization";
const DAY_MS = 24 * 3600 * 1000;
const TOKEN_MS = 90 * DAY_MS;
const RENEWED_MS = 60 * DAY_MS; // Whoever copies the line has a month left at least.

export interface CallerDeps {
  identity: Pick<Identity, "tokens">;
  clock: Clock;
  /** Below the data folder. */
  directory: string;
  address(): { url: string; authorityFile?: string | undefined } | undefined;
}

export type Caller = ReturnType<typeof createCaller>;

/**
 * The line with which a person asks the endpoint from a shell. Its token may do that and nothing else, and lies in a file of
 * theirs: a terminal keeps what was printed, a shell what was typed, and a process list shows what was given.
 */
export function createCaller({ identity, clock, directory, address }: CallerDeps) {
  const file = join(directory, FILE);
  return { words };

  /** Undefined while the server listens nowhere. */
  async function words(at: { projectId: string; actor: Actor }): Promise<string | undefined> {
    const reached = address();
    if (reached === undefined) return undefined;
    if (!(await isFresh())) await write(at);
    const url = `${reached.url}/serving/${ENDPOINT}/predict`;
    const parts = [
      "curl -s",
      ...(reached.authorityFile === undefined ? [] : [`--cacert ${quoted(reached.authorityFile)}`]),
      `-H @${quoted(file)} -H 'content-type: application/json'`,
      `-d '${JSON.stringify({ instances: [EXAMPLE] })}'`,
      quoted(url),
    ];
    return `The endpoint answers at ${url}\n${parts.join(" ")}`;
  }

  async function isFresh(): Promise<boolean> {
    if (!existsSync(file)) return false;
    const { mtimeMs } = await stat(file);
    return mtimeMs > clock.now() - RENEWED_MS;
  }

  async function write({ projectId, actor }: { projectId: string; actor: Actor }): Promise<void> {
    const { secret } = await identity.tokens.create(actor, {
      ...{ name: "the curl that is printed", scopes: ["endpoint:invoke"], projectId },
      expiresMs: clock.now() + TOKEN_MS,
    });
    writeFileDurably(file, `Authorization: Bearer ${secret}\n`);
  }
}

/** One word of a POSIX shell. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
