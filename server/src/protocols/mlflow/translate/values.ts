import type { WireKeyValue } from "../wire/shared.ts";

const LARGEST = Number.MAX_VALUE; // Their databases have no infinity; clients know this number as its stand-in.

/** JSON has no NaN; infinities come back from their server as the largest doubles. */
export function toWireNumber(value: number): number | "NaN" {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "NaN" : Math.sign(value) * LARGEST;
}

/** An absent value of a tag or param is the empty text. */
export function toKeyValues(
  given: readonly { key: string; value: string | undefined }[] | undefined,
): WireKeyValue[] {
  return (given ?? []).map(({ key, value = "" }) => ({ key, value }));
}

/** Their list of pairs as a map; the last of equal keys counts. */
export function toRecord(
  given: readonly { key: string; value: string | undefined }[] | undefined,
): Record<string, string> {
  return Object.fromEntries((given ?? []).map(({ key, value = "" }) => [key, value]));
}

/** A map as their list of pairs; none is absent. */
export function toWirePairs(map: Record<string, string>): WireKeyValue[] | undefined {
  return unlessEmpty(Object.entries(map).map(([key, value]) => ({ key, value })));
}

/** Lists without items are left out of their messages. */
export function unlessEmpty<T>(items: T[]): T[] | undefined {
  return items.length === 0 ? undefined : items;
}

/** They send and accept the empty text for what is not set. */
export function unlessBlank(text: string | undefined): string | undefined {
  return text === "" ? undefined : text;
}
