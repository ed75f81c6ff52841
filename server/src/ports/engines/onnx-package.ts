import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "#lib/errors";

/** ONNX Runtime: 288 MiB that only those who serve such models need. It comes when it is first asked for. */
export interface OnnxPackage {
  /** Installs it when it is missing, once however many ask. @throws AppError `unavailable` saying why it cannot be had */
  ensure(): Promise<void>;
}

interface OnnxPackageOptions {
  /** The folder that the launcher and the workspace's packages lie in. */
  root: string;
  progress(line: string): void;
}

const INSTALL_TIMEOUT_MS = 10 * 60_000; // 60 MB over a slow line; a registry that hangs must not be waited for forever.
const OUTPUT_CHARACTERS_MAX = 4000; // The end of what the installer said: its error.

export function createOnnxPackage({ root, progress }: OnnxPackageOptions): OnnxPackage {
  let installing: Promise<void> | undefined;
  const isThere = () => existsSync(join(root, "onnx/node_modules/onnxruntime-node/package.json"));

  async function install(): Promise<void> {
    progress("Installing ONNX Runtime, once: a model needs it.");
    const output = await runLauncher(join(root, "atrium"));
    if (!isThere()) {
      const words = "ONNX Runtime could not be installed; the npm registry must be reachable, once.";
      throw new AppError("unavailable", words, { cause: new Error(output), retryAfterSeconds: 60 });
    }
    progress("ONNX Runtime is installed.");
  }

  return {
    async ensure() {
      if (isThere() && installing === undefined) return;
      installing ??= install().finally(() => {
        installing = undefined;
      });
      await installing;
    },
  };
}

/** The launcher knows the pinned installer, and holds the lock that a start from another terminal takes too. */
function runLauncher(launcher: string): Promise<string> {
  const child = spawn(launcher, ["add-onnx"], { stdio: ["ignore", "ignore", "pipe"], detached: true });
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output = (output + text).slice(-OUTPUT_CHARACTERS_MAX);
  });
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, INSTALL_TIMEOUT_MS);
    const done = (words: string) => {
      clearTimeout(timer);
      resolve(`${output}${words}`);
    };
    child.once("error", (error) => done(error.message));
    child.once("close", (code) => done(`exit status ${code}`));
  });
}
