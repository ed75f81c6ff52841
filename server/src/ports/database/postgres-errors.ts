import { AppError } from "#lib/errors";

// Class 08, and what a client sees when the other side is gone: https://www.postgresql.org/docs/current/errcodes-appendix.html
const GONE =
  /^(08...|57P0[1-4]|E(CONN(REFUSED|RESET|ABORTED)|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN))$/;
const GONE_TEXT =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout)/;
const NO_CONNECTION_TEXT = /^timeout exceeded when trying to connect/;
const REFUSED = /^(28...|3D000|42501|55000)$/; // The last: this database admits nobody now.
const FULL = /^(53...|58030)$/;
const SLOW = /^(55P03|57014)$/;
const COLLIDED = /^(40001|40P01)$/;
const READ_ONLY = "25006";

export function isGone(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  return GONE.test(codeOf(thrown)) || GONE_TEXT.test(thrown.message);
}

/** Another transaction was in the way; the same work may well succeed now. */
export function isCollision(thrown: unknown): boolean {
  return COLLIDED.test(codeOf(thrown));
}

/** The engine's failures in our words; anything else as it is. The words name no address: it may carry a password. */
export function explainPostgres(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown instanceof AppError) return thrown;
  const code = codeOf(thrown);
  const unavailable = (message: string, retryAfterSeconds: number) =>
    new AppError("unavailable", message, { cause: thrown, retryAfterSeconds });
  if (isGone(thrown)) return unavailable("The database does not answer; try again in a moment.", 5);
  if (NO_CONNECTION_TEXT.test(thrown.message)) {
    return unavailable("All connections to the database are busy; try again in a second.", 1);
  }
  if (REFUSED.test(code)) {
    return unavailable("The database refuses our name, password or rights; check ATRIUM_DATABASE_URL.", 30);
  }
  if (FULL.test(code))
    return unavailable("The database has no room or no connection left; nothing was written.", 10);
  if (SLOW.test(code)) return unavailable("The database took too long; nothing was written. Try again.", 2);
  if (isCollision(thrown)) return unavailable("Too many changes of the same thing at once; try again.", 1);
  if (code === READ_ONLY) return unavailable("The database takes no changes now; nothing was written.", 10);
  return thrown;
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
}
