import type { LinkKind } from "@atrium/contract/identity";
import { forUpdate, type Tx, tables } from "#ports/database";
import type { IdentityTables, LinkRow } from "../tables.ts";

const db = tables<IdentityTables>();

export async function linkByCode(tx: Tx, codeHash: string): Promise<LinkRow | undefined> {
  return db(tx).selectFrom("identity_links").selectAll().where("code_hash", "=", codeHash).executeTakeFirst();
}

export async function linkToChange(tx: Tx, id: string): Promise<LinkRow | undefined> {
  const query = db(tx).selectFrom("identity_links").selectAll().where("id", "=", id);
  return forUpdate(tx, query).executeTakeFirst();
}

export async function addLink(tx: Tx, row: LinkRow): Promise<void> {
  await db(tx).insertInto("identity_links").values(row).execute();
}

/** @returns false when it was gone already: a link works once, for one of those who try it together */
export async function takeLink(tx: Tx, id: string): Promise<boolean> {
  const result = await db(tx).deleteFrom("identity_links").where("id", "=", id).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Ends all links of a kind, of one user or of all. */
export async function endLinks(tx: Tx, kind: LinkKind, userId?: string): Promise<void> {
  const query = db(tx).deleteFrom("identity_links").where("kind", "=", kind);
  await (userId === undefined ? query : query.where("user_id", "=", userId)).execute();
}

/** Ends what would still let a user in: sign-in and reset links. */
export async function endLinksOf(tx: Tx, userId: string): Promise<void> {
  await db(tx).deleteFrom("identity_links").where("user_id", "=", userId).execute();
}

export async function endInvitationsFor(tx: Tx, emailKey: string): Promise<void> {
  const query = db(tx).deleteFrom("identity_links").where("kind", "=", "invitation");
  await query.where("email_key", "=", emailKey).execute();
}

/** Open invitations, newest first; one person's, or all. */
export async function invitationsPage(
  tx: Tx,
  asked: { creatorId?: string | undefined; nowMs: number; before?: string | undefined; limit: number },
): Promise<LinkRow[]> {
  let query = db(tx)
    .selectFrom("identity_links")
    .selectAll()
    .where("kind", "=", "invitation")
    .where("expires_ms", ">", asked.nowMs);
  if (asked.creatorId !== undefined) query = query.where("creator_id", "=", asked.creatorId);
  if (asked.before !== undefined) query = query.where("id", "<", asked.before);
  return query.orderBy("id", "desc").limit(asked.limit).execute();
}

export async function countInvitations(tx: Tx, creatorId: string): Promise<number> {
  const row = await db(tx)
    .selectFrom("identity_links")
    .select((select) => select.fn.countAll<number | string>().as("count"))
    .where("kind", "=", "invitation")
    .where("creator_id", "=", creatorId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Removes a batch of links that expired. @returns how many */
export async function removeExpiredLinks(tx: Tx, nowMs: number, limit: number): Promise<number> {
  const query = db(tx).selectFrom("identity_links").select("id").where("expires_ms", "<=", nowMs);
  const ids = await query.limit(limit).execute();
  if (ids.length === 0) return 0;
  await db(tx)
    .deleteFrom("identity_links")
    .where(
      "id",
      "in",
      ids.map((row) => row.id),
    )
    .execute();
  return ids.length;
}
