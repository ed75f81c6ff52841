import { sql } from "kysely";
import { preparing, rowSlots, type SlotOf, type Tx, tables } from "#ports/database";

export interface EventRow {
  position: number;
  kind: string;
  project_id: string | null;
  key: string;
  body: string;
  at_ms: number;
}

/** An event that one subscriber could not take, or that waits behind one. */
export interface ParkedRow extends EventRow {
  subscriber: string;
  tries: number;
  next_try_ms: number;
  error: string | null;
  set_aside_ms: number | null;
}

interface EventTables {
  events_outbox: EventRow;
  events_cursors: { subscriber: string; position: number; moved_ms: number };
  events_parked: ParkedRow;
}

const db = tables<EventTables>();
const prepared = preparing(db);
const EVENT = ["position", "kind", "project_id", "key", "body", "at_ms"] as const;
const PARKED = [...EVENT, "subscriber", "tries", "next_try_ms", "error", "set_aside_ms"] as const;

// The outbox

const insert = prepared((at, slot: SlotOf<readonly Omit<EventRow, "position">[]>) =>
  at
    .insertInto("events_outbox")
    .values(rowSlots(slot, 1, ["kind", "project_id", "key", "body", "at_ms"]) as EventRow[]),
);

export async function add(tx: Tx, row: Omit<EventRow, "position">): Promise<void> {
  if (tx.engine === "sqlite") {
    await insert(tx, [row]);
    return;
  }
  // The condition gives the transaction its id before the row gets its position; `read` counts on that order.
  await sql`insert into events_outbox (kind, project_id, key, body, at_ms)
    select ${row.kind}::text, ${row.project_id}::text, ${row.key}::text, ${row.body}::text, ${row.at_ms}::bigint
    where pg_current_xact_id() is not null`.execute(tx.kysely);
}

interface After {
  position: number;
  limit: number;
}

const readAfter = prepared((at, slot: SlotOf<After>) =>
  at
    .selectFrom("events_outbox")
    .select(EVENT)
    .where(
      "position",
      ">",
      slot(({ position }) => position),
    )
    .orderBy("position")
    .limit(slot(({ limit }) => limit)),
);

/** Rows after a position. On PostgreSQL, transactions below `settledBelow` had ended when this was read. */
export async function read(
  tx: Tx,
  after: number,
  limit: number,
): Promise<{ rows: EventRow[]; settledBelow: number }> {
  if (tx.engine === "sqlite") {
    const { rows } = await readAfter(tx, { position: after, limit });
    return { rows, settledBelow: Number.MAX_SAFE_INTEGER };
  }
  const rows = await db(tx)
    .selectFrom("events_outbox")
    .select(EVENT)
    .select(sql<number>`pg_snapshot_xmin(pg_current_snapshot())::text::bigint`.as("settled_below"))
    .where("position", ">", after)
    .orderBy("position")
    .limit(limit)
    .execute();
  return { rows, settledBelow: rows[0]?.settled_below ?? 0 };
}

/** PostgreSQL: a transaction id above all that were given out before. */
export async function currentTransaction(tx: Tx): Promise<number> {
  const { rows } = await sql<{ id: number }>`select pg_current_xact_id()::text::bigint as id`.execute(
    tx.kysely,
  );
  return rows[0]?.id ?? 0;
}

/** PostgreSQL: all transactions below this id have ended. */
export async function settledBelow(tx: Tx): Promise<number> {
  const { rows } = await sql<{
    id: number;
  }>`select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as id`.execute(tx.kysely);
  return rows[0]?.id ?? 0;
}

export async function between(
  tx: Tx,
  range: { after: number; through: number },
  limit: number,
): Promise<EventRow[]> {
  return db(tx)
    .selectFrom("events_outbox")
    .select(EVENT)
    .where("position", ">", range.after)
    .where("position", "<=", range.through)
    .orderBy("position")
    .limit(limit)
    .execute();
}

export async function lastPosition(tx: Tx): Promise<number> {
  const query = db(tx).selectFrom("events_outbox").select("position").orderBy("position", "desc").limit(1);
  return (await query.executeTakeFirst())?.position ?? 0;
}

export async function isKept(tx: Tx, position: number): Promise<boolean> {
  const query = db(tx).selectFrom("events_outbox").select("position").where("position", "=", position);
  return (await query.executeTakeFirst()) !== undefined;
}

/** True when more than `most` events lie between. */
export async function isFurtherThan(
  tx: Tx,
  range: { after: number; through: number },
  most: number,
): Promise<boolean> {
  const query = db(tx)
    .selectFrom("events_outbox")
    .select("position")
    .where("position", ">", range.after)
    .where("position", "<=", range.through);
  return (await query.orderBy("position").limit(1).offset(most).executeTakeFirst()) !== undefined;
}

/** The oldest rows first; answers the position of the last one that may go. */
export async function oldest(tx: Tx, limit: number): Promise<{ position: number; at_ms: number }[]> {
  return db(tx)
    .selectFrom("events_outbox")
    .select(["position", "at_ms"])
    .orderBy("position")
    .limit(limit)
    .execute();
}

export async function removeThrough(tx: Tx, position: number): Promise<void> {
  await db(tx).deleteFrom("events_outbox").where("position", "<=", position).execute();
}

// Cursors

export async function cursor(tx: Tx, subscriber: string): Promise<number> {
  const query = db(tx).selectFrom("events_cursors").select("position").where("subscriber", "=", subscriber);
  return (await query.executeTakeFirst())?.position ?? 0;
}

export async function saveCursor(tx: Tx, row: EventTables["events_cursors"]): Promise<void> {
  const { position, moved_ms } = row;
  await db(tx)
    .insertInto("events_cursors")
    .values(row)
    .onConflict((conflict) => conflict.column("subscriber").doUpdateSet({ position, moved_ms }))
    .execute();
}

/** The hindmost subscriber that still moves. */
export async function slowestCursor(tx: Tx): Promise<number | undefined> {
  const query = db(tx).selectFrom("events_cursors").select("position").orderBy("position").limit(1);
  return (await query.executeTakeFirst())?.position;
}

export async function removeCursors(tx: Tx, movedBeforeMs: number): Promise<void> {
  await db(tx).deleteFrom("events_cursors").where("moved_ms", "<", movedBeforeMs).execute();
}

// Parked events

export async function park(tx: Tx, row: ParkedRow): Promise<void> {
  const { tries, next_try_ms, error, set_aside_ms } = row;
  await db(tx)
    .insertInto("events_parked")
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(["subscriber", "position"]).doUpdateSet({ tries, next_try_ms, error, set_aside_ms }),
    )
    .execute();
}

/** Those that are still to be tried, oldest first. */
export async function parked(tx: Tx, subscriber: string, limit: number): Promise<ParkedRow[]> {
  return db(tx)
    .selectFrom("events_parked")
    .select(PARKED)
    .where("subscriber", "=", subscriber)
    .where("set_aside_ms", "is", null)
    .orderBy("position")
    .limit(limit)
    .execute();
}

export async function unpark(tx: Tx, subscriber: string, position: number): Promise<void> {
  const query = db(tx).deleteFrom("events_parked").where("subscriber", "=", subscriber);
  await query.where("position", "=", position).execute();
}

/** Those that were given up, newest first. */
export async function setAside(tx: Tx, limit: number): Promise<ParkedRow[]> {
  return db(tx)
    .selectFrom("events_parked")
    .select(PARKED)
    .where("set_aside_ms", "is not", null)
    .orderBy("set_aside_ms", "desc")
    .orderBy("subscriber")
    .orderBy("position")
    .limit(limit)
    .execute();
}

/** @returns false when no such event is set aside */
export async function tryAgain(tx: Tx, subscriber: string, position: number): Promise<boolean> {
  const result = await db(tx)
    .updateTable("events_parked")
    .set({ set_aside_ms: null, tries: 0, next_try_ms: 0 })
    .where("subscriber", "=", subscriber)
    .where("position", "=", position)
    .where("set_aside_ms", "is not", null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function removeSetAside(tx: Tx, beforeMs: number): Promise<void> {
  await db(tx).deleteFrom("events_parked").where("set_aside_ms", "<", beforeMs).execute();
}
