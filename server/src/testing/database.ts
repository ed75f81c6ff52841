import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database, Engine } from "#ports/database";
import { migrate } from "../ports/database/migrate.ts";
import { openSqlite } from "../ports/database/sqlite.ts";
import { createPostgres, dropPostgres, openPostgresAt } from "./postgres.ts";

export const MIGRATIONS = join(import.meta.dirname, "../../migrations");
const KEY = Buffer.alloc(32, 1);

/** Where a test database is, in words that another process understands. */
export type DatabaseAddress = { engine: "sqlite"; file: string } | { engine: "postgres"; url: string };

export interface TestDatabase extends Database {
  address: DatabaseAddress;
}

let template: Promise<string> | undefined;

/** The engine that this run tests; a run on PostgreSQL names its cluster in ATRIUM_TEST_POSTGRES_URL. */
export const TEST_ENGINE: Engine = process.env.ATRIUM_TEST_ENGINE === "postgres" ? "postgres" : "sqlite";

/** A fresh database with every table of the product; closing it removes it. */
export async function openTestDatabase(): Promise<TestDatabase> {
  if (TEST_ENGINE === "postgres") return openFreshPostgres("migrated");
  template ??= makeTemplate();
  return openSqliteFrom(await template);
}

/** A database without a single table. */
export async function openEmptyDatabase(): Promise<TestDatabase> {
  return TEST_ENGINE === "postgres" ? openFreshPostgres("empty") : openSqliteFrom(undefined);
}

/** Opens what another process made. */
export async function openAt(address: DatabaseAddress): Promise<Database> {
  if (address.engine === "sqlite") return openSqlite({ file: address.file, key: KEY });
  return openPostgresAt(address.url, MIGRATIONS);
}

async function openFreshPostgres(content: "migrated" | "empty"): Promise<TestDatabase> {
  const url = await createPostgres(content, MIGRATIONS);
  const db = openPostgresAt(url, MIGRATIONS);
  return {
    ...db,
    address: { engine: "postgres", url },
    close: async () => {
      await db.close();
      await dropPostgres(url);
    },
  };
}

function openSqliteFrom(source: string | undefined): TestDatabase {
  const folder = mkdtempSync(join(tmpdir(), "atrium-test-"));
  const file = join(folder, "test.db");
  if (source !== undefined) copyFileSync(source, file);
  const db = openSqlite({ file, key: KEY });
  return {
    ...db,
    address: { engine: "sqlite", file },
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
