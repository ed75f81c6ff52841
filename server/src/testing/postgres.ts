import { createHash, randomBytes } from "node:crypto";
import pg from "pg";
import type { Database } from "#ports/database";
import { migrate, readMigrations } from "../ports/database/migrate.ts";
import { nullableColumns } from "../ports/database/open.ts";
import { openPostgres } from "../ports/database/postgres.ts";

const LOCK = 4_172_006; // Any number: test processes that make the template at once wait for each other.
const WRITERS = 6; // Many test files run at once on one cluster.

/** A fresh database on the cluster of the tests: a copy of a migrated one, or empty. */
export async function createPostgres(content: "migrated" | "empty", migrations: string): Promise<string> {
  const name = `atrium_test_${randomBytes(6).toString("hex")}`;
  const template = content === "empty" ? "template0" : await ensureTemplate(migrations);
  // Its files are copied: half the time of writing every page through the log of a cluster that is thrown away.
  const make = `create database ${name} template ${template} strategy file_copy`;
  await onCluster((client) => client.query(make));
  return urlOf(name);
}

export async function dropPostgres(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await onCluster((client) => client.query(`drop database if exists ${name} with (force)`));
}

export function openPostgresAt(url: string, migrations: string): Database {
  return openPostgres({ url, nullable: nullableColumns(migrations), writersMax: WRITERS });
}

/** One template for each state of the migrations; it stays until the cluster goes. */
async function ensureTemplate(migrations: string): Promise<string> {
  const texts = readMigrations(migrations).map(({ sha256 }) => sha256);
  const name = `atrium_template_${createHash("sha256").update(texts.join()).digest("hex").slice(0, 12)}`;
  await onCluster(async (client) => {
    if (await exists(client, name)) return;
    await client.query("select pg_advisory_lock($1)", [LOCK]);
    if (await exists(client, name)) return;
    const unfinished = `${name}_new`;
    await client.query(`drop database if exists ${unfinished} with (force)`);
    await client.query(`create database ${unfinished} template template0`);
    const db = openPostgresAt(urlOf(unfinished), migrations);
    await migrate(db, migrations);
    await db.close();
    await client.query(`alter database ${unfinished} rename to ${name}`);
  });
  return name;
}

async function exists(client: pg.Client, name: string): Promise<boolean> {
  return (await client.query("select 1 from pg_database where datname = $1", [name])).rowCount === 1;
}

async function onCluster(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: process.env.ATRIUM_TEST_POSTGRES_URL });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function urlOf(name: string): string {
  return Object.assign(new URL(process.env.ATRIUM_TEST_POSTGRES_URL ?? ""), { pathname: name }).href;
}
