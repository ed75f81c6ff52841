import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import type { Database } from "#ports/database";
import { openSqlite } from "../ports/database/sqlite.ts";

const MIGRATIONS = join(import.meta.dirname, "../../migrations");

/** A fresh encrypted database with every table of the product. */
export async function openTestDatabase(): Promise<Database> {
  const folder = mkdtempSync(join(tmpdir(), "atrium-test-"));
  const db = openSqlite({ file: join(folder, "test.db"), key: Buffer.alloc(32, 1) });
  for (const file of readdirSync(MIGRATIONS).sort()) {
    for (const statement of statementsOf(readFileSync(join(MIGRATIONS, file), "utf8"))) {
      await db.transaction(async (tx) => {
        await sql.raw(statement).execute(tx.kysely);
      });
    }
  }
  return db;
}

function statementsOf(text: string): string[] {
  const words = text
    .replaceAll(/--.*\n/g, "\n")
    .replaceAll(/ identity primary key/g, " primary key autoincrement")
    .replaceAll(/ bigint\b/g, " integer")
    .replaceAll(/ bytes\b/g, " blob")
    .replaceAll(/ double\b/g, " real");
  return words.split(/;\n/).filter((statement) => statement.trim() !== "");
}
