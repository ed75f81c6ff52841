import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type KyselyPlugin,
  type QueryResult,
} from "kysely";
import type { StatementResult } from "./database.ts";

/** Runs one compiled statement and gives its rows; the connection's owner decides where that happens. */
export type RunStatement = (
  sql: string,
  parameters: readonly unknown[],
) => StatementResult | Promise<StatementResult>;

/** How an engine's SQL is written. */
export type Grammar = Omit<Dialect, "createDriver"> & { plugins?: KyselyPlugin[] };

/** A Kysely face over a statement runner. It begins no transactions: the database port does. */
export function kyselyOver(run: RunStatement, grammar: Grammar): Kysely<unknown> {
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const result = await run(query.sql, query.parameters);
      return { rows: result.rows as R[], numAffectedRows: BigInt(result.changes) };
    },
    streamQuery(): AsyncIterableIterator<QueryResult<never>> {
      throw new Error("Streaming is not offered: page by key instead.");
    },
  };
  const driver: Driver = {
    init: async () => {},
    acquireConnection: async () => connection,
    beginTransaction: refuseTransaction,
    commitTransaction: refuseTransaction,
    rollbackTransaction: refuseTransaction,
    releaseConnection: async () => {},
    destroy: async () => {},
  };
  const dialect: Dialect = { ...grammar, createDriver: () => driver };
  return new Kysely<unknown>({ dialect, plugins: grammar.plugins ?? [] });
}

async function refuseTransaction(): Promise<void> {
  throw new Error("Transactions are begun by db.transaction, never through Kysely.");
}
