import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { Failure } from "./failure.ts";

const stored = z.strictObject({
  url: z.string(),
  token: z.string(),
  project: z.string().optional(),
  /** PEM file of the authority that signed the server's certificate. */
  caFile: z.string().optional(),
});
export type Credentials = z.output<typeof stored>;

const DEFAULT_URL = "http://127.0.0.1:7400";

/** Where `atrium login` keeps what it was told; readable by its owner alone. */
export function credentialsFile(): string {
  const configHome = process.env.XDG_CONFIG_HOME ?? join(homedir(), ".config");
  return join(configHome, "atrium", "credentials.json");
}

/** @throws Failure when the file is damaged, or others can read it */
export function readStored(): Credentials | undefined {
  const file = credentialsFile();
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  if ((statSync(file).mode & 0o077) !== 0) {
    throw new Failure(`Others can read ${file}, which holds a token; run: chmod 600 '${file}'`);
  }
  const parsed = stored.safeParse(parseJson(text));
  if (!parsed.success) throw new Failure(`${file} is damaged; run: atrium login`);
  return parsed.data;
}

export function writeStored(credentials: Credentials): void {
  const file = credentialsFile();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
}

export function forgetStored(): void {
  rmSync(credentialsFile(), { force: true });
}

/** The server to talk to: what the environment says, else what `atrium login` stored. */
export function currentServer(): Partial<Credentials> & { url: string } {
  const { ATRIUM_URL: url, ATRIUM_TOKEN: token, ATRIUM_PROJECT: project } = process.env;
  const kept = readStored();
  // A stored token belongs to its server, and goes to no other.
  const same = kept !== undefined && (url === undefined || sameServer(url, kept.url));
  return {
    ...(same ? kept : {}),
    url: url ?? kept?.url ?? DEFAULT_URL,
    ...(token === undefined ? {} : { token }),
    ...(project === undefined ? {} : { project }),
  };
}

function sameServer(one: string, other: string): boolean {
  return URL.canParse(one) && URL.canParse(other) && new URL(one).origin === new URL(other).origin;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
