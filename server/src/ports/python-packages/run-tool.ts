import { spawn } from "node:child_process";

const OUTPUT_CHARACTERS_MAX = 4 * 1024 * 1024; // The lock of a thousand packages with all hashes has two.
const ERRORS_CHARACTERS_MAX = 64 * 1024; // A resolver's explanation; a compiler's complaints are cut in the middle.

export interface ToolRun {
  program: string;
  args: readonly string[];
  variables: Readonly<Record<string, string>>;
  cwd: string;
  input?: string;
  timeoutMs: number;
  signal: AbortSignal;
}

export interface ToolResult {
  /** Null when it had to be killed. */
  status: number | null;
  output: string;
  errors: string;
}

/** Runs a program of somebody else's, with all that it starts in one process group, and ends them together. */
export function runTool(run: ToolRun): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(run.program, run.args, {
      cwd: run.cwd,
      env: { ...run.variables },
      detached: true, // A group of its own, so that what it started ends with it.
      stdio: ["pipe", "pipe", "pipe"],
    });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(0, OUTPUT_CHARACTERS_MAX);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-ERRORS_CHARACTERS_MAX);
    });
    const end = (): void => killGroup(child.pid);
    const timer = setTimeout(end, run.timeoutMs);
    run.signal.addEventListener("abort", end, { once: true });
    if (run.signal.aborted) end();
    const done = (): void => {
      clearTimeout(timer);
      run.signal.removeEventListener("abort", end);
    };
    child.once("error", (thrown) => {
      done();
      reject(thrown);
    });
    child.once("close", (status) => {
      done();
      resolve({ status, output, errors });
    });
    child.stdin.on("error", () => {}); // It may end without reading what it was given.
    child.stdin.end(run.input ?? "");
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
