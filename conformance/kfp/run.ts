/**
 * The walk with the unmodified kfp client against a server started for it; PYTHON names the interpreter.
 *   node conformance/kfp/run.ts [words of the checks to do]
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { type Server, startServer } from "../lib/server.ts";

const python = process.env.PYTHON;
if (python === undefined)
  throw new Error("Set PYTHON to an interpreter that has what requirements.txt lists.");

const server = await startServer({ databaseUrl: process.env.ATRIUM_DATABASE_URL });
try {
  process.exitCode = await walk(python, server);
} finally {
  await server.stop();
}

/** Answers with the exit status; the walk itself prints the closing line. */
async function walk(interpreter: string, { url, token }: Server): Promise<number> {
  const program = join(import.meta.dirname, "walk.py");
  const child = spawn(interpreter, ["-B", program, ...process.argv.slice(2)], {
    stdio: "inherit",
    env: { ...process.env, ATRIUM_URL: url, ATRIUM_TOKEN: token },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
