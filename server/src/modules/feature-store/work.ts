import { type AppError, toAppError } from "#lib/errors";

const TRIES_MAX = 5; // What was away five rounds long will be away for longer; a person should know.

/** Limits of one statement: a join of millions of rows takes minutes on a small machine. */
export const STATEMENT_LIMITS = { timeoutMs: 30 * 60_000 };

/** Whether a failure is worth another try: the disk, the engine or a neighbour was away. */
export function isPassing(error: AppError, tries: number): boolean {
  return (error.code === "unavailable" || error.code === "exhausted") && tries < TRIES_MAX;
}

/** In words that people may see. */
export function reasonOf(thrown: unknown): { error: AppError; reason: string } {
  const error = toAppError(thrown);
  return { error, reason: error.message.slice(0, REASON_CHARS_MAX) };
}

const REASON_CHARS_MAX = 4000; // The engine's words about a statement can repeat the whole of it.
