import { spawn } from "node:child_process";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

/** One kind of test: a command that ends well or not, and may say `N passed, N failed` on its last line. */
export interface Stage {
  name: string;
  /** Program and arguments, run in the repository's root. */
  command: readonly string[];
  env?: Record<string, string>;
  timeoutMs?: number;
  /** Brings what the stage needs, and answers with what the command must know of it. @throws Missing */
  prepare?(): Promise<Record<string, string>>;
}

/** What became of a stage. `missing` says why it could not run. */
export type StageResult =
  | { kind: "ran"; passed: number; failed: number; output: string; tookMs: number }
  | { kind: "missing"; reason: string };

/** Thrown by `prepare`: this machine lacks something that could not be brought here. */
export class Missing extends Error {}

const TIMEOUT_MS = 25 * 60_000; // Longer than any stage on two busy cores; one that hangs must not hold the rest.
const OUTPUT_BYTES_MAX = 4 * 1024 * 1024; // What a person can still search; the end matters most.
const CLOSING_LINE = /^(\d+) passed, (\d+) failed$/;

/** Runs one stage to its end. A stage that prints no closing line counts as one test. */
export async function runStage(stage: Stage): Promise<StageResult> {
  const startedMs = performance.now();
  let prepared: Record<string, string>;
  try {
    prepared = (await stage.prepare?.()) ?? {};
  } catch (thrown) {
    if (thrown instanceof Missing) return { kind: "missing", reason: thrown.message };
    throw thrown;
  }
  const { code, output } = await runToEnd(stage, { ...stage.env, ...prepared });
  return { kind: "ran", ...count(output, code), output, tookMs: performance.now() - startedMs };
}

/** Reads the counts off the closing line; a bad exit without a failed test is a failure of its own. */
function count(output: string, code: number): { passed: number; failed: number } {
  const last = output.trimEnd().split("\n").at(-1)?.trim() ?? "";
  const closing = CLOSING_LINE.exec(last);
  if (closing === null) return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const passed = Number(closing[1]);
  const failed = Number(closing[2]);
  if (code !== 0 && failed === 0) return { passed, failed: 1 };
  // A stage that tested nothing proves nothing.
  if (passed + failed === 0) return { passed: 0, failed: 1 };
  return { passed, failed };
}

async function runToEnd(
  stage: Stage,
  env: Record<string, string>,
): Promise<{ code: number; output: string }> {
  const [program = "", ...args] = stage.command;
  const timeoutMs = stage.timeoutMs ?? TIMEOUT_MS;
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, CI: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // A group of its own, so that a stage which hangs ends with all its children.
  });
  let output = "";
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString("utf8")).slice(-OUTPUT_BYTES_MAX);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const endGroup = () => {
    if (child.pid !== undefined) killGroup(child.pid);
  };
  process.once("exit", endGroup);
  const timer = setTimeout(() => {
    output += `\nThe stage did not end within ${timeoutMs / 60_000} minutes and was stopped.\n`;
    endGroup();
  }, timeoutMs);
  const code = await new Promise<number>((resolve) => {
    child.once("error", (error) => {
      output += `${program}: ${error.message}\n`;
      resolve(127);
    });
    child.once("exit", endGroup); // What a stage leaves running is not ours to keep.
    child.once("close", (status) => resolve(status ?? 1));
  });
  clearTimeout(timer);
  process.off("exit", endGroup);
  return { code, output };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone: what was asked for.
  }
}
