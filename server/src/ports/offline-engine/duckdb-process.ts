import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "#lib/errors";
import type { DuckdbAnswer, DuckdbQuestion } from "./duckdb.worker.ts";

const PROGRAM = join(import.meta.dirname, "duckdb.worker.ts");
const WATCH_MS = 200;
// A dead child's memory would be written to a disk as it is.
const SHELL = 'ulimit -c 0; exec "$0" "$@"';
const STDERR_CHARACTERS_MAX = 4000;

/** One child: it does one thing at a time, and is ended rather than asked to stop. */
export interface DuckdbProcess {
  readonly pid: number;
  readonly alive: boolean;
  /** @throws AppError `invalid`, `exhausted`, `unavailable`; after a kill the child is dead */
  ask(
    question: Omit<DuckdbQuestion, "id">,
    bounds: ProcessBounds,
  ): Promise<Exclude<DuckdbAnswer, { error: object }>>;
  kill(): void;
  /** While nothing is asked the child does not keep the server from ending. */
  rest(): void;
}

export interface ProcessBounds {
  timeoutMs: number;
  /** The child's own memory, beside the tables; the engine's limit does not count everything. */
  memoryBytesMax: number;
  signal: AbortSignal | undefined;
  /** Asked now and then; what it throws ends the child. */
  check: () => void;
}

interface Waiter {
  id: number;
  resolve: (answer: Exclude<DuckdbAnswer, { error: object }>) => void;
  reject: (reason: unknown) => void;
}

export function startDuckdbProcess(): DuckdbProcess {
  const child = spawn("/bin/sh", ["-c", SHELL, process.execPath, PROGRAM], {
    cwd: "/",
    env: { TZ: "UTC" },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced",
  });
  let waiter: Waiter | undefined;
  let lastId = 0;
  let alive = true;
  let complaint = "";

  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-STDERR_CHARACTERS_MAX);
  });
  child.on("message", (answer: DuckdbAnswer) => {
    if (waiter?.id !== answer.id) return;
    const { resolve, reject } = waiter;
    waiter = undefined;
    if ("error" in answer) reject(toAppError(answer.error));
    else resolve(answer);
  });
  const gone = (how: string) => {
    alive = false;
    waiter?.reject(
      new AppError("unavailable", "The process that ran the query ended; try again.", {
        cause: new Error(`${how}\n${complaint}`),
        reason: "died",
      }),
    );
    waiter = undefined;
  };
  child.once("error", (error) => gone(String(error)));
  child.once("exit", (status, signal) => gone(`exit status ${status}, signal ${signal}`));

  const kill = () => {
    alive = false;
    child.kill("SIGKILL");
  };

  async function ask(
    question: Omit<DuckdbQuestion, "id">,
    bounds: ProcessBounds,
  ): Promise<Exclude<DuckdbAnswer, { error: object }>> {
    hold(child, "ref");
    lastId += 1;
    const id = lastId;
    const answered = new Promise<Exclude<DuckdbAnswer, { error: object }>>((resolve, reject) => {
      waiter = { id, resolve, reject };
    });
    const end = (reason: AppError) => {
      const ended = waiter;
      waiter = undefined;
      kill();
      ended?.reject(reason);
    };
    const guards = guard(child, bounds, end);
    try {
      child.send({ ...question, id }, (error) => {
        if (error !== null) gone(String(error));
      });
      return await answered;
    } finally {
      guards.stop();
    }
  }

  return {
    pid: child.pid ?? 0,
    get alive() {
      return alive && child.connected;
    },
    ask,
    kill,
    rest: () => hold(child, "unref"),
  };
}

/** Ends the child when its time, its memory or its caller's patience is over. */
function guard(
  child: ChildProcess,
  { timeoutMs, memoryBytesMax, signal, check }: ProcessBounds,
  end: (reason: AppError) => void,
): { stop(): void } {
  const timeout = setTimeout(() => {
    const message = `The query did not end within ${timeoutMs / 1000} s and was stopped; ask for less.`;
    end(new AppError("exhausted", message, { reason: "time" }));
  }, timeoutMs);
  const watch = setInterval(() => {
    if (ownMemoryOf(child.pid) > memoryBytesMax) {
      end(
        new AppError("exhausted", "The query took more memory than it may and was stopped.", {
          reason: "memory",
        }),
      );
      return;
    }
    try {
      check();
    } catch (thrown) {
      if (thrown instanceof AppError) end(thrown);
      else throw thrown;
    }
  }, WATCH_MS);
  const aborted = () => end(new AppError("unavailable", "The query was given up by its caller."));
  if (signal?.aborted) queueMicrotask(aborted);
  signal?.addEventListener("abort", aborted, { once: true });
  return {
    stop: () => {
      clearTimeout(timeout);
      clearInterval(watch);
      signal?.removeEventListener("abort", aborted);
    },
  };
}

/** Anonymous memory only: the tables are mapped files, which the parent accounts for. */
function ownMemoryOf(pid: number | undefined): number {
  try {
    const found = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
    return Number(found?.[1] ?? 0) * 1024;
  } catch {
    return 0; // It has just ended, which is told elsewhere.
  }
}

function hold(child: ChildProcess, how: "ref" | "unref"): void {
  child[how]();
  child.channel?.[how]();
  const stderr = child.stderr as unknown as { ref?(): void; unref?(): void } | null; // A socket, by Node's documentation.
  stderr?.[how]?.();
}

function toAppError({
  code,
  message,
  reason,
}: {
  code: AppError["code"];
  message: string;
  reason?: string;
}): AppError {
  return new AppError(code, message, reason === undefined ? {} : { reason });
}
