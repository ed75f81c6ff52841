import { AppError } from "#lib/errors";
import { createIdleThread } from "#lib/idle-thread";
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

export function createScanner(): Scanner {
  const thread = createIdleThread<ScanAnswer>({
    program: new URL("./log-scan.worker.ts", import.meta.url),
    idleMs: IDLE_MS,
    waitingMax: WAITING_MAX,
    busy: () =>
      new AppError("unavailable", "Too many searches run at once; try again in a second.", {
        retryAfterSeconds: 1,
      }),
    broken: "The search failed; try again.",
  });

  async function ask(question: ScanQuestion): Promise<unknown> {
    const answer = await thread.ask(question);
    if ("error" in answer)
      throw new AppError("unavailable", "Stored log lines do not open.", { cause: answer.error });
    return answer.value;
  }

  return {
    match: (block, wanted) => ask({ block, wanted, ask: { kind: "match" } }) as Promise<number>,
    lines: (block, wanted, limit) =>
      ask({ block, wanted, ask: { kind: "lines", limit } }) as Promise<FoundLine[]>,
    counts: (block, wanted, into) =>
      ask({ block, wanted, ask: { kind: "counts", ...into } }) as Promise<number[]>,
    values: (block, wanted, label) =>
      ask({ block, wanted, ask: { kind: "values", label } }) as Promise<string[]>,
    close: thread.close,
  };
}
