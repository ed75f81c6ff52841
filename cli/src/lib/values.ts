import { UsageError } from "./failure.ts";

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const LIMIT_MAX = 100_000; // What fits into a terminal's history and this process's memory.

/** A moment: `2h` ago, or a date such as 2026-03-01 or 2026-03-01T14:05Z. */
export function moment(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const ago = /^(\d+)([smhd])$/.exec(text);
  if (ago !== null) return Date.now() - Number(ago[1]) * UNITS_MS[ago[2] as keyof typeof UNITS_MS];
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new UsageError(`--${flag}: write '30m', '2h', '7d' or a date, not '${text}'.`);
  return ms;
}

/** A whole number within bounds. */
export function whole(text: string, flag: string, bounds: { min: number; max: number }): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= bounds.min && value <= bounds.max) return value;
  throw new UsageError(`--${flag}: write a number from ${bounds.min} to ${bounds.max}, not '${text}'.`);
}

export function limitOf(text: string | undefined, fallback = 50): number {
  return text === undefined ? fallback : whole(text, "limit", { min: 1, max: LIMIT_MAX });
}

/** One of a schema's words. */
export function oneOf<T extends string>(
  text: string | undefined,
  flag: string,
  words: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const found = words.find((word) => word === text);
  if (found === undefined) throw new UsageError(`--${flag}: one of ${words.join(", ")}, not '${text}'.`);
  return found;
}
