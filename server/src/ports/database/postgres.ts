import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";
import type pg from "pg";
import { AppError } from "#lib/errors";
import type { Database, Tx } from "./database.ts";
import type { Grammar, RunStatement } from "./kysely-over.ts";
import { nullsAsSqlite } from "./null-order.ts";
import { explainPostgres, isCollision, isGone } from "./postgres-errors.ts";
import { isServerError, openPool, runOn } from "./postgres-pool.ts";
import { txOver } from "./tx.ts";

const TRIES_MAX = 5;
const PAUSE_MS = 10; // Doubled and jittered at each try: those that collided do not meet again.
const STATEMENT_MS = 30_000;
const LOCK_MS = 10_000;
const IDLE_IN_TRANSACTION_MS = 30_000; // Work inside awaits nothing but the database, so this means we hang.
const LONG_STATEMENT_MS = 10 * 60_000; // An export of everything.
const LONG_READERS_MAX = 2; // As on SQLite: scans wait for each other rather than take the machine.
const HEALTH_MS = 3000; // Probes of supervisors wait hardly longer; a database that hangs is not well.
const WRITERS_MAX = 12; // With readers 22 connections a process: four processes fit PostgreSQL's default of 100.
const READERS_MAX = 8; // Apart from the writers, so that a transaction's caller can always read.

export interface PostgresOptions {
  /** `postgres://user:password@host/database?sslmode=verify-full`; it is never logged. */
  url: string;
  /** Columns that may hold null, as `table.column`: where nulls sort is made to agree with SQLite. */
  nullable: readonly string[];
  writersMax?: number;
}

/**
 * Opens a store that many processes share. Transactions run at READ COMMITTED on purpose: every statement sees what
 * was committed before it, so `serialize` and `forUpdate` mean "from here on I see the latest and nobody else is
 * here", which is what use-cases written for SQLite's one writer expect. A snapshot of the whole transaction would be
 * taken before the lock is granted, and work on old rows.
 * Nothing connects before the first question; a database that went away and came back needs no restart.
 */
export function openPostgres(options: PostgresOptions): Database {
  const { url, writersMax = WRITERS_MAX } = options;
  const times = { lockMs: LOCK_MS, idleInTransactionMs: IDLE_IN_TRANSACTION_MS };
  const open = (connectionsMax: number, statementMs = STATEMENT_MS) =>
    openPool({ url, connectionsMax, statementMs, ...times });
  const writers = open(writersMax);
  const readers = open(READERS_MAX);
  const longReaders = open(LONG_READERS_MAX, LONG_STATEMENT_MS);
  const grammar: Grammar = {
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    plugins: [nullsAsSqlite(new Set(options.nullable))],
  };
  let isOpen = true;

  async function transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      if (!isOpen) throw new AppError("unavailable", "The server is stopping; try again in a moment.");
      try {
        const { value, after } = await attempt(await begin(), work, grammar);
        for (const run of after) run();
        return value;
      } catch (thrown) {
        if (!isCollision(thrown) || tries >= TRIES_MAX) throw explainPostgres(thrown);
        await sleep(PAUSE_MS * 2 ** tries * (0.5 + Math.random()));
      }
    }
  }

  /** A connection may have died unnoticed while it was idle; nothing has happened yet, so others are tried. */
  async function begin(): Promise<pg.PoolClient> {
    for (let tries = 0; ; tries += 1) {
      const client = await writers.connect();
      try {
        await client.query("BEGIN");
        return client;
      } catch (thrown) {
        client.release(thrown as Error);
        if (!isGone(thrown) || tries > writersMax) throw explainPostgres(thrown);
      }
    }
  }

  return {
    engine: "postgres",
    transaction,
    reader: txOver({ engine: "postgres", run: readers.run, grammar }),
    longReader: txOver({ engine: "postgres", run: longReaders.run, grammar }),
    healthy: async () => {
      // A standby answers too, but takes no changes.
      const sql = "select pg_is_in_recovery() as standby";
      const asked = Promise.resolve(readers.run(sql, [])).catch(() => ({ rows: [] }));
      const late = sleep(HEALTH_MS, { rows: [] }, { ref: false });
      const { rows } = await Promise.race([asked, late]);
      return (rows[0] as { standby?: number } | undefined)?.standby === 0;
    },
    copyTo: async () => {
      throw new AppError(
        "invalid",
        "The database is PostgreSQL: back it up with pg_dump, and the data folder beside it.",
      );
    },
    close: async () => {
      if (!isOpen) return;
      isOpen = false;
      await Promise.all([writers.close(), readers.close(), longReaders.close()]);
    },
  };
}

/** Runs the work once, from after BEGIN to COMMIT. */
async function attempt<T>(
  client: pg.PoolClient,
  work: (tx: Tx) => Promise<T>,
  grammar: Grammar,
): Promise<{ value: T; after: (() => void)[] }> {
  const after: (() => void)[] = [];
  let over = false;
  let failure: { thrown: unknown } | undefined;
  const run: RunStatement = async (sql, parameters) => {
    if (over) throw new Error("This transaction is over.");
    if (failure !== undefined) throw failure.thrown;
    try {
      return await runOn(client, sql, parameters);
    } catch (thrown) {
      failure ??= { thrown };
      throw thrown;
    }
  };
  const tx = txOver({
    ...{ engine: "postgres", run, grammar },
    serialize: async (name) => {
      await run("select pg_advisory_xact_lock($1)", [lockOf(name)]);
    },
    afterCommit: (callback) => after.push(callback),
  });
  let broken: Error | undefined;
  try {
    const value = await work(tx);
    over = true;
    // PostgreSQL would answer COMMIT of a failed transaction with a rollback, and no error.
    if (failure !== undefined) throw failure.thrown;
    await commit(client);
    return { value, after };
  } catch (thrown) {
    over = true;
    // What broke the transaction matters more than what the work made of it.
    const cause =
      failure !== undefined && (isCollision(failure.thrown) || isGone(failure.thrown))
        ? failure.thrown
        : thrown;
    broken = await rollback(client, failure?.thrown ?? thrown);
    throw cause;
  } finally {
    client.release(broken);
  }
}

async function commit(client: pg.PoolClient): Promise<void> {
  try {
    await client.query("COMMIT");
  } catch (cause) {
    if (isServerError(cause)) throw cause;
    throw new AppError(
      "unavailable",
      "The database went away while the change was being saved: it may or may not be there. Look before you try again.",
      { cause, retryAfterSeconds: 5 },
    );
  }
}

/** @returns the error that makes the connection unfit for another use */
async function rollback(client: pg.PoolClient, thrown: unknown): Promise<Error | undefined> {
  if (isGone(thrown)) return thrown as Error;
  try {
    await client.query("ROLLBACK");
    return undefined;
  } catch (failed) {
    return failed as Error;
  }
}

/** 64 bits of a name; two names of ours that share them would only wait for each other. */
function lockOf(name: string): bigint {
  return createHash("sha256").update(name).digest().readBigInt64BE();
}
