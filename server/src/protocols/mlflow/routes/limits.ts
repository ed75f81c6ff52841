import { invalidValue, wrongType } from "../wire/refusals.ts";

/** How many items one answer may have; their clients know these bounds. */
export interface Limit {
  default: number;
  max: number;
  /** What they say of a larger number: a sentence of its own, or only the number's type. */
  words: "sentence" | "type";
}

/** @throws AppError `invalid` */
export function checkLimit(given: number | undefined, limit: Limit): number {
  const wanted = given ?? limit.default;
  if (wanted < 1) throw invalidValue("max_results", wanted, ". It must be a positive integer");
  if (wanted <= limit.max) return wanted;
  if (limit.words === "type") throw wrongType("max_results", wanted);
  throw invalidValue("max_results", wanted, `. It must be at most ${limit.max}`);
}
