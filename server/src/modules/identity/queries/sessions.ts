import { type Tx, tables } from "#ports/database";
import type { IdentityTables, SessionRow } from "../tables.ts";

const db = tables<IdentityTables>();

export async function sessionBySecret(tx: Tx, secretHash: string): Promise<SessionRow | undefined> {
  const query = db(tx).selectFrom("identity_sessions").selectAll();
  return query.where("secret_hash", "=", secretHash).executeTakeFirst();
}

export async function sessionById(tx: Tx, id: string): Promise<SessionRow | undefined> {
  return db(tx).selectFrom("identity_sessions").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function addSession(tx: Tx, row: SessionRow): Promise<void> {
  await db(tx).insertInto("identity_sessions").values(row).execute();
}

/** True when somebody signed in as this user from this address and the session still stands. */
export async function hasSessionFrom(tx: Tx, userId: string, ip: string): Promise<boolean> {
  const query = db(tx).selectFrom("identity_sessions").select("id");
  const row = await query.where("user_id", "=", userId).where("ip", "=", ip).limit(1).executeTakeFirst();
  return row !== undefined;
}

/** A user's sessions that have not ended, newest first. */
export async function sessionsPage(
  tx: Tx,
  asked: { userId: string; nowMs: number; idleSinceMs: number; before?: string | undefined; limit: number },
): Promise<SessionRow[]> {
  let query = db(tx)
    .selectFrom("identity_sessions")
    .selectAll()
    .where("user_id", "=", asked.userId)
    .where("expires_ms", ">", asked.nowMs)
    .where("last_used_ms", ">", asked.idleSinceMs);
  if (asked.before !== undefined) query = query.where("id", "<", asked.before);
  return query.orderBy("id", "desc").limit(asked.limit).execute();
}

export async function endSession(tx: Tx, id: string): Promise<boolean> {
  const result = await db(tx).deleteFrom("identity_sessions").where("id", "=", id).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Ends all sessions of a user. @returns how many there were */
export async function endSessionsOf(tx: Tx, userId: string): Promise<number> {
  const query = db(tx).deleteFrom("identity_sessions").where("user_id", "=", userId);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

/** Keeps the newest `kept` sessions of a user, so that signing in again and again fills nothing. */
export async function endOldestSessions(tx: Tx, userId: string, kept: number): Promise<void> {
  const newest = await db(tx)
    .selectFrom("identity_sessions")
    .select("id")
    .where("user_id", "=", userId)
    .orderBy("id", "desc")
    .limit(kept)
    .execute();
  const last = newest.at(-1);
  if (last === undefined || newest.length < kept) return;
  const query = db(tx).deleteFrom("identity_sessions").where("user_id", "=", userId);
  await query.where("id", "<", last.id).execute();
}

export async function touchSession(tx: Tx, id: string, atMs: number): Promise<void> {
  const query = db(tx).updateTable("identity_sessions").set({ last_used_ms: atMs });
  await query.where("id", "=", id).where("last_used_ms", "<", atMs).execute();
}

/** Removes a batch of sessions that ended by age or by rest. @returns how many */
export async function removeEndedSessions(
  tx: Tx,
  ended: { nowMs: number; idleSinceMs: number; limit: number },
): Promise<number> {
  const ids = await db(tx)
    .selectFrom("identity_sessions")
    .select("id")
    .where((where) =>
      where.or([where("expires_ms", "<=", ended.nowMs), where("last_used_ms", "<=", ended.idleSinceMs)]),
    )
    .limit(ended.limit)
    .execute();
  if (ids.length === 0) return 0;
  const query = db(tx).deleteFrom("identity_sessions");
  await query
    .where(
      "id",
      "in",
      ids.map((row) => row.id),
    )
    .execute();
  return ids.length;
}
