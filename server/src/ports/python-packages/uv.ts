import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#lib/errors";
import { explainDisk } from "#lib/files";
import type { Interpreter, PythonPackages } from "./python-packages.ts";
import { runTool, type ToolResult } from "./run-tool.ts";

const UV_VERSION = "0.13.9"; // Pinned: its lock format and its words are what the rest was written against.
const CANDIDATES = ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
const WHO_ARE_YOU =
  "import sys, sysconfig, platform\n" +
  "print(sys.version_info >= (3, 10), sys.executable, platform.python_version(), sysconfig.get_platform(), sep='\\n')";

const ASK_MS = 30_000; // A cold interpreter on a slow disk takes some seconds.
const RESOLVE_MS = 5 * 60_000; // Slow indexes and long backtracking; longer than that nobody waits for an answer.
const BUILD_MS = 30 * 60_000; // Gigabytes of wheels over a slow line, or packages that are compiled.
const WORDS_CHARACTERS_MAX = 4000;

export interface UvOptions {
  /** Where the program itself and its cache lie: the same file system as the environments, for hard links. */
  directory: string;
  /** All of its environment: PATH, proxies, addresses of indexes. */
  variables: Readonly<Record<string, string>>;
}

/** Python packages by uv, which is fetched by pip on first use. */
export function createUv({ directory, variables }: UvOptions): PythonPackages {
  let found: Promise<Interpreter> | undefined;
  let fetched: Promise<string> | undefined;
  const environment = {
    ...variables,
    UV_PYTHON_DOWNLOADS: "never",
    UV_CACHE_DIR: join(directory, "cache"),
    UV_LINK_MODE: "hardlink",
    UV_NO_PROGRESS: "1",
    NO_COLOR: "1",
    PIP_ROOT_USER_ACTION: "ignore",
  };

  return {
    interpreter,

    resolve: (requirements, signal) => compile(requirements, [], signal),
    resolveAlone: (requirements, signal) => compile(requirements, ["--no-deps"], signal),

    async build(lock, folder, signal) {
      const { program } = await interpreter();
      // Relocatable: scripts find their interpreter beside them, wherever the finished folder is moved to.
      const made = await uv(["venv", "--quiet", "--relocatable", "--python", program, folder], {
        timeoutMs: ASK_MS,
        signal,
      });
      if (made.status !== 0) throw explain(made, "The environment could not be made");
      const python = join(folder, "bin/python");
      if (lock.trim() !== "") {
        const args = [
          "pip",
          "install",
          "--quiet",
          "--no-deps",
          "--compile-bytecode",
          "--python",
          python,
          "-r",
          "-",
        ];
        const done = await uv(args, { timeoutMs: BUILD_MS, signal, input: lock });
        if (done.status !== 0) throw explain(done, "The packages could not be installed");
      }
      const listed = await uv(["pip", "freeze", "--quiet", "--python", python], {
        timeoutMs: ASK_MS,
        signal,
      });
      if (listed.status !== 0) throw explain(listed, "The packages could not be listed");
      await tool("chmod", ["-R", "a-w", folder], { timeoutMs: ASK_MS, signal });
      return listed.output.split("\n").filter(Boolean).sort();
    },

    async discard(folder) {
      if (!existsSync(folder)) return;
      // Read-only folders cannot be emptied; as root they can, and then nothing is lost by the change.
      const signal = new AbortController().signal;
      await tool("chmod", ["-R", "u+w", folder], { timeoutMs: ASK_MS, signal });
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function compile(
    requirements: readonly string[],
    flags: readonly string[],
    signal: AbortSignal,
  ): Promise<string> {
    const { program } = await interpreter();
    const args = ["pip", "compile", "--quiet", "--no-header", "--no-annotate", "--generate-hashes", ...flags];
    const done = await uv([...args, "--python", program, "-"], {
      timeoutMs: RESOLVE_MS,
      signal,
      input: `${requirements.join("\n")}\n`,
    });
    if (done.status === 0) return done.output;
    throw explain(done, "The requirements cannot be had together");
  }

  function interpreter(): Promise<Interpreter> {
    return once(found, (next) => (found = next), findInterpreter);
  }

  async function findInterpreter(): Promise<Interpreter> {
    for (const candidate of CANDIDATES) {
      const asked = await tool(candidate, ["-I", "-c", WHO_ARE_YOU], given(ASK_MS)).catch(() => undefined);
      const [isNewEnough, program, version, platform] = asked?.output.split("\n") ?? [];
      if (isNewEnough !== "True" || program === undefined || version === undefined) continue;
      return { program, version, identity: `${version} ${platform} ${program}` };
    }
    throw new AppError(
      "unavailable",
      "There is no Python 3.10 or newer on this machine, so it runs no Python jobs; install one (Debian: apt install python3 python3-pip).",
    );
  }

  async function uv(args: readonly string[], run: Run): Promise<ToolResult> {
    const program = await once(fetched, (next) => (fetched = next), fetchUv);
    return tool(program, args, run);
  }

  /** Fetched beside its place and moved there whole, so that a broken download is never taken for it. */
  async function fetchUv(): Promise<string> {
    const home = join(directory, `uv-${UV_VERSION}`);
    const program = join(home, "bin/uv");
    if (existsSync(program)) return program;
    const { program: python } = await interpreter();
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const beside = await mkdtemp(join(directory, "fetching-"));
    try {
      const args = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", beside, `uv==${UV_VERSION}`];
      const done = await tool(python, args, given(BUILD_MS));
      if (done.status !== 0) {
        const advice = done.errors.includes("No module named pip")
          ? " (Debian: apt install python3-pip)"
          : "";
        throw new AppError(
          "unavailable",
          `The installer of Python packages could not be fetched${advice}: ${wordsOf(done)}`,
        );
      }
      await rename(beside, home).catch(async (thrown: unknown) => {
        if (!existsSync(program)) throw thrown; // Else another process was first.
      });
    } finally {
      await rm(beside, { recursive: true, force: true });
    }
    return program;
  }

  async function tool(program: string, args: readonly string[], run: Run): Promise<ToolResult> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    try {
      return await runTool({ program, args, variables: environment, cwd: directory, ...run });
    } catch (thrown) {
      throw explainDisk(thrown);
    }
  }
}

interface Run {
  timeoutMs: number;
  signal: AbortSignal;
  input?: string;
}

function given(timeoutMs: number): Run {
  return { timeoutMs, signal: new AbortController().signal };
}

/** One at a time and once, but again after a failure. */
function once<T>(
  standing: Promise<T> | undefined,
  keep: (next: Promise<T> | undefined) => void,
  work: () => Promise<T>,
): Promise<T> {
  if (standing !== undefined) return standing;
  const started = work();
  keep(started);
  started.catch(() => keep(undefined));
  return started;
}

// What the asker can change. All else, such as an index that does not answer, may be better in a minute.
const THEIR_OWN =
  /No solution found|unsatisfiable|not found in the package registry|Couldn't parse|Failed to parse|Failed to build|hash mismatch|Hash mismatch|does not support|has no wheels|conflict/;

function explain(done: ToolResult, what: string): AppError {
  if (done.status === null) return new AppError("unavailable", `${what}: it took too long, or was stopped.`);
  const words = wordsOf(done);
  if (/No space left on device|disk quota/i.test(words)) {
    return new AppError("unavailable", `${what}: the disk is full.`, { retryAfterSeconds: 60 });
  }
  const code = THEIR_OWN.test(done.errors) ? "invalid" : "unavailable";
  return new AppError(code, `${what}: ${words}`, { reason: "requirements" });
}

function wordsOf({ errors, output }: ToolResult): string {
  const said = (errors.trim() || output.trim()).replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, "$1");
  return said.length > WORDS_CHARACTERS_MAX ? `${said.slice(0, WORDS_CHARACTERS_MAX)} …` : said;
}
