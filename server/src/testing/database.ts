import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "#ports/database";
import { migrate } from "../ports/database/migrate.ts";
import { openSqlite } from "../ports/database/sqlite.ts";

const MIGRATIONS = join(import.meta.dirname, "../../migrations");
const KEY = Buffer.alloc(32, 1);

let template: Promise<string> | undefined;

/** A fresh encrypted database with every table of the product; closing it removes it. */
export async function openTestDatabase(): Promise<Database> {
  template ??= makeTemplate();
  const source = await template;
  return openSqliteFrom(source);
}

/** A database without a single table. */
export async function openEmptyDatabase(): Promise<Database> {
  return openSqliteFrom(undefined);
}

function openSqliteFrom(source: string | undefined): Database {
  const folder = mkdtempSync(join(tmpdir(), "atrium-test-"));
  const file = join(folder, "test.db");
  if (source !== undefined) copyFileSync(source, file);
  const db = openSqlite({ file, key: KEY });
  return {
    ...db,
    close: async () => {
      await db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Migrates once a process; each test then gets a copy, in a few milliseconds. */
async function makeTemplate(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "atrium-template-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "template.db");
  const db = openSqlite({ file, key: KEY });
  await migrate(db, MIGRATIONS);
  await db.close();
  return file;
}
