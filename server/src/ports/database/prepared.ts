import type { CompiledQuery, Kysely } from "kysely";
import type { Engine, StatementResult, Tx } from "./database.ts";

/** A query that Kysely has put together. */
export interface Compilable<Row> {
  compile(): CompiledQuery<Row>;
}

/** Stands where a value will be; `pick` says which. */
export type SlotOf<Given> = <T>(pick: (given: Given) => T) => T;

type Build<Tables, Given, Row> = (db: Kysely<Tables>, slot: SlotOf<Given>, size: number) => Compilable<Row>;
type Prepared<Given, Row> = (tx: Tx, given: Given, size?: number) => Promise<StatementResult<Row>>;

class Slot<Given> {
  readonly pick: (given: Given) => unknown;
  constructor(pick: (given: Given) => unknown) {
    this.pick = pick;
  }
}

/**
 * Queries on a module's tables that are built once for each engine and size, and then only given their values:
 * building one costs as much as running it, and a change runs five to ten of them. `size` is for queries whose text
 * grows with what they are given.
 */
export function preparing<Tables>(
  db: (tx: Tx) => Kysely<Tables>,
): <Given, Row>(build: Build<Tables, Given, Row>) => Prepared<Given, Row> {
  return <Given, Row>(build: Build<Tables, Given, Row>): Prepared<Given, Row> => {
    const built = new Map<`${Engine} ${number}`, { sql: string; parameters: readonly unknown[] }>();
    return (tx, given, size = 0) => {
      const shape = `${tx.engine} ${size}` as const;
      let query = built.get(shape);
      if (query === undefined) {
        query = build(db(tx), (pick) => new Slot(pick) as never, size).compile();
        built.set(shape, query);
      }
      const parameters = query.parameters.map((value) =>
        value instanceof Slot ? (value as Slot<Given>).pick(given) : value,
      );
      return tx.run<Row>(query.sql, parameters);
    };
  };
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
