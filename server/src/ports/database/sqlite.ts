import { closeSync, fdatasync, openSync } from "node:fs";
import { promisify } from "node:util";
import type Sqlite from "better-sqlite3-multiple-ciphers";
import { AppError } from "#lib/errors";
import type { Database, Tx } from "./database.ts";
import { openConnection, type SqliteLocation } from "./sqlite-connection.ts";
import { sqliteGrammar, statementsOn } from "./sqlite-driver.ts";
import { openHelper, type SqliteHelper } from "./sqlite-helper.ts";
import { createTurns } from "./turns.ts";
import { txOver } from "./tx.ts";

const CHECKPOINT_PAGES = 4000; // 16 MiB of log: a start after a crash replays it in well under a second.
const CHECKPOINT_EVERY_MS = 250;

const flush = promisify(fdatasync);

/**
 * Opens the encrypted store. One connection writes, on this thread; commits append to the write-ahead log without
 * waiting, and one `fdatasync` off the thread makes all that queued meanwhile durable before any of it is
 * acknowledged. Checkpoints and scans run in a worker. See docs/decisions/0001-transactions-on-sqlite.md.
 */
export function openSqlite(location: SqliteLocation): Database {
  const writer = openConnection(location, "write");
  writer.pragma("journal_mode=WAL");
  // The log is synced by us after each group of commits, and by SQLite itself around every checkpoint.
  writer.pragma("synchronous=NORMAL");
  writer.pragma("wal_autocheckpoint=0");
  writer.pragma("foreign_keys=ON");
  writer.exec("create table if not exists house (id integer primary key)"); // Brings the log file into being.
  const log = openSync(`${location.file}-wal`, "r+");
  const reader = openConnection(location, "read");
  const helper = openHelper(location);
  const turns = createTurns();
  const durable = createDurability(() => flush(log));
  const begin = writer.prepare("BEGIN IMMEDIATE");
  const commit = writer.prepare("COMMIT");
  const runOnWriter = statementsOn(writer);
  const stopCheckpoints = keepCheckpointing(helper, writer, turns.pause);
  let open = true;

  async function transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    if (!open) throw new AppError("unavailable", "The server is stopping; try again in a moment.");
    durable.assertHealthy();
    const after: (() => void)[] = [];
    const result = await turns.take(async () => {
      try {
        begin.run();
        const value = await withinOneTurn(work, runOnWriter, after);
        commit.run();
        return value;
      } catch (thrown) {
        if (writer.inTransaction) writer.exec("ROLLBACK");
        throw explain(thrown);
      }
    });
    await durable.next();
    for (const run of after) run();
    return result;
  }

  return {
    engine: "sqlite",
    transaction,
    reader: txOver({ engine: "sqlite", run: statementsOn(reader), grammar: sqliteGrammar }),
    longReader: txOver({ engine: "sqlite", run: helper.run, grammar: sqliteGrammar }),
    healthy: async () => {
      reader.prepare("select 1").get();
      return durable.healthy();
    },
    copyTo: helper.copyTo,
    close: async () => {
      open = false;
      await turns.idle();
      await durable.next();
      await stopCheckpoints();
      await helper.close();
      reader.close();
      closeSync(log);
      writer.close();
    },
  };
}

/** Runs the work; if it has not ended when the event loop turns, it waited for something else than the database. */
async function withinOneTurn<T>(
  work: (tx: Tx) => Promise<T>,
  run: ReturnType<typeof statementsOn>,
  after: (() => void)[],
): Promise<T> {
  let over = false;
  // PostgreSQL takes no further statement after one that failed; work that swallows a failure must fail here too.
  let failure: { thrown: unknown } | undefined;
  const tx = txOver({
    engine: "sqlite",
    grammar: sqliteGrammar,
    run: (sql, parameters) => {
      if (over) throw new Error("This transaction is over.");
      if (failure !== undefined) throw failure.thrown;
      try {
        return run(sql, parameters);
      } catch (thrown) {
        failure = { thrown };
        throw thrown;
      }
    },
    afterCommit: (callback) => after.push(callback),
  });
  let turned: NodeJS.Immediate | undefined;
  const stalled = new Promise<never>((_, reject) => {
    turned = setImmediate(() =>
      reject(new Error("A transaction awaited something other than the database.")),
    );
  });
  try {
    const value = await Promise.race([work(tx), stalled]);
    if (failure !== undefined) throw failure.thrown;
    return value;
  } finally {
    over = true;
    clearImmediate(turned);
  }
}

/** Joins the callers of one moment into one flush: a flush that began before a commit does not count for it. */
function createDurability(flushLog: () => Promise<void>) {
  let running: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;
  let failure: unknown;

  async function flushAfter(previous: Promise<void> | undefined): Promise<void> {
    await previous?.catch(() => {});
    running = waiting;
    waiting = undefined;
    assertHealthy();
    try {
      await flushLog();
    } catch (cause) {
      failure = cause; // What the kernel dropped cannot be told from what it kept: trust nothing more.
      assertHealthy();
    }
  }
  function assertHealthy(): void {
    if (failure === undefined) return;
    throw new AppError(
      "unavailable",
      "The disk did not keep a write; restart the server once the disk is well.",
      {
        cause: failure,
      },
    );
  }
  return {
    assertHealthy,
    healthy: () => failure === undefined,
    next(): Promise<void> {
      waiting ??= flushAfter(running);
      return waiting;
    },
  };
}

/** Moves the log into the main file while nobody waits: first beside the writers, then, if it grew, between two. */
function keepCheckpointing(
  helper: SqliteHelper,
  writer: Sqlite.Database,
  pause: <T>(work: () => Promise<T>) => Promise<T>,
): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let busy = false;
  let changesSeen = -1;
  const timer = setInterval(() => {
    if (busy) return;
    const changes = Number(writer.prepare("select total_changes() as n").pluck().get());
    if (changes === changesSeen) return;
    changesSeen = changes;
    busy = true;
    last = checkpoint().finally(() => {
      busy = false;
    });
  }, CHECKPOINT_EVERY_MS);
  timer.unref();

  async function checkpoint(): Promise<void> {
    // A full disk makes a checkpoint fail; the log keeps everything, and the next round tries again.
    const pages = await helper.checkpoint("PASSIVE").catch(() => 0);
    if (pages > CHECKPOINT_PAGES) await pause(() => helper.checkpoint("TRUNCATE")).catch(() => 0);
  }
  return async () => {
    clearInterval(timer);
    await last;
  };
}

function explain(thrown: unknown): unknown {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  if (code === "SQLITE_FULL" || code.startsWith("SQLITE_IOERR")) {
    return new AppError(
      "unavailable",
      "The disk under the database is full or failing; nothing was written. Free space.",
      {
        cause: thrown,
        retryAfterSeconds: 10,
      },
    );
  }
  return thrown;
}
