import type Sqlite from "better-sqlite3-multiple-ciphers";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";

/** Runs one compiled statement and gives its rows; the connection's owner decides where that happens. */
export type RunStatement = (
  sql: string,
  parameters: readonly unknown[],
) => StatementResult | Promise<StatementResult>;

export interface StatementResult {
  rows: unknown[];
  changes: number;
}

const STATEMENTS_MAX = 500; // Every distinct query text of the product fits; the bound guards against generated IN lists.

/** Runs statements on a connection of this thread, keeping prepared ones: preparing costs more than a point read. */
export function statementsOn(connection: Sqlite.Database): RunStatement {
  const prepared = new Map<string, Sqlite.Statement>();
  return (sql, parameters) => {
    let statement = prepared.get(sql);
    if (statement === undefined) {
      statement = connection.prepare(sql);
      if (prepared.size >= STATEMENTS_MAX) prepared.delete(prepared.keys().next().value ?? "");
      prepared.set(sql, statement);
    }
    if (statement.reader) return { rows: statement.all(parameters), changes: 0 };
    return { rows: [], changes: statement.run(parameters).changes };
  };
}

/** A Kysely face over a statement runner. It begins no transactions: the database port does. */
export function kyselyOver(run: RunStatement): Kysely<unknown> {
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
  const dialect: Dialect = {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
  return new Kysely<unknown>({ dialect });
}

async function refuseTransaction(): Promise<void> {
  throw new Error("Transactions are begun by db.transaction, never through Kysely.");
}
