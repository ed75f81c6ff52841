import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, type FSWatcher, mkdirSync, readFileSync, watch } from "node:fs";
import { readdir } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "#lib/errors";
import { explainDisk, writeFileDurably } from "#lib/files";
import { newId } from "#lib/ids";
import { type AttemptFolder, attemptFolder, type StopReason, sizeOf } from "./attempt-folder.ts";
import { chooseCpus, ownCpus } from "./cpus.ts";
import type { AttemptState, Ending, Executor, Launch, LaunchLimits, Observing, Usage } from "./executor.ts";
import { createProcesses, type ProcessInfo } from "./processes.ts";

const SHIM = join(import.meta.dirname, "shim.sh");
const MIB = 1024 * 1024;
const MEMORY_SHARE = 0.9; // The rest is the server's and the system's.
const LOG_BYTES_MAX = 64 * MIB; // Half a million lines: more is data, and belongs into a file.

const GRACE_MS = 10_000; // What a command gets to clean up in when one of its limits ends it.
const POLL_MS = 1000; // A command takes a gigabyte of memory in about that time; the kernel's own limit stands behind.
const MEASURE_EVERY = 5; // Polls between two looks at the folder's size, which costs a look at every file.
const PRINTED_EVERY_MS = 100; // A command that prints without end is looked at ten times a second, not at each line.
const CLAIM_MS = 10_000; // A shim makes its claim in milliseconds; one that has made none by then was killed before.
const GONE_EVERY_MS = 20;
const DATA_SLACK_KIB = 1024 * 1024; // Threads' stacks and what allocators keep ready count as data and are never used.

export interface LocalOptions {
  /** Where attempts' folders lie; also names the machine. */
  directory: string;
  /** Where the shim finds its own programs. */
  path: string;
  graceMs?: number;
  logBytesMax?: number;
}

/** Attempts as processes of this machine, each under a shim that needs us for nothing. */
export function openLocalExecutor(options: LocalOptions): Executor {
  const { directory, path, graceMs = GRACE_MS, logBytesMax = LOG_BYTES_MAX } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const machine = machineId(directory);
  const processes = createProcesses();
  const cpus = ownCpus();
  const taskset = findProgram(path, "taskset");
  const sleepProgram = findProgram(path, "sleep");
  // Which cores are taken by what runs, and who is to be told at once when a child of ours ends.
  const busy = new Map<string, readonly number[]>();
  const wakers = new Map<string, () => void>();
  const stopping = new Set<string>();
  const at = (attemptId: string): AttemptFolder => attemptFolder(directory, attemptId);

  return {
    machine,
    capacity: {
      cores: availableParallelism(),
      memoryMiB: Math.floor(
        (Math.min(totalmem(), process.constrainedMemory() || Infinity) / MIB) * MEMORY_SHARE,
      ),
    },
    limits: {
      time: "by the attempt's own time keeper, also while the server is away",
      memory:
        "resident memory of all its processes, looked at each second; each process's data by the kernel",
      cores: taskset
        ? "by the kernel, which runs it on these cores only"
        : "by the queue alone: taskset is missing",
      output: "each file by the kernel; the log at once and the whole folder every few seconds by the server",
    },
    prepare,
    start,
    state: async (attemptId) => (await look(at(attemptId))).state,
    observe,
    cancel: (attemptId, grace) => stop(at(attemptId), "cancelled", grace),
    output: (attemptId, from, bytesMax) => at(attemptId).output(from, bytesMax),
    folder: (attemptId) => at(attemptId).work,
    remove,
    list: async () =>
      (await readdir(directory, { withFileTypes: true }))
        .filter((one) => one.isDirectory())
        .map(({ name }) => name),
  };

  async function prepare(attemptId: string): Promise<string> {
    const folder = at(attemptId);
    try {
      await folder.make();
    } catch (thrown) {
      throw explainDisk(thrown);
    }
    return folder.work;
  }

  async function start({ attemptId, command, variables, limits }: Launch): Promise<void> {
    const folder = at(attemptId);
    if ((await folder.claim()) !== undefined) return;
    const chosen = taskset !== undefined ? chooseCpus(cpus, [...busy.values()], limits.cores) : [];
    await folder.saveStarted({ limits, cpus: chosen });
    const output = await folder.openOutput();
    const ours = [
      folder.path,
      Math.ceil(limits.timeoutMs / 1000),
      Math.ceil(graceMs / 1000),
      limits.memoryMiB * 1024 + DATA_SLACK_KIB,
      limits.outputMiB * 2048,
      chosen.length > 0 ? chosen.join(",") : "-",
      taskset ?? "-",
      sleepProgram ?? "sleep",
    ].map(String);
    try {
      const child = spawn("/bin/sh", [SHIM, ...ours, ...command], {
        cwd: folder.work,
        env: { ...variables, ATRIUM_ATTEMPT_ID: attemptId },
        detached: true, // Its own session: it is nobody's child when we are gone.
        stdio: ["ignore", output.fd, output.fd],
      });
      child.once("exit", () => wakers.get(attemptId)?.());
      child.unref();
      await once(child, "spawn");
      busy.set(attemptId, chosen);
    } catch (cause) {
      throw new AppError("unavailable", "This machine cannot start another process now.", { cause });
    } finally {
      await output.close();
    }
  }

  async function observe(attemptId: string, { printed, measured, signal }: Observing): Promise<Ending> {
    const folder = at(attemptId);
    const begunMs = performance.now();
    const limits = (await folder.started())?.limits;
    busy.set(attemptId, (await folder.started())?.cpus ?? []);
    const bell = createBell(signal);
    const watcher = watchFolder(folder.path, (name) => bell.ring(name === "output" ? PRINTED_EVERY_MS : 0));
    wakers.set(attemptId, () => bell.ring(0));
    let seen = -1;
    try {
      for (let round = 0; ; round += 1) {
        signal.throwIfAborted();
        const { state, ending } = await look(
          folder,
          performance.now() - begunMs > CLAIM_MS ? "will not come" : "may come",
        );
        const size = await folder.outputSize();
        if (size !== seen) printed?.(size);
        seen = size;
        if (state === "absent") return { kind: "lost", exitCode: null };
        if (ending !== undefined) {
          // Its own last deed ends all that the command left; only where it could not do that is there work for us.
          if (ending.kind !== "exited") await endSession(folder);
          return ending;
        }
        const usage = round === 0 ? undefined : await usageOf(folder);
        if (usage !== undefined && usage.processes > 0) measured?.(usage);
        if (limits !== undefined) await holdLimits(folder, limits, { round, usage });
        await bell.wait(POLL_MS);
      }
    } finally {
      watcher?.close();
      wakers.delete(attemptId);
      busy.delete(attemptId);
    }
  }

  /** What the folder and the table of processes say. A shim that has not shown itself may still come, or was killed. */
  async function look(
    folder: AttemptFolder,
    shim: "may come" | "will not come" = "may come",
  ): Promise<{ state: AttemptState; ending?: Ending }> {
    // In this order: one that ends between the two questions has left its status by the second.
    const claim = await folder.claim();
    const alive = claim !== undefined && claim !== "empty" && (await leads(claim));
    const exitCode = await folder.exitCode();
    if (exitCode !== undefined) return { state: "ended", ending: await explain(folder, exitCode) };
    if (alive) return { state: "running" };
    if (claim === undefined || claim === "empty") {
      if (shim === "will not come") return { state: "ended", ending: await explain(folder, null) };
      if (claim === "empty") return { state: "running" };
      return { state: (await folder.exists()) ? "prepared" : "absent" };
    }
    return { state: "ended", ending: await explain(folder, null) };
  }

  async function explain(folder: AttemptFolder, exitCode: number | null): Promise<Ending> {
    const reason = await folder.stopReason();
    if (reason !== undefined) return { kind: reason, exitCode: exitCode ?? KILLED };
    if (await folder.timedOut()) return { kind: "timeout", exitCode: exitCode ?? KILLED };
    if (exitCode === null) return { kind: "lost", exitCode };
    const most = ((await folder.started())?.limits.outputMiB ?? Infinity) * MIB;
    // The kernel was quicker than we are: it ends, or refuses, whoever writes on at a file's limit.
    if (exitCode === FILE_TOO_LARGE || (await folder.outputSize()) >= most)
      return { kind: "output", exitCode };
    return { kind: "exited", exitCode };
  }

  async function leads(claim: { pid: number; start: string; bootId: string }): Promise<boolean> {
    const leader = await processes.one(claim.pid);
    if (leader === undefined || leader.zombie || leader.start !== claim.start) return false;
    return claim.bootId === (await processes.bootId());
  }

  /** Every process of an attempt that still runs, also when the shim that led them was killed. */
  async function membersOf(folder: AttemptFolder): Promise<ProcessInfo[]> {
    const claim = await folder.claim();
    if (claim === undefined || claim === "empty" || claim.bootId !== (await processes.bootId())) return [];
    const all = await processes.now();
    const leader = all.find(({ pid }) => pid === claim.pid);
    // The number of a session is free for others only when nobody is left in it.
    if (leader !== undefined && leader.start !== claim.start) return [];
    return all.filter((one) => one.session === claim.pid && !one.zombie);
  }

  async function usageOf(folder: AttemptFolder): Promise<Usage> {
    const claim = await folder.claim();
    const session = claim === undefined || claim === "empty" ? undefined : claim.pid;
    const usage = { cpuSeconds: 0, residentBytes: 0, processes: 0 };
    for (const one of await processes.all()) {
      if (one.session !== session) continue;
      usage.cpuSeconds += one.cpuSeconds;
      usage.residentBytes += one.residentBytes;
      usage.processes += 1;
    }
    return usage;
  }

  async function holdLimits(
    folder: AttemptFolder,
    limits: LaunchLimits,
    { round, usage }: { round: number; usage: Usage | undefined },
  ): Promise<void> {
    if ((await folder.outputSize()) > Math.min(logBytesMax, limits.outputMiB * MIB)) {
      stopSoon(folder, "output");
      return;
    }
    if ((usage?.residentBytes ?? 0) > limits.memoryMiB * MIB) stopSoon(folder, "memory");
    if (round % MEASURE_EVERY !== 1) return;
    const most = limits.outputMiB * MIB;
    if ((await sizeOf(folder.path, most)) > most) stopSoon(folder, "output");
  }

  /** Ends it beside the looking, which goes on; what fails is tried again with the next look. */
  function stopSoon(folder: AttemptFolder, reason: StopReason): void {
    if (stopping.has(folder.path)) return;
    stopping.add(folder.path);
    stop(folder, reason, graceMs)
      .catch(() => {})
      .finally(() => stopping.delete(folder.path));
  }

  async function stop(folder: AttemptFolder, reason: StopReason, grace: number): Promise<void> {
    if ((await look(folder)).state !== "running") return;
    await folder.noteStop(reason);
    await signalAll(folder, "SIGTERM");
    const deadline = performance.now() + grace;
    while (performance.now() < deadline) {
      if ((await look(folder)).state !== "running") return;
      await sleep(GONE_EVERY_MS);
    }
    await endSession(folder);
  }

  async function signalAll(folder: AttemptFolder, signal: NodeJS.Signals): Promise<number> {
    const members = await membersOf(folder);
    for (const { pid } of members) kill(pid, signal);
    return members.length;
  }

  /** Ends what is left; returns when nothing is. What is just being born while we look is met in the next round. */
  async function endSession(folder: AttemptFolder): Promise<void> {
    while ((await signalAll(folder, "SIGKILL")) > 0) await sleep(GONE_EVERY_MS);
  }

  async function remove(attemptId: string): Promise<void> {
    const folder = at(attemptId);
    await endSession(folder);
    // What left the session to live on is still known by the environment it was born with.
    for (const pid of await processes.withEnvironment(`ATRIUM_ATTEMPT_ID=${attemptId}`)) kill(pid, "SIGKILL");
    busy.delete(attemptId);
    await folder.remove();
  }
}

/** Undefined when too many are watched already or the folder has gone: the polls see all that it would have told. */
function watchFolder(path: string, changed: (name: string | null) => void): FSWatcher | undefined {
  try {
    const watcher = watch(path, (_event, name) => changed(name));
    watcher.on("error", () => {}); // The same, later.
    return watcher;
  } catch {
    return undefined;
  }
}

const KILLED = 137;
const FILE_TOO_LARGE = 128 + 25; // SIGXFSZ

/** Wakes a loop: at once, or a little later so that many rings are one. */
function createBell(signal: AbortSignal) {
  let wake: (() => void) | undefined;
  let rung = false;
  let soon: NodeJS.Timeout | undefined;
  const ring = (): void => {
    clearTimeout(soon);
    soon = undefined;
    rung = true;
    wake?.();
  };
  return {
    ring(afterMs: number): void {
      if (afterMs === 0) ring();
      else soon ??= setTimeout(ring, afterMs);
    },
    async wait(mostMs: number): Promise<void> {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, mostMs);
          const end = (): void => {
            clearTimeout(timer);
            signal.removeEventListener("abort", end);
            resolve();
          };
          wake = end;
          signal.addEventListener("abort", end, { once: true });
          if (signal.aborted) end();
        });
      }
      rung = false;
      wake = undefined;
    },
  };
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

function findProgram(path: string, name: string): string | undefined {
  return path
    .split(":")
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
}

/** The folder is the machine: it may come back under another host name, and its attempts with it. */
function machineId(directory: string): string {
  const file = join(directory, "machine");
  if (!existsSync(file)) writeFileDurably(file, newId());
  return readFileSync(file, "utf8").trim();
}
