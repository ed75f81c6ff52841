import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../../..");
export const SERVER = join(ROOT, "server/src/main.ts");
export const CLI = join(ROOT, "cli/src/main.ts");

const END_TIMEOUT_MS = 90_000; // A refusal takes a second; a restore on a busy machine some more.

export interface Ended {
  /** Undefined when it had to be killed. */
  code: number | undefined;
  stdout: string;
  stderr: string;
}

export interface Program {
  /** Node runs it; for anything else `command` says what. */
  args: readonly string[];
  command?: string;
  /** On top of the caller's environment, from which Atrium's own settings are taken. */
  settings?: Readonly<Record<string, string>>;
  uid?: number;
  /** Where it runs; absent: where we do. */
  cwd?: string;
  /** What it reads from a pipe; absent: nothing. */
  input?: string;
  /** After so long it is killed. */
  timeoutMs?: number;
}

/** A program that runs. */
export interface Running {
  /** All that it has printed so far. */
  printed(): string;
  signal(name: NodeJS.Signals): void;
  ended: Promise<Ended>;
}

/** Runs a program to its end. */
export function run(program: Program): Promise<Ended> {
  return launch(program).ended;
}

/** Starts a program. */
export function launch(program: Program): Running {
  const { args, command = process.execPath, settings = {}, uid, cwd, input = "", timeoutMs } = program;
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("ATRIUM_"));
  const child = spawn(command, args, {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...Object.fromEntries(others), ...settings },
    ...(uid === undefined ? {} : { uid, gid: uid }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  child.stdin.on("error", () => {}); // It may end without reading what it was given.
  child.stdin.end(input);
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (piece: string) => {
      texts[name] += piece;
    });
  }
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs ?? END_TIMEOUT_MS);
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve); // Both streams have ended by then.
  });
  return {
    printed: () => texts.stdout + texts.stderr,
    signal: (name) => child.kill(name),
    ended: closed.finally(() => clearTimeout(timer)).then((code) => ({ code: code ?? undefined, ...texts })),
  };
}

/** True for a refusal a person can act on: the exit code, one line that names the program, no trace of the code. */
export function isPlainRefusal({ code, stderr }: Ended, wanted: RegExp): boolean {
  const lines = stderr.trimEnd().split("\n");
  return code === 1 && lines.length === 1 && stderr.startsWith("atrium: ") && wanted.test(stderr);
}

/** Path, size and SHA-256 of every file below a folder, to see whether one byte has changed. */
export function contentsOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true }).map(String).sort();
  return files
    .filter((name) => statSync(join(folder, name)).isFile())
    .map(
      (name) =>
        `${name} ${createHash("sha256")
          .update(readFileSync(join(folder, name)))
          .digest("hex")}`,
    )
    .join("\n");
}

/** A folder that holds a key and a token, as a server under test brings them, and a data folder to come. */
export function newHome(prefix: string): string {
  return mkdtempSync(join(tmpdir(), `atrium-${prefix}-`));
}

/** Another home with the same key and token. */
export function sisterOf(home: string): string {
  const sister = newHome("sister");
  for (const name of ["key", "token"]) cpSync(join(home, name), join(sister, name));
  return sister;
}

export function newKeyFile(folder: string, name: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, `v1 ${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
  return file;
}
