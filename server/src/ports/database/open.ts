import type { Database } from "./database.ts";
import { translate } from "./dialect.ts";
import { readMigrations } from "./migrate.ts";

interface OpenOptions {
  database: { engine: "sqlite" } | { engine: "postgres"; url: string };
  /** The store's file and key on SQLite. */
  file: string;
  key: Buffer;
  /** The folder of migrations, which says what the columns are. */
  migrations: string;
}

/** Opens the engine that the configuration names; only that engine's code is loaded. `migrate` comes next. */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const { database, file, key, migrations } = options;
  if (database.engine === "sqlite") {
    const { openSqlite } = await import("./sqlite.ts");
    return openSqlite({ file, key });
  }
  const { openPostgres } = await import("./postgres.ts");
  return openPostgres({ url: database.url, nullable: nullableColumns(migrations) });
}

/** Columns that may hold null, as `table.column`. */
export function nullableColumns(migrations: string): string[] {
  return readMigrations(migrations).flatMap(({ text }) => translate(text, "postgres").nullable);
}
