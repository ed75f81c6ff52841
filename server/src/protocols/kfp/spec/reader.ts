import { AppError, type ErrorCode } from "#lib/errors";
import { createIdleThread } from "#lib/idle-thread";
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

/** Reads compiled pipelines as `readPlan` does, long ones in a thread of its own. */
export function createPlanReader(): (text: string) => Promise<Plan> {
  const thread = createIdleThread<ReadAnswer>({
    program: new URL("./read.worker.ts", import.meta.url),
    idleMs: IDLE_MS,
    waitingMax: WAITING_MAX,
    heapMiBMax: HEAP_MIB_MAX,
    busy: () =>
      new AppError("exhausted", "Too many pipelines are read at once; try again in a second.", {
        retryAfterSeconds: 1,
      }),
    broken: "The pipeline could not be read; try again.",
  });

  return async (text) => {
    if (isShort(text)) return readPlan(text);
    const answer = await thread.ask({ text });
    if ("plan" in answer) return answer.plan;
    throw thrownBy(answer);
  };
}

function isShort(text: string): boolean {
  return text.length <= (/^\s*\{/.test(text) ? JSON_INLINE_CHARS : YAML_INLINE_CHARS);
}

function thrownBy(answer: Exclude<ReadAnswer, { plan: Plan }>): unknown {
  if ("problem" in answer) return new Error(answer.problem);
  const { code, message, at } = answer.refusal;
  return new AppError(code, message, at === undefined ? {} : { at });
}
