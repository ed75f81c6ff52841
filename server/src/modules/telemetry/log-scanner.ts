import { Worker } from "node:worker_threads";
import { AppError } from "#lib/errors";
import type { FoundLine, Wanted } from "./log-scan.ts";

const IDLE_MS = 60_000; // Then the thread's memory, about 10 MiB, is given back until the next search.
const WAITING_MAX = 64; // One block each, at most 64 × 0.5 MiB; each search asks one at a time.

export interface SealedBlock {
  key: Uint8Array;
  firstLine: number;
  fromMs: number;
  head: Uint8Array;
  headContext: string;
  body?: Uint8Array;
  bodyContext: string;
}

export interface ScanQuestion {
  block: SealedBlock;
  wanted: Wanted;
  ask:
    | { kind: "match" }
    | { kind: "lines"; limit: number }
    | { kind: "counts"; fromMs: number; stepMs: number; buckets: number }
    | { kind: "values"; label: string };
}

export type ScanAnswer = { id: number; value: unknown } | { id: number; error: string };

/** Opens and searches blocks in a thread of its own: unpacking a million lines takes seconds that the loop has not. */
export interface Scanner {
  match(block: SealedBlock, wanted: Wanted): Promise<number>;
  lines(block: SealedBlock, wanted: Wanted, limit: number): Promise<FoundLine[]>;
  counts(
    block: SealedBlock,
    wanted: Wanted,
    into: { fromMs: number; stepMs: number; buckets: number },
  ): Promise<number[]>;
  values(block: SealedBlock, wanted: Wanted, label: string): Promise<string[]>;
  close(): Promise<void>;
}

interface Waiter {
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

export function createScanner(): Scanner {
  const waiting = new Map<number, Waiter>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;

  function start(): Worker {
    const begun = new Worker(new URL("./log-scan.worker.ts", import.meta.url));
    begun.on("message", (answer: ScanAnswer) => {
      const waiter = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) rest(begun);
      if ("error" in answer)
        waiter?.reject(new AppError("unavailable", "Stored log lines do not open.", { cause: answer.error }));
      else waiter?.resolve(answer.value);
    });
    begun.on("error", (cause) => {
      if (worker === begun) worker = undefined;
      for (const waiter of waiting.values())
        waiter.reject(new AppError("unavailable", "The search failed; try again.", { cause }));
      waiting.clear();
    });
    return begun;
  }

  function rest(resting: Worker): void {
    resting.unref();
    idle = setTimeout(() => {
      worker = undefined;
      void resting.terminate();
    }, IDLE_MS);
    idle.unref();
  }

  function ask(question: ScanQuestion): Promise<unknown> {
    if (waiting.size >= WAITING_MAX)
      throw new AppError("unavailable", "Too many searches run at once; try again in a second.", {
        retryAfterSeconds: 1,
      });
    clearTimeout(idle);
    worker ??= start();
    const asked = worker;
    asked.ref();
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      asked.postMessage({ ...question, id });
    });
  }

  return {
    match: (block, wanted) => ask({ block, wanted, ask: { kind: "match" } }) as Promise<number>,
    lines: (block, wanted, limit) =>
      ask({ block, wanted, ask: { kind: "lines", limit } }) as Promise<FoundLine[]>,
    counts: (block, wanted, into) =>
      ask({ block, wanted, ask: { kind: "counts", ...into } }) as Promise<number[]>,
    values: (block, wanted, label) =>
      ask({ block, wanted, ask: { kind: "values", label } }) as Promise<string[]>,
    close: async () => {
      clearTimeout(idle);
      await worker?.terminate();
      worker = undefined;
      for (const waiter of waiting.values())
        waiter.reject(new AppError("unavailable", "The server is stopping."));
      waiting.clear();
    },
  };
}
