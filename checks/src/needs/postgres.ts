import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Missing } from "../stage.ts";
import { installDebian } from "./debian.ts";
import { freePort } from "./free-port.ts";

const READY_TIMEOUT_MS = 60_000;
const PROGRAMS = "/usr/lib/postgresql"; // Debian keeps each major version in a folder of its own.

let started: Promise<string> | undefined;

/**
 * The address of a PostgreSQL for tests: the one that ATRIUM_TEST_POSTGRES_URL names, else a throw-away cluster that
 * lives as long as this process.
 */
export function postgresUrl(): Promise<string> {
  started ??= process.env.ATRIUM_TEST_POSTGRES_URL
    ? Promise.resolve(process.env.ATRIUM_TEST_POSTGRES_URL)
    : startCluster();
  return started;
}

/** The address of a new, empty database in that PostgreSQL, or in the one of another database. */
export async function emptyPostgresUrl(beside?: string): Promise<string> {
  const url = beside ?? (await postgresUrl());
  const name = `atrium_${randomBytes(6).toString("hex")}`;
  const made = spawnSync("createdb", [`--maintenance-db=${url}`, name], { encoding: "utf8" });
  if (made.status !== 0) throw new Missing(`createdb failed: ${made.error?.message ?? made.stderr.trim()}`);
  return Object.assign(new URL(url), { pathname: name }).href;
}

async function startCluster(): Promise<string> {
  if (newestPrograms() === undefined) installDebian(["postgresql"]);
  const programs = newestPrograms();
  if (programs === undefined) throw new Missing("install PostgreSQL 15 or newer");
  const folder = mkdtempSync(join(tmpdir(), "atrium-postgres-"));
  const data = join(folder, "data");
  const password = randomBytes(16).toString("hex");
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const owner = unprivileged();
  if (owner !== undefined) for (const path of [folder, passwordFile]) chownSync(path, owner.uid, owner.gid);
  const made = spawnSync(
    join(programs, "initdb"),
    [
      ...["-D", data, "-U", "atrium", "-E", "UTF8", "--locale=C", "--no-sync"],
      ...["--auth=scram-sha-256", `--pwfile=${passwordFile}`],
    ],
    { ...owner, encoding: "utf8", cwd: folder },
  );
  if (made.status !== 0) throw new Missing(`initdb failed: ${made.error?.message ?? made.stderr.trim()}`);

  const port = await freePort();
  const server = spawn(
    join(programs, "postgres"),
    [
      ...["-D", data, "-p", String(port)],
      ...settings({ listen_addresses: "127.0.0.1", unix_socket_directories: folder, max_connections: "300" }),
      // A cluster that is thrown away needs no durability.
      ...settings({ fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
    ],
    { ...owner, cwd: folder, stdio: ["ignore", "ignore", "pipe"], env: { LC_ALL: "C" } },
  );
  process.once("exit", () => {
    server.kill("SIGQUIT");
    rmSync(folder, { recursive: true, force: true });
  });
  await ready(server);
  return `postgres://atrium:${password}@127.0.0.1:${port}/postgres`;
}

export function newestPrograms(): string | undefined {
  if (!existsSync(PROGRAMS)) return undefined;
  const versions = readdirSync(PROGRAMS).filter((name) => existsSync(join(PROGRAMS, name, "bin/postgres")));
  const newest = versions.sort((a, b) => Number(a) - Number(b)).at(-1);
  return newest === undefined ? undefined : join(PROGRAMS, newest, "bin");
}

/** PostgreSQL refuses to run as root: the package's own user stands in. */
export function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = ["-u", "-g"].map((flag) =>
    Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout),
  );
  if (!uid || !gid) throw new Missing("there is no user 'postgres' to run PostgreSQL as; it refuses root");
  return { uid, gid };
}

function settings(values: Record<string, string>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => reject(new Missing("PostgreSQL did not start in time")), READY_TIMEOUT_MS);
    server.once("exit", () => reject(new Missing(`PostgreSQL did not start: ${said.trim()}`)));
    server.stderr?.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString("utf8")).slice(-4000);
      if (!said.includes("ready to accept connections")) return;
      clearTimeout(timer);
      resolve();
    });
  });
}
