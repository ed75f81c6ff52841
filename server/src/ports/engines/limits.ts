import type { EngineSpec } from "./engines.ts";

/** What a spec leaves open. */
export interface Limits {
  copies: number;
  threads: number;
  memoryMiB: number;
  startTimeoutMs: number;
  deadlineMs: number;
  queueMax: number;
  rowsMax: number;
  waitMs: number;
}

const MEMORY_MIB = 2048; // Python with pandas and scikit-learn takes 300; a forest of a thousand trees a gigabyte.
const START_TIMEOUT_MS = 120_000; // Importing mlflow takes 3 s, and 30 s on two cores that have other work.
const DEADLINE_MS = 30_000; // As long as a person waits; batches take milliseconds.
const QUEUE_MAX = 1000; // At 1,000 answers a second, a second of waiting.
const ROWS_MAX = 64; // Most of what batching gains is gained at 32 rows.

export function limitsOf(spec: EngineSpec): Limits {
  return {
    copies: spec.copies ?? 1,
    threads: spec.threads ?? 1,
    memoryMiB: spec.memoryMiB ?? MEMORY_MIB,
    startTimeoutMs: spec.startTimeoutMs ?? START_TIMEOUT_MS,
    deadlineMs: spec.deadlineMs ?? DEADLINE_MS,
    queueMax: spec.queueMax ?? QUEUE_MAX,
    rowsMax: spec.batching?.rowsMax ?? ROWS_MAX,
    waitMs: spec.batching?.waitMs ?? 0,
  };
}
