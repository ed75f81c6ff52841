import type { Kysely, SelectQueryBuilder } from "kysely";

export { preparing, rowSlots, type SlotOf } from "./prepared.ts";

/**
 * The store of record. Two engines keep it: encrypted SQLite on one machine, PostgreSQL for many.
 * Use-cases read as one story on both: `db.transaction(async (tx) => …)`.
 */
export interface Database {
  readonly engine: Engine;
  /**
   * Runs one change, all of it or none, and resolves only when it is durable on disk.
   * Inside, await nothing but the database: on SQLite the work must end within one turn of the event loop,
   * and a transaction that waits for anything else is rolled back and throws. PostgreSQL may run the work
   * again after a serialization failure or deadlock, so it must have no effect outside `tx`.
   * @throws AppError `unavailable` (disk full, database away, too many waiting)
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Single small indexed reads, each on its own snapshot, fresh as of the last commit. */
  readonly reader: Tx;
  /** Scans and exports that take longer than 10 ms: on SQLite they run in a worker thread. */
  readonly longReader: Tx;
  /** True when a trivial question is answered now; readiness asks it. */
  healthy(): Promise<boolean>;
  /** Writes a consistent copy of the whole store to a new file (SQLite; keeps its key). */
  copyTo(file: string): Promise<void>;
  close(): Promise<void>;
}

export type Engine = "sqlite" | "postgres";

/** A transaction, or a reader, as query functions see it. They always take it as their first parameter. */
export interface Tx {
  readonly engine: Engine;
  readonly kysely: Kysely<unknown>;
  /** Runs a statement that was built before (`preparing`), in the engine's own words. */
  run<Row>(sql: string, parameters: readonly unknown[]): Promise<StatementResult<Row>>;
  /** Holds other transactions that ask for the same name until this one ends; SQLite has one writer anyway. */
  serialize(name: string): Promise<void>;
  /** Runs once the change is durable; never if it is rolled back. Must not throw. */
  afterCommit(work: () => void): void;
}

export interface StatementResult<Row = unknown> {
  rows: Row[];
  /** How many rows were written. */
  changes: number;
}

/**
 * Gives a module's `queries.ts` its own tables and no others:
 * `const db = tables<ProjectTables>(); … db(tx).selectFrom("projects_projects")`.
 */
export function tables<Tables>(): (tx: Tx) => Kysely<Tables> {
  return (tx) => tx.kysely as unknown as Kysely<Tables>;
}

/** Locks the selected rows until the transaction ends, where the engine has more than one writer. */
export function forUpdate<DB, TB extends keyof DB, O>(
  tx: Tx,
  query: SelectQueryBuilder<DB, TB, O>,
): SelectQueryBuilder<DB, TB, O> {
  return tx.engine === "postgres" ? query.forUpdate() : query;
}

/** Keeps the selected rows as they are until the transaction ends, where the engine has more than one writer. */
export function forShare<DB, TB extends keyof DB, O>(
  tx: Tx,
  query: SelectQueryBuilder<DB, TB, O>,
): SelectQueryBuilder<DB, TB, O> {
  return tx.engine === "postgres" ? query.forShare() : query;
}

/** True when a write failed because a unique key is taken; use-cases turn it into `conflict`. */
export function isUniqueViolation(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code === "23505" || code === "SQLITE_CONSTRAINT_UNIQUE" || code === "SQLITE_CONSTRAINT_PRIMARYKEY";
}

function codeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  return "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}
