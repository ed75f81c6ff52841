import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../checks/src/needs/free-port.ts";

const ROOT = join(import.meta.dirname, "../..");
const READY_TIMEOUT_MS = 60_000; // A start takes a second; recovery on a busy machine some more.
const READY_POLL_MS = 20;
const STOP_TIMEOUT_MS = 30_000; // A server drains for 10 s; one that takes longer than this hangs.
const EXIT_INTERRUPTED = 130;
const OUTPUT_CHARACTERS_MAX = 200_000; // The end of what it said; a failing server repeats itself.

export interface ServerStart {
  /** `postgres://…`; absent: SQLite in the data directory. */
  databaseUrl?: string | undefined;
  /** Holds data, key and token, so that a second start goes on from the first. Absent: a new one, removed at the end. */
  dataDirectory?: string | undefined;
  /** A free one when not given; programs that outlive a server come back to it by its port. */
  port?: number | undefined;
  /** A new data folder makes the sample project; else it stays empty. */
  sample?: "wanted";
  /** Further flags of `up`. */
  flags?: readonly string[];
  /** Further settings, `ATRIUM_…` by name. */
  settings?: Readonly<Record<string, string>>;
}

export interface Server {
  url: string;
  /** Of the owner. */
  token: string;
  pid: number;
  /** All that it has printed lately. */
  output(): string;
  /** Ends it as a supervisor does, with all its children. @throws Error when it does not end */
  stop(): Promise<void>;
  /** Ends it as a power cut does: no handler of its own runs. */
  kill(): Promise<void>;
  /** To the server alone; `ended` tells what became of it. */
  signal(name: NodeJS.Signals): void;
  /** Its exit code, or undefined when a signal ended it. */
  ended: Promise<number | undefined>;
}

/** A server on its way up: it may be killed before it answers. */
export interface LaunchedServer extends Server {
  /** @throws Error with its output, when it ends or takes too long */
  ready(): Promise<void>;
}

/** Atrium from this checkout on a free port, ready to answer. */
export async function startServer(start: ServerStart = {}): Promise<Server> {
  const server = await launchServer(start);
  await server.ready();
  return server;
}

/** The same without waiting. */
export async function launchServer(start: ServerStart = {}): Promise<LaunchedServer> {
  const folder = start.dataDirectory ?? mkdtempSync(join(tmpdir(), "atrium-server-"));
  const removeFolder = () => {
    if (start.dataDirectory === undefined) rmSync(folder, { recursive: true, force: true });
  };
  const token = keptIn(folder, "token", () => randomBytes(24).toString("hex"));
  keptIn(folder, "key", () => `v1 ${randomBytes(32).toString("base64")}\n`);
  const port = start.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const unwanted = start.sample === "wanted" ? [] : ["--no-sample"];
  const args = [...argumentsFor(folder, port), ...unwanted, ...(start.flags ?? [])];
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: environmentFor(start, folder, token),
  });
  endWithUs(child);
  const output = collect(child);
  const gone = new Promise<number | undefined>((resolve) =>
    child.once("close", (code) => resolve(code ?? undefined)),
  );
  return {
    url,
    token,
    pid: child.pid ?? 0,
    output,
    ended: gone,
    signal: (name) => child.kill(name),
    ready: () => ready(url, child, output),
    stop: async () => {
      signal(child, "SIGTERM");
      await within(STOP_TIMEOUT_MS, gone, () => signal(child, "SIGKILL"));
      removeFolder();
    },
    kill: async () => {
      signal(child, "SIGKILL");
      await gone;
      removeFolder();
    },
  };
}

/** A secret of the first start, the same at each later one. */
function keptIn(folder: string, name: string, make: () => string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  if (!existsSync(file)) writeFileSync(file, make(), { mode: 0o600 });
  return readFileSync(file, "utf8");
}

function argumentsFor(folder: string, port: number): string[] {
  const main = join(ROOT, "server/src/main.ts");
  return [main, "up", "--port", String(port), "--data", join(folder, "data")];
}

/** Settings of the caller's own shell must not reach the server under test. */
function environmentFor(start: ServerStart, folder: string, token: string): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("ATRIUM_"));
  return {
    ...Object.fromEntries(others),
    ATRIUM_ADMIN_TOKEN: token,
    ATRIUM_KEY_FILE: join(folder, "key"),
    ...(start.databaseUrl === undefined ? {} : { ATRIUM_DATABASE_URL: start.databaseUrl }),
    ...start.settings,
  };
}

function collect(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text = (text + chunk).slice(-OUTPUT_CHARACTERS_MAX);
    });
  }
  return () => text;
}

async function ready(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline && !hasEnded(child)) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  signal(child, "SIGKILL");
  throw new Error(`The server did not become ready:\n${output().slice(-3000)}`);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** To the whole process group, which may be gone already. */
function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, name);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}

/** A test that is broken off must not leave its server behind: the server has a process group of its own. */
function endWithUs(child: ChildProcess): void {
  const end = () => signal(child, "SIGKILL");
  process.once("exit", end);
  const stopped = () => process.exit(EXIT_INTERRUPTED);
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, stopped);
  child.once("close", () => {
    process.off("exit", end);
    for (const name of ["SIGINT", "SIGTERM"] as const) process.off(name, stopped);
  });
}

async function within(ms: number, done: Promise<unknown>, otherwise: () => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      otherwise();
      reject(new Error(`The server did not stop within ${ms / 1000} s.`));
    }, ms);
  });
  await Promise.race([done, late]).finally(() => clearTimeout(timer));
}
