import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { AppError } from "#lib/errors";
import { type Database, type Tx, tables } from "./database.ts";
import { translate } from "./dialect.ts";

const LOCK = "house.migrations";
const FILE = /^\d{4}-[a-z0-9-]+\.sql$/;
const SUM = "schema.sql"; // Shows what all migrations add up to; it is for people and is never applied.

/** One step of the schema's history, as its file says it. */
export interface Migration {
  name: string;
  text: string;
  sha256: string;
}

interface HistoryTables {
  house_migrations: { name: string; sha256: string; applied_ms: number };
}

const db = tables<HistoryTables>();

/**
 * Brings a database up to the program: every file of the folder that it has not seen, in order, each in one
 * transaction with its line of history. A start that was killed is finished by the next one, and of several processes
 * that start at once on PostgreSQL one does the work. Answers the names of the files that this call applied.
 * @throws AppError `conflict` when the history is not a beginning of the folder: nothing has been changed then
 */
export async function migrate(database: Database, folder: string): Promise<string[]> {
  const migrations = readMigrations(folder);
  await database.transaction(async (tx) => {
    await tx.serialize(LOCK);
    await createHistory(tx);
    compare(await history(tx), migrations);
  });
  const applied: string[] = [];
  for (const migration of migrations) {
    if (await database.transaction((tx) => apply(tx, migrations, migration))) applied.push(migration.name);
  }
  return applied;
}

/** The files of a folder in order. @throws AppError `internal` for a file that is none */
export function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder).sort();
  const strange = names.find((name) => !FILE.test(name) && name !== SUM);
  if (strange !== undefined) {
    throw new AppError("internal", `${join(folder, strange)} is no migration: name it NNNN-<module>.sql.`);
  }
  const files = names.filter((name) => name !== SUM);
  const twice = files.find((name, i) => name.slice(0, 4) === files[i + 1]?.slice(0, 4));
  if (twice !== undefined) {
    throw new AppError("internal", `Two migrations have the number ${twice.slice(0, 4)}; give one the next.`);
  }
  return files.map((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    return { name, text, sha256: createHash("sha256").update(text).digest("hex") };
  });
}

/** Applies one file unless another process was faster. */
async function apply(tx: Tx, migrations: readonly Migration[], migration: Migration): Promise<boolean> {
  await tx.serialize(LOCK);
  const before = await history(tx);
  compare(before, migrations);
  if (before.some((row) => row.name === migration.name)) return false;
  for (const statement of translate(migration.text, tx.engine).statements) {
    await sql.raw(statement).execute(tx.kysely);
  }
  const { name, sha256 } = migration;
  await db(tx).insertInto("house_migrations").values({ name, sha256, applied_ms: Date.now() }).execute();
  return true;
}

/** What was applied must be how the folder begins, text for text. */
function compare(
  applied: readonly { name: string; sha256: string }[],
  migrations: readonly Migration[],
): void {
  for (const [i, { name, sha256 }] of applied.entries()) {
    const here = migrations[i];
    if (here?.name === name && here.sha256 === sha256) continue;
    if (here?.name === name) {
      throw new AppError(
        "conflict",
        `The migration ${name} was changed after it had been applied to this database; restore its text and add a new ` +
          "file instead. Nothing was changed.",
      );
    }
    if (here !== undefined && applied.every((row) => row.name !== here.name)) {
      throw new AppError(
        "conflict",
        `The migration ${here.name} stands before ${name}, which this database has already; give it the next number. ` +
          "Nothing was changed.",
      );
    }
    const isNewer = migrations.every((migration) => migration.name < name);
    throw new AppError(
      "conflict",
      isNewer
        ? `The database is newer than this program: it knows ${name}. Start the version it was used with, or a later ` +
            "one. Nothing was changed."
        : `The migration ${name} was applied to this database, and its file is missing; restore the program's files. ` +
            "Nothing was changed.",
    );
  }
}

async function createHistory(tx: Tx): Promise<void> {
  const text =
    "create table house_migrations (name text not null primary key, sha256 text not null, applied_ms bigint not null);";
  for (const statement of translate(text, tx.engine).statements) {
    await sql.raw(statement.replace("create table", "create table if not exists")).execute(tx.kysely);
  }
}

async function history(tx: Tx): Promise<{ name: string; sha256: string }[]> {
  return db(tx).selectFrom("house_migrations").select(["name", "sha256"]).orderBy("name").execute();
}
