/**
 * The walk with the unmodified mlflow client against a server started for it; PYTHON names the interpreter.
 *   node conformance/mlflow/run.ts [--against mlflow] [--only TEXT]
 * Against MLflow's own server it proves the walk itself: what both must do, the real one does.
 */
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { startMlflow } from "../../bench/lib/servers.ts";
import { startServer } from "../lib/server.ts";

interface Walked {
  url: string;
  token: string | undefined;
  stop(): Promise<void>;
}

const { values: flags } = parseArgs({
  options: { against: { type: "string", default: "atrium" }, only: { type: "string" } },
});
const python = process.env.PYTHON;
if (python === undefined)
  throw new Error("Set PYTHON to an interpreter that has what requirements.txt lists.");
if (flags.against !== "atrium" && flags.against !== "mlflow")
  throw new Error(`--against takes atrium or mlflow, not '${flags.against}'.`);

const server = flags.against === "atrium" ? await atrium() : await mlflow(python);
try {
  process.exitCode = await walk(python, server, flags.against);
} finally {
  await server.stop();
}

async function atrium(): Promise<Walked> {
  return startServer({ databaseUrl: process.env.ATRIUM_DATABASE_URL });
}

async function mlflow(interpreter: string): Promise<Walked> {
  const peer = await startMlflow(interpreter);
  return { url: peer.url, token: undefined, stop: peer.stop };
}

/** Answers with the exit status; the walk itself prints the closing line. */
async function walk(interpreter: string, { url, token }: Walked, against: string): Promise<number> {
  const only = flags.only === undefined ? [] : ["--only", flags.only];
  const child = spawn(interpreter, ["-B", "-m", "walk", "--server", against, ...only], {
    cwd: import.meta.dirname,
    stdio: "inherit",
    env: {
      ...process.env,
      MLFLOW_TRACKING_URI: url,
      ...(token === undefined ? {} : { MLFLOW_TRACKING_TOKEN: token }),
      // A server that answers 5xx shall fail its check at once, not after minutes of retries.
      MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0",
      MLFLOW_DISABLE_TELEMETRY: "true",
      MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: "true",
      // Pictures are drawn into files.
      MPLBACKEND: "agg",
    },
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
