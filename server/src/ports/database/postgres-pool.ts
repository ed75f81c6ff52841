import { createHash } from "node:crypto";
import pg from "pg";
import { AppError, assert } from "#lib/errors";
import type { StatementResult } from "./database.ts";
import type { RunStatement } from "./kysely-over.ts";
import { checkParameters } from "./parameters.ts";
import { explainPostgres } from "./postgres-errors.ts";

const CONNECT_MS = 5000; // A caller gets its refusal while it still waits for an answer.
const WAITING_MAX = 1000; // More would time out before their turn.
const IDLE_MS = 60_000;
const NAMES_MAX = 500; // Statements that stay prepared on each connection; all of the product's fit.
const [BOOL, INT8, NUMERIC] = [16, 20, 1700];

export interface PoolOptions {
  url: string;
  connectionsMax: number;
  statementMs: number;
  lockMs: number;
  /** How long a transaction may lie open between two statements. */
  idleInTransactionMs: number;
}

export interface PostgresPool {
  /** A connection for one transaction; the caller releases it, with the error that broke it if one did.
   *  @throws AppError `unavailable` */
  connect(): Promise<pg.PoolClient>;
  /** One statement on any connection, by itself. */
  run: RunStatement;
  close(): Promise<void>;
}

export function openPool(options: PoolOptions): PostgresPool {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: "atrium",
    max: options.connectionsMax,
    connectionTimeoutMillis: CONNECT_MS,
    idleTimeoutMillis: IDLE_MS,
    keepAlive: true,
    statement_timeout: options.statementMs,
    lock_timeout: options.lockMs,
    idle_in_transaction_session_timeout: options.idleInTransactionMs,
    // A machine that vanished sends no reset: without an answer by now, the connection is dead.
    query_timeout: options.statementMs + CONNECT_MS,
    // We acknowledge only what is on disk, whatever the cluster's default is.
    options: "-c synchronous_commit=on -c default_transaction_isolation=read\\ committed",
    types: { getTypeParser },
  });
  // An idle connection that breaks is dropped by the pool; the next caller gets a fresh one.
  pool.on("error", () => {});
  // One that breaks between two statements of a transaction says so to nobody but its listeners; its next statement fails.
  pool.on("connect", (client) => client.on("error", () => {}));

  async function connect(): Promise<pg.PoolClient> {
    if (pool.waitingCount >= WAITING_MAX) {
      throw new AppError("unavailable", "Too many wait for the database; try again in a second.", {
        retryAfterSeconds: 1,
      });
    }
    try {
      return await pool.connect();
    } catch (thrown) {
      throw explainPostgres(thrown);
    }
  }

  return {
    connect,
    run: async (sql, parameters) => {
      const client = await connect();
      let broken: Error | undefined;
      try {
        return await runOn(client, sql, parameters);
      } catch (thrown) {
        broken = isServerError(thrown) ? undefined : (thrown as Error);
        throw explainPostgres(thrown);
      } finally {
        client.release(broken);
      }
    },
    close: () => pool.end(),
  };
}

/** Errors with a severity came over a connection that works; all others leave it in an unknown state. */
export function isServerError(thrown: unknown): boolean {
  return thrown instanceof pg.DatabaseError && thrown.severity === "ERROR";
}

/** Runs a statement prepared: its plan is made once a connection. */
export async function runOn(
  client: pg.PoolClient,
  text: string,
  parameters: readonly unknown[],
): Promise<StatementResult> {
  checkParameters(parameters);
  const result = await client.query({ ...nameOf(text), text, values: [...parameters] });
  return { rows: result.rows, changes: result.rowCount ?? 0 };
}

const names = new Map<string, string>();

function nameOf(text: string): { name?: string } {
  const known = names.get(text);
  if (known !== undefined) return { name: known };
  if (names.size >= NAMES_MAX) return {};
  const name = createHash("sha256").update(text).digest("base64url");
  names.set(text, name);
  return { name };
}

/** Values as SQLite gives them: numbers for whole numbers and sums, 1 and 0 for truth. */
function getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown {
  if (oid === INT8) return safeInteger;
  if (oid === NUMERIC) return Number;
  if (oid === BOOL) return (value) => (value === "t" ? 1 : 0);
  return pg.types.getTypeParser(oid, format ?? "text") as (value: string) => unknown;
}

function safeInteger(text: string): number {
  const value = Number(text);
  assert(Number.isSafeInteger(value), `a whole number of ours is below 2^53: ${text}`);
  return value;
}
