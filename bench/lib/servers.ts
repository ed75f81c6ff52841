import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { freePort } from "../../checks/src/needs/free-port.ts";
import { type Server, startServer } from "../../conformance/lib/server.ts";

const READY_TIMEOUT_MS = 300_000; // MLflow's own server needs 15 s, and minutes on a machine that has much else to do.
const TICKS_PER_SECOND = 100; // Linux reports process times in hundredths of a second on every common build.

/** A server under measurement: its address, and the CPU time that it and all its children have used. */
export interface Peer {
  name: string;
  url: string;
  headers: Record<string, string>;
  cpuMs(): number;
  rssMib(): number;
  stop(): Promise<void>;
}

/** Atrium from this checkout, on a new data folder. */
export async function startAtrium(): Promise<Peer> {
  return (await startAtriumServer()).peer;
}

/** The same, with the server for those who set it up by its own API. */
export async function startAtriumServer(): Promise<{ peer: Peer; server: Server }> {
  const server = await startServer();
  const { url, token, pid, stop } = server;
  const headers = { authorization: `Bearer ${token}` };
  return { server, peer: { name: "atrium", url, headers, ...usageOf(pid), stop } };
}

/** The peer: `mlflow server` with its defaults on SQLite, one worker so that its CPU is counted fairly per request. */
export async function startMlflow(python: string): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), "mlflow-bench-"));
  const port = await freePort();
  return startPeer({
    name: "mlflow",
    folder,
    command: python,
    args: [
      ...["-m", "mlflow", "server", "--host", "127.0.0.1", "--port", String(port), "--workers", "1"],
      ...[
        "--backend-store-uri",
        `sqlite:///${folder}/mlflow.db`,
        "--artifacts-destination",
        `${folder}/artifacts`,
      ],
    ],
    env: { MLFLOW_DISABLE_TELEMETRY: "true", DO_NOT_TRACK: "true" },
    url: `http://127.0.0.1:${port}`,
    ready: "/health",
    headers: {},
  });
}

/** The peer of online features: `feast serve` over a repository on disk, one worker. Its folder goes with it. */
export async function startFeast(python: string, repository: string): Promise<Peer> {
  const port = await freePort();
  return startPeer({
    name: "feast serve",
    folder: repository,
    command: join(dirname(python), "feast"),
    args: ["serve", "--host", "127.0.0.1", "--port", String(port), "--workers", "1"],
    env: { FEAST_USAGE: "False", IS_TEST: "True" },
    url: `http://127.0.0.1:${port}`,
    ready: "/health",
    headers: {},
  });
}

export interface PeerStart {
  name: string;
  /** Its working folder, for its log too; removed at its end. */
  folder: string;
  command: string;
  args: string[];
  env: Record<string, string>;
  url: string;
  /** A path that answers 200 when it can work. */
  ready: string;
  headers: Record<string, string>;
}

/** Another program under measurement, from its start until it answers. @throws Error with the end of its log */
export async function startPeer(start: PeerStart): Promise<Peer> {
  const log = openSync(join(start.folder, "log"), "w");
  const child = spawn(start.command, start.args, {
    cwd: start.folder,
    env: { ...process.env, ...start.env },
    stdio: ["ignore", log, log],
    detached: true,
  });
  await answering(start, child);
  const pid = child.pid ?? 0;
  return {
    name: start.name,
    url: start.url,
    headers: start.headers,
    ...usageOf(pid),
    stop: async () => {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      process.kill(-pid, "SIGTERM");
      await gone;
      rmSync(start.folder, { recursive: true, force: true });
    },
  };
}

async function answering(start: PeerStart, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) break;
    const answer = await fetch(start.url + start.ready).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  throw new Error(
    `${start.name} did not start:\n${readFileSync(join(start.folder, "log"), "utf8").slice(-2000)}`,
  );
}

function usageOf(pid: number): Pick<Peer, "cpuMs" | "rssMib"> {
  return {
    cpuMs: () => treeOf(pid).reduce((sum, each) => sum + cpuMsOf(each), 0),
    rssMib: () => treeOf(pid).reduce((sum, each) => sum + rssMibOf(each), 0),
  };
}

/** The process and all that descend from it. */
function treeOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    const parent = statOf(Number(name))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const belongs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === root || belongs(parents.get(pid)));
  return [...parents.keys()].filter(belongs);
}

/** Fields of /proc/<pid>/stat after the command name: state, parent, …; user and system time are 11 and 12. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined; // It ended between the listing and the look.
  }
}

function cpuMsOf(pid: number): number {
  const fields = statOf(pid);
  return fields === undefined ? 0 : ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND;
}

function rssMibOf(pid: number): number {
  const fields = statOf(pid);
  return fields === undefined ? 0 : (Number(fields[21]) * 4096) / 2 ** 20;
}
