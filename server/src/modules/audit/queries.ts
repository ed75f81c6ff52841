import type { AuditFilter } from "@atrium/contract/audit";
import { sql } from "kysely";
import { preparing, rowSlots, type SlotOf, type Tx, tables } from "#ports/database";
import { CHAIN_START } from "./event.ts";
import { EMPTY, type Frontier, packFrontier, unpackFrontier } from "./merkle.ts";
import type { AuditTables, RecordRow } from "./tables.ts";

const db = tables<AuditTables>();
const prepared = preparing(db);
const LAST_CHARACTER = "\u{10ffff}"; // Sorts after everything, so a prefix becomes a range that the index can answer.

/** Where the chain and the tree end. */
export interface Head {
  hash: Buffer;
  frontier: Frontier;
}

const readHead = prepared((at) =>
  at.selectFrom("audit_head").select(["size", "hash", "frontier"]).where("id", "=", 1),
);

export async function head(tx: Tx): Promise<Head> {
  const row = (await readHead(tx, undefined)).rows[0];
  if (row === undefined) return { hash: CHAIN_START, frontier: EMPTY };
  return { hash: row.hash, frontier: unpackFrontier(row.size, row.frontier) };
}

const writeHead = prepared((at, slot: SlotOf<{ size: number; hash: Buffer; frontier: Buffer }>) => {
  const values = {
    size: slot((end) => end.size),
    hash: slot((end) => end.hash),
    frontier: slot((end) => end.frontier),
  };
  return at
    .insertInto("audit_head")
    .values({ id: 1, ...values })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(values));
});

export async function saveHead(tx: Tx, { hash, frontier }: Head): Promise<void> {
  await writeHead(tx, { size: frontier.size, hash, frontier: packFrontier(frontier) });
}

const RECORD_COLUMNS = [
  "seq",
  "at_ms",
  "actor_id",
  "action",
  "resource_type",
  "resource_id",
  "organisation_id",
  "project_id",
  "outcome",
  "event",
  "hash",
] as const satisfies readonly (keyof RecordRow)[];

const insertRecord = prepared((at, slot: SlotOf<readonly RecordRow[]>) =>
  at.insertInto("audit_records").values(rowSlots(slot, 1, RECORD_COLUMNS)),
);

export async function addRecord(tx: Tx, row: RecordRow): Promise<void> {
  await insertRecord(tx, [row]);
}

export async function addTile(tx: Tx, tile: number, hash: Buffer): Promise<void> {
  await db(tx).insertInto("audit_tiles").values({ tile, hash }).execute();
}

export async function tileHash(tx: Tx, tile: number): Promise<Buffer | undefined> {
  const row = await db(tx)
    .selectFrom("audit_tiles")
    .select("hash")
    .where("tile", "=", tile)
    .executeTakeFirst();
  return row?.hash;
}

export async function recordsFrom(tx: Tx, seq: number, limit: number): Promise<RecordRow[]> {
  return db(tx)
    .selectFrom("audit_records")
    .selectAll()
    .where("seq", ">=", seq)
    .orderBy("seq")
    .limit(limit)
    .execute();
}

export async function eventsBetween(tx: Tx, from: number, to: number): Promise<string[]> {
  const rows = await db(tx)
    .selectFrom("audit_records")
    .select("event")
    .where("seq", ">=", from)
    .where("seq", "<", to)
    .orderBy("seq")
    .execute();
  return rows.map((row) => row.event);
}

/** Matching records before (newest first) or from (oldest first) a position. */
export async function matching(
  tx: Tx,
  filter: AuditFilter,
  asked: { order: "asc" | "desc"; position: number | undefined; limit: number },
): Promise<RecordRow[]> {
  let query = db(tx).selectFrom("audit_records").selectAll();
  if (asked.position !== undefined)
    query = query.where("seq", asked.order === "desc" ? "<" : ">", asked.position);
  if (filter.actorId !== undefined) query = query.where("actor_id", "=", filter.actorId);
  if (filter.action !== undefined) {
    query = query
      .where("action", ">=", filter.action)
      .where("action", "<", `${filter.action}${LAST_CHARACTER}`);
  }
  if (filter.resourceType !== undefined) query = query.where("resource_type", "=", filter.resourceType);
  if (filter.resourceId !== undefined) query = query.where("resource_id", "=", filter.resourceId);
  if (filter.projectId !== undefined) query = query.where("project_id", "=", filter.projectId);
  if (filter.outcome !== undefined) query = query.where("outcome", "=", filter.outcome);
  if (filter.fromMs !== undefined) query = query.where("at_ms", ">=", filter.fromMs);
  if (filter.toMs !== undefined) query = query.where("at_ms", "<", filter.toMs);
  if (filter.text !== undefined) {
    // Both engines lower the letters of ASCII only, and so do we: a word with others is found as it is written.
    const text = filter.text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
    const pattern = `%${text.replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%`;
    query = query.where(sql<boolean>`lower(event) like ${pattern} escape '\\'`);
  }
  return query.orderBy("seq", asked.order).limit(asked.limit).execute();
}

export async function lastCheckpoint(tx: Tx): Promise<{ size: number; note: string } | undefined> {
  return db(tx)
    .selectFrom("audit_checkpoints")
    .select(["size", "note"])
    .orderBy("size", "desc")
    .limit(1)
    .executeTakeFirst();
}

export async function checkpointAt(tx: Tx, size: number): Promise<string | undefined> {
  const row = await db(tx)
    .selectFrom("audit_checkpoints")
    .select("note")
    .where("size", "=", size)
    .executeTakeFirst();
  return row?.note;
}

export async function checkpointsAfter(
  tx: Tx,
  size: number,
  limit: number,
): Promise<{ size: number; note: string }[]> {
  const query = db(tx).selectFrom("audit_checkpoints").select(["size", "note"]).where("size", ">", size);
  return query.orderBy("size").limit(limit).execute();
}

/** Two processes may sign the same size at once; the first one stays. */
export async function addCheckpoint(tx: Tx, checkpoint: AuditTables["audit_checkpoints"]): Promise<void> {
  await db(tx)
    .insertInto("audit_checkpoints")
    .values(checkpoint)
    .onConflict((conflict) => conflict.column("size").doNothing())
    .execute();
}

export async function keys(tx: Tx): Promise<AuditTables["audit_keys"][]> {
  const query = db(tx)
    .selectFrom("audit_keys")
    .select(["name", "public_key", "wrapped_private_key", "created_ms"]);
  return query.orderBy("created_ms").orderBy("name").limit(100).execute();
}

export async function addKey(tx: Tx, key: AuditTables["audit_keys"]): Promise<void> {
  await db(tx).insertInto("audit_keys").values(key).execute();
}

export async function replaceKey(tx: Tx, name: string, wrapped: string): Promise<void> {
  const query = db(tx).updateTable("audit_keys").set({ wrapped_private_key: wrapped });
  await query.where("name", "=", name).execute();
}
