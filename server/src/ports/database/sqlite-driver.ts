import type Sqlite from "better-sqlite3-multiple-ciphers";
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { Grammar, RunStatement } from "./kysely-over.ts";
import { checkParameters } from "./parameters.ts";

export const sqliteGrammar: Grammar = {
  createAdapter: () => new SqliteAdapter(),
  createIntrospector: (db) => new SqliteIntrospector(db),
  createQueryCompiler: () => new SqliteQueryCompiler(),
};

const STATEMENTS_MAX = 500; // Every distinct query text of the product fits; the bound guards against generated IN lists.

/** Runs statements on a connection of this thread, keeping prepared ones: preparing costs more than a point read. */
export function statementsOn(connection: Sqlite.Database): RunStatement {
  const prepared = new Map<string, Sqlite.Statement>();
  return (sql, parameters) => {
    checkParameters(parameters);
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
