import { readdir, readFile } from "node:fs/promises";

const PAGE_BYTES = 4096; // What the kernel counts resident memory in, on every machine that Node runs on but a few ARM ones.
const TICKS_A_SECOND = 100; // In what the kernel tells programs, whatever it counts in itself.
const SCAN_KEPT_MS = 400; // Many attempts are watched at once; one look at the table of processes does for all.

export interface ProcessInfo {
  pid: number;
  group: number;
  session: number;
  /** Ticks since the machine started: with the pid it names one process for ever. */
  start: string;
  residentBytes: number;
  /** Of its own and of the children that it has waited for. */
  cpuSeconds: number;
  /** Dead, and only waiting for its parent to notice. */
  zombie: boolean;
}

/** The table of processes, read from /proc. */
export interface Processes {
  one(pid: number): Promise<ProcessInfo | undefined>;
  /** Everything that runs; at most a moment old. */
  all(): Promise<readonly ProcessInfo[]>;
  /** As `all`, but of this very moment. */
  now(): Promise<readonly ProcessInfo[]>;
  /** Those whose environment holds this text, which may have left their session. */
  withEnvironment(text: string): Promise<number[]>;
  bootId(): Promise<string>;
}

export function createProcesses(): Processes {
  let kept: { atMs: number; processes: Promise<readonly ProcessInfo[]> } | undefined;
  return {
    one: readProcess,
    all() {
      const atMs = performance.now();
      if (kept === undefined || atMs - kept.atMs > SCAN_KEPT_MS) kept = { atMs, processes: scan() };
      return kept.processes;
    },
    now: scan,
    async withEnvironment(text) {
      const found = await Promise.all(
        (await pids()).map(async (pid) => {
          const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
          return environment.split("\0").includes(text) ? pid : undefined;
        }),
      );
      return found.filter((pid) => pid !== undefined && pid !== process.pid) as number[];
    },
    bootId: async () => (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim(),
  };
}

async function pids(): Promise<number[]> {
  return (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
}

async function scan(): Promise<readonly ProcessInfo[]> {
  const found = await Promise.all((await pids()).map(readProcess));
  return found.filter((one) => one !== undefined);
}

async function readProcess(pid: number): Promise<ProcessInfo | undefined> {
  // It may end while it is looked at: then it is not there.
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  // The name stands in parentheses and may hold any character; behind the last one come numbers.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return {
    pid,
    group: Number(fields[2]),
    session: Number(fields[3]),
    start: fields[19] ?? "",
    residentBytes: Number(fields[21]) * PAGE_BYTES,
    cpuSeconds: fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_A_SECOND,
    zombie: fields[0] === "Z" || fields[0] === "X",
  };
}
