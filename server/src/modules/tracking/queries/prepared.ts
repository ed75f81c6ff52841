import { preparing, type SlotOf, type StatementResult, type Tx, tables } from "#ports/database";
import type { TrackingTables } from "../tables.ts";

/** The module's tables in a transaction or a reader. */
export const db = tables<TrackingTables>();

export const prepared = preparing(db);

/** Slots for `size` values of a list, which `inSizes` has brought to that length. */
export function slots<Given, T>(
  slot: SlotOf<Given>,
  size: number,
  list: (given: Given) => readonly T[],
): T[] {
  return Array.from({ length: size }, (_, i) => slot((given) => list(given)[i] as T));
}

const LIST_SIZES = [1, 4, 16, 64, 256, 1024]; // Few shapes, so that few texts fill the caches of statements.
const ROW_SIZES = [256, 32, 8, 1]; // 256 rows of the widest table have 3,840 values; SQL takes 32,766.

/** Cuts a list into lists of a few sizes; a short one is filled up with its last value, which a condition does not mind. */
export function inSizes<T>(list: readonly T[]): T[][] {
  const most = LIST_SIZES.at(-1) ?? 1;
  const cut: T[][] = [];
  for (let at = 0; at < list.length; at += most) {
    const part = list.slice(at, at + most);
    const size = LIST_SIZES.find((known) => known >= part.length) ?? most;
    const last = part.at(-1) as T;
    cut.push([...part, ...Array.from({ length: size - part.length }, () => last)]);
  }
  return cut;
}

/** Writes any number of rows by statements of a few sizes; answers with how many rows were written. */
export async function writeRows<Row>(
  write: (tx: Tx, rows: readonly Row[], size: number) => Promise<StatementResult>,
  tx: Tx,
  rows: readonly Row[],
): Promise<number> {
  let written = 0;
  let at = 0;
  for (const size of ROW_SIZES) {
    for (; rows.length - at >= size; at += size) {
      written += (await write(tx, rows.slice(at, at + size), size)).changes;
    }
  }
  return written;
}
