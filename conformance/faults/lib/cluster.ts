import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../checks/src/needs/free-port.ts";
import { newestPrograms, unprivileged } from "../../../checks/src/needs/postgres.ts";
import { pause } from "./client.ts";

const READY_TIMEOUT_MS = 60_000; // A cluster that was killed recovers first.
const RETRY_MS = 200;

/** A PostgreSQL of our own, durable, that can be taken away and brought back. */
export interface Cluster {
  url: string;
  start(): Promise<void>;
  /** As an administrator does: clients are thrown out, everything is written. */
  stop(): Promise<void>;
  /** As a power cut does, with all its processes. */
  kill(): Promise<void>;
  /** Stops or continues every process of it: a machine that hangs. */
  signalAll(name: "SIGSTOP" | "SIGCONT"): void;
  /** Throws out every client. */
  disconnectAll(): void;
  /** Lets new clients in, or turns them away. */
  admit(who: "everybody" | "nobody"): void;
  remove(): Promise<void>;
}

/** Undefined where PostgreSQL's programs are not installed. */
export async function createCluster(): Promise<Cluster | undefined> {
  const programs = newestPrograms();
  if (programs === undefined) return undefined;
  const other = unprivileged();
  const owner = other ?? {};
  const folder = mkdtempSync(join(tmpdir(), "atrium-cluster-"));
  const data = join(folder, "data");
  const password = randomBytes(12).toString("hex");
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (other !== undefined) {
    for (const path of [folder, passwordFile]) chownSync(path, other.uid, other.gid);
  }
  const initialise = ["-D", data, "-U", "atrium", "-E", "UTF8", "--locale=C", "--auth-local=trust"];
  const made = spawnSync(
    join(programs, "initdb"),
    [...initialise, "--auth-host=scram-sha-256", `--pwfile=${passwordFile}`],
    { ...owner, cwd: folder, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const hba = join(data, "pg_hba.conf");
  const admitted = readFileSync(hba, "utf8");
  let postmaster: ChildProcess | undefined;

  /** Over the socket in its folder, where the owner is always let in. */
  function sql(text: string): { status: number | null; stderr: string } {
    const at = ["-h", folder, "-p", String(port), "-U", "atrium", "-d", "postgres"];
    return spawnSync(join(programs ?? "", "psql"), [...at, "-qc", text], {
      ...owner,
      cwd: folder,
      encoding: "utf8",
    });
  }

  async function start(): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    while (performance.now() < deadline) {
      if (postmaster === undefined || postmaster.exitCode !== null || postmaster.signalCode !== null) {
        // After a kill the old processes may still hold its memory for a moment: then it is tried again.
        postmaster = spawn(
          join(programs ?? "", "postgres"),
          ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"],
          { ...owner, cwd: folder, stdio: "ignore", env: { LC_ALL: "C" } },
        );
      }
      await pause(RETRY_MS);
      if (sql("select 1").status === 0) return;
    }
    throw new Error("PostgreSQL did not start.");
  }

  async function end(name: NodeJS.Signals): Promise<void> {
    const ending = postmaster;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = new Promise((resolve) => ending.once("exit", resolve));
    ending.kill(name);
    await gone;
  }

  return {
    url: `postgres://atrium:${password}@127.0.0.1:${port}/postgres`,
    start,
    stop: () => end("SIGINT"),
    kill: async () => {
      const family = familyOf(postmaster?.pid);
      const dead = end("SIGKILL");
      for (const pid of family) signal(pid, "SIGKILL");
      await dead;
    },
    signalAll: (name) => {
      for (const pid of familyOf(postmaster?.pid)) signal(pid, name);
    },
    disconnectAll: () => {
      sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and backend_type = 'client backend'",
      );
    },
    admit: (who) => {
      const local = admitted.split("\n").filter((line) => line.startsWith("local"));
      writeFileSync(hba, who === "everybody" ? admitted : `${local.join("\n")}\nhost all all all reject\n`);
      sql("select pg_reload_conf()");
    },
    remove: async () => {
      await end("SIGQUIT");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A process and its children, by what the kernel says. */
function familyOf(pid: number | undefined): number[] {
  if (pid === undefined) return [];
  const children = readdirSync("/proc")
    .map(Number)
    .filter((each) => parentOf(each) === pid);
  return [pid, ...children];
}

function parentOf(pid: number): number | undefined {
  if (!Number.isInteger(pid)) return undefined;
  try {
    return Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return undefined; // Ended since.
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== "ESRCH") throw thrown;
  }
}
