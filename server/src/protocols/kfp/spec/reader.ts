import { Worker } from "node:worker_threads";
import { AppError, type ErrorCode } from "#lib/errors";
import type { Plan } from "#modules/pipelines";
import { readPlan } from "./read.ts";

const YAML_INLINE_CHARS = 4 * 1024; // Read within some 3 ms; what is longer would hold up everybody else.
const JSON_INLINE_CHARS = 16 * 1024; // The engine's own parser is quicker; the checks are the same.
const IDLE_MS = 60_000; // Then the thread's memory, about 30 MiB, is given back until the next pipeline.
const HEAP_MIB_MAX = 512; // The largest text makes some 200 MiB; one that makes more ends the thread and not us.
const WAITING_MAX = 32; // Each holds its text, of 4 MiB at most.

export type ReadAnswer =
  | { id: number; plan: Plan }
  | { id: number; refusal: { code: ErrorCode; message: string; at: string | undefined } }
  | { id: number; problem: string };

interface Waiter {
  resolve: (plan: Plan) => void;
  reject: (reason: unknown) => void;
}

/** Reads compiled pipelines as `readPlan` does, long ones in a thread of its own. */
export function createPlanReader(): (text: string) => Promise<Plan> {
  const waiting = new Map<number, Waiter>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let lastId = 0;

  return async (text) => (isShort(text) ? readPlan(text) : ask(text));

  function ask(text: string): Promise<Plan> {
    if (waiting.size >= WAITING_MAX) {
      throw new AppError("exhausted", "Too many pipelines are read at once; try again in a second.", {
        retryAfterSeconds: 1,
      });
    }
    clearTimeout(idle);
    worker ??= start();
    const asked = worker;
    asked.ref();
    lastId += 1;
    const id = lastId;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      asked.postMessage({ id, text });
    });
  }

  function start(): Worker {
    const begun = new Worker(new URL("./read.worker.ts", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX },
    });
    begun.on("message", (answer: ReadAnswer) => {
      const waiter = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) rest(begun);
      if (waiter === undefined) return;
      if ("plan" in answer) waiter.resolve(answer.plan);
      else waiter.reject(thrownBy(answer));
    });
    begun.on("error", (cause) => {
      if (worker === begun) worker = undefined;
      for (const waiter of waiting.values())
        waiter.reject(new AppError("unavailable", "The pipeline could not be read; try again.", { cause }));
      waiting.clear();
    });
    return begun;
  }

  function rest(resting: Worker): void {
    resting.unref();
    idle = setTimeout(() => {
      if (worker === resting) worker = undefined;
      void resting.terminate();
    }, IDLE_MS);
    idle.unref();
  }
}

function isShort(text: string): boolean {
  return text.length <= (/^\s*\{/.test(text) ? JSON_INLINE_CHARS : YAML_INLINE_CHARS);
}

function thrownBy(answer: Exclude<ReadAnswer, { plan: Plan }>): unknown {
  if ("problem" in answer) return new Error(answer.problem);
  const { code, message, at } = answer.refusal;
  return new AppError(code, message, at === undefined ? {} : { at });
}
