import { parentPort } from "node:worker_threads";
import { AppError } from "#lib/errors";
import { readPlan } from "./read.ts";
import type { ReadAnswer } from "./reader.ts";

parentPort?.on("message", ({ id, text }: { id: number; text: string }) => {
  parentPort?.postMessage(answer(id, text));
});

function answer(id: number, text: string): ReadAnswer {
  try {
    return { id, plan: readPlan(text) };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) return { id, problem: String((thrown as Error).stack ?? thrown) };
    const { code, message, at } = thrown;
    return { id, refusal: { code, message, at } };
  }
}
