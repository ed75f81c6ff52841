import { spawn } from "node:child_process";
import { PassThrough, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { AppError } from "#lib/errors";

const SAID_CHARACTERS_MAX = 2000; // The end of what a program says; it may repeat itself for each table.
const CONNECT_MS = 10_000;

interface DumpGiven {
  /** `postgres://user:password@host/database`. */
  url: string;
  /** What the program may see of our environment: where programs lie. */
  programs: Readonly<Record<string, string>>;
}

/** The whole database as of one moment, in `pg_dump`'s own format. It fails with AppError `unavailable`, saying what the program said. */
export function dumpPostgres(given: DumpGiven): Readable {
  const child = start("pg_dump", ["--format=custom", "--no-owner", "--no-privileges"], given);
  child.stdin.end();
  const dump = new PassThrough();
  // The stream ends only after the program did, and well: half a dump must never look like a whole one.
  child.stdout.pipe(dump, { end: false });
  child.ended.then(
    () => dump.end(),
    (thrown: Error) => dump.destroy(thrown),
  );
  dump.once("close", () => child.kill());
  return dump;
}

/** Loads a dump in one transaction. @throws AppError `unavailable` with what `pg_restore` said; then nothing was loaded */
export async function loadPostgres(given: DumpGiven, dump: Readable): Promise<void> {
  const args = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"];
  const child = start("pg_restore", [...args, "--dbname="], given);
  child.stdout.resume();
  // A program that has refused reads no further; what it said matters more than that.
  const [fed, ended] = await Promise.allSettled([pipeline(dump, child.stdin), child.ended]);
  if (ended.status === "rejected") throw ended.reason;
  if (fed.status === "rejected") throw fed.reason;
}

/** @throws AppError `conflict` when it holds a table, `unavailable` when it does not answer */
export async function requireEmptyPostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS });
  try {
    await client.connect();
    const found = await client.query("select 1 from pg_tables where schemaname = 'public' limit 1");
    if (found.rows.length === 0) return;
  } catch (cause) {
    throw new AppError("unavailable", "PostgreSQL does not answer. Nothing was restored.", { cause });
  } finally {
    await client.end().catch(() => {}); // The answer is known already.
  }
  throw new AppError("conflict", "The database is not empty; name a new one. Nothing was restored.");
}

function start(name: "pg_dump" | "pg_restore", args: readonly string[], { url, programs }: DumpGiven) {
  const { at, password } = withoutPassword(url);
  const connection = args.map((arg) => (arg === "--dbname=" ? `--dbname=${at}` : arg));
  if (name === "pg_dump") connection.push(`--dbname=${at}`);
  // Whoever lists processes sees arguments, but not the environment of another user's.
  const env = { ...programs, LC_ALL: "C", ...(password === undefined ? {} : { PGPASSWORD: password }) };
  const child = spawn(name, connection, { stdio: ["pipe", "pipe", "pipe"], env });
  child.stdin.on("error", () => {}); // It ended without reading on; its exit code says why.
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-SAID_CHARACTERS_MAX);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", (cause) => {
      const message = `${name} cannot be started: install PostgreSQL's client programs, of the server's version or a later one.`;
      reject(new AppError("unavailable", message, { cause }));
    });
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new AppError("unavailable", `${name} failed: ${said.trim() || "it was killed"}`));
    });
  });
  ended.catch(() => {}); // Whoever waits for it is told.
  return { stdin: child.stdin, stdout: child.stdout, ended, kill: () => child.kill() };
}

function withoutPassword(url: string): { at: string; password: string | undefined } {
  const parsed = new URL(url);
  const password = parsed.password === "" ? undefined : decodeURIComponent(parsed.password);
  parsed.password = "";
  return { at: parsed.href, password };
}
