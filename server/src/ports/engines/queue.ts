import { AppError } from "#lib/errors";
import type { EngineCall } from "./engines.ts";
import type { Answer, Item } from "./frames.ts";

/** A request from the moment it is taken until it is answered, once. */
export interface Request {
  readonly item: Item;
  readonly rows: number;
  readonly queuedMs: number;
  settle(outcome: Outcome): void;
}

/** An answer, and how long its request waited and was worked on. */
export interface Answered {
  answer: Answer;
  queueMs: number;
  workMs: number;
}

export type Outcome = { answer: Answer } | { error: AppError };

/** The bounded queue before the copies of an engine. First come, first served. */
export interface Queue {
  /** @throws AppError `exhausted` when it is full, and what the request ends with */
  ask(work: Work, call: EngineCall): Promise<Answered>;
  /** The next requests, of up to so many rows; a single one may have more. */
  take(rowsMax: number): Request[];
  /** Rows that wait, and since when the first of them. */
  readonly rows: number;
  readonly length: number;
  readonly oldestMs: number | undefined;
  /** Answers all that wait. */
  refuseAll(error: AppError): void;
}

interface Work {
  item: Item;
  rows: number;
}

interface QueueOptions {
  queueMax: number;
  deadlineMs: number;
  /** Called after each arrival. */
  arrived(): void;
}

const BATCH_REQUESTS_MAX = 4096; // More small requests in one batch make it no faster, and the frame counts to 65,535.

export function createQueue({ queueMax, deadlineMs, arrived }: QueueOptions): Queue {
  const waiting = new Set<Queued>(); // In the order of arrival; whoever is settled early leaves from the middle.
  const open = new Map<Queued, number>(); // All that are not settled, with their deadlines.
  let rows = 0;
  let timer: NodeJS.Timeout | undefined;
  let timerMs = Number.POSITIVE_INFINITY; // When it fires.

  /** One timer for all: requests come a thousand times as often as one of them is late. */
  function watch(dueMs: number): void {
    if (dueMs >= timerMs) return;
    clearTimeout(timer);
    timerMs = dueMs;
    timer = setTimeout(refuseLate, Math.max(0, dueMs - performance.now())).unref();
  }

  function refuseLate(): void {
    const nowMs = performance.now();
    timerMs = Number.POSITIVE_INFINITY;
    let nextMs = timerMs;
    for (const [request, dueMs] of open) {
      if (dueMs <= nowMs) request.settle({ error: late() });
      else nextMs = Math.min(nextMs, dueMs);
    }
    if (nextMs < Number.POSITIVE_INFINITY) watch(nextMs);
  }

  function leave(request: Queued): void {
    if (waiting.delete(request)) rows -= request.rows;
  }

  return {
    get rows() {
      return rows;
    },
    get length() {
      return waiting.size;
    },
    get oldestMs() {
      const [first] = waiting;
      return first?.queuedMs;
    },
    ask(work, call) {
      if (waiting.size >= queueMax) {
        const words = `${waiting.size} requests wait for this model already; try again in a second.`;
        throw new AppError("exhausted", words, { reason: "queue_full", retryAfterSeconds: 1 });
      }
      call.signal?.throwIfAborted();
      return new Promise((resolve, reject) => {
        const request = requestOf(work, (outcome) => {
          open.delete(request);
          call.signal?.removeEventListener("abort", abort);
          leave(request);
          if ("error" in outcome) reject(outcome.error);
          else resolve({ answer: outcome.answer, ...timesOf(request) });
        });
        const dueMs = request.queuedMs + (call.deadlineMs ?? deadlineMs);
        open.set(request, dueMs);
        watch(dueMs);
        const abort = () => request.settle({ error: aborted() });
        call.signal?.addEventListener("abort", abort, { once: true });
        waiting.add(request);
        rows += request.rows;
        arrived();
      });
    },
    take(rowsMax) {
      const taken: Queued[] = [];
      let sum = 0;
      for (const request of waiting) {
        if (taken.length > 0 && (sum + request.rows > rowsMax || taken.length >= BATCH_REQUESTS_MAX)) break;
        sum += request.rows;
        taken.push(request);
      }
      const takenMs = performance.now();
      for (const request of taken) {
        request.takenMs = takenMs;
        leave(request);
      }
      return taken;
    },
    refuseAll(error) {
      for (const request of [...waiting]) request.settle({ error });
    },
  };
}

interface Queued extends Request {
  takenMs: number;
}

function requestOf({ item, rows }: Work, settle: (outcome: Outcome) => void): Queued {
  const queuedMs = performance.now();
  let settled = false;
  return {
    ...{ item, rows, queuedMs, takenMs: queuedMs },
    settle(outcome) {
      if (settled) return;
      settled = true;
      settle(outcome);
    },
  };
}

function timesOf({ queuedMs, takenMs }: Queued): { queueMs: number; workMs: number } {
  return { queueMs: takenMs - queuedMs, workMs: performance.now() - takenMs };
}

function late(): AppError {
  return new AppError("unavailable", "The model did not answer in time.", {
    reason: "deadline",
    retryAfterSeconds: 1,
  });
}

function aborted(): AppError {
  return new AppError("unavailable", "The caller went away before the model answered.", {
    reason: "aborted",
  });
}
