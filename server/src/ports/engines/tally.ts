import { AppError } from "#lib/errors";
import type { EngineStats } from "./engines.ts";
import type { Answered, Request } from "./queue.ts";

type Counts = Pick<
  EngineStats,
  "answered" | "failed" | "refused" | "batches" | "queueMs" | "workMs" | "lastDeath"
>;

export interface Tally {
  batch(requests: readonly Request[]): void;
  answer(answered: Answered): void;
  failure(thrown: unknown): void;
  death(why: string): void;
  read(): Counts;
}

export function createTally(): Tally {
  const sizes: number[] = []; // How many batches had up to 2^n rows.
  const sums = { answered: 0, failed: 0, refused: 0, queueMs: 0, workMs: 0 };
  let lastDeath: string | null = null;

  return {
    batch(requests) {
      const rows = requests.reduce((sum, request) => sum + request.rows, 0);
      const size = Math.ceil(Math.log2(Math.max(1, rows)));
      sizes[size] = (sizes[size] ?? 0) + 1;
    },
    answer({ queueMs, workMs }) {
      sums.answered += 1;
      sums.queueMs += queueMs;
      sums.workMs += workMs;
    },
    failure(thrown) {
      if (thrown instanceof AppError && thrown.reason === "queue_full") sums.refused += 1;
      else sums.failed += 1;
    },
    death(why) {
      lastDeath = why;
    },
    read: () => ({
      ...sums,
      lastDeath,
      batches: Array.from(sizes, (count = 0, size) => ({ upTo: 2 ** size, count })),
    }),
  };
}
