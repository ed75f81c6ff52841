import { CompiledQuery, type Kysely } from "kysely";
import { type Engine, type Tx, tables } from "#ports/database";
import type { TrackingTables } from "../tables.ts";

/** The module's tables in a transaction or a reader. */
export const db = tables<TrackingTables>();

interface Compilable<Row> {
  compile(): CompiledQuery<Row>;
}
/** Stands where a value will be; `pick` says which. */
type SlotOf<Given> = <T>(pick: (given: Given) => T) => T;
type Build<Given, Row> = (db: Kysely<TrackingTables>, slot: SlotOf<Given>, size: number) => Compilable<Row>;
interface Answer<Row> {
  rows: Row[];
  /** How many rows were written. */
  changes: number;
}

class Slot<Given> {
  readonly pick: (given: Given) => unknown;
  constructor(pick: (given: Given) => unknown) {
    this.pick = pick;
  }
}

/**
 * A query that is built once for each engine and size, and then only given its values: building one costs as much as
 * running it, and logging runs five of them. `size` is for queries whose text grows with what they are given.
 */
export function prepared<Given, Row>(
  build: Build<Given, Row>,
): (tx: Tx, given: Given, size?: number) => Promise<Answer<Row>> {
  const built = new Map<`${Engine} ${number}`, { sql: string; parameters: readonly unknown[] }>();
  return async (tx, given, size = 0) => {
    const shape = `${tx.engine} ${size}` as const;
    let query = built.get(shape);
    if (query === undefined) {
      query = build(db(tx), (pick) => new Slot(pick) as never, size).compile();
      built.set(shape, query);
    }
    const parameters = query.parameters.map((value) =>
      value instanceof Slot ? (value as Slot<Given>).pick(given) : value,
    );
    const result = await tx.kysely.executeQuery<Row>(CompiledQuery.raw(query.sql, parameters));
    return { rows: result.rows, changes: Number(result.numAffectedRows ?? 0) };
  };
}

/** Slots for `size` values of a list, which `inSizes` has brought to that length. */
export function slots<Given, T>(
  slot: SlotOf<Given>,
  size: number,
  list: (given: Given) => readonly T[],
): T[] {
  return Array.from({ length: size }, (_, i) => slot((given) => list(given)[i] as T));
}

/** Slots for `size` whole rows. */
export function rowSlots<Row extends object>(
  slot: SlotOf<readonly Row[]>,
  size: number,
  columns: readonly (keyof Row & string)[],
): Row[] {
  return Array.from({ length: size }, (_, i) => {
    const row = columns.map((column) => [column, slot((rows) => rows[i]?.[column])] as const);
    return Object.fromEntries(row) as Row;
  });
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
  write: (tx: Tx, rows: readonly Row[], size: number) => Promise<Answer<unknown>>,
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
