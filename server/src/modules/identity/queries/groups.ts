import type { GroupMember } from "@atrium/contract/identity";
import { forUpdate, type Tx, tables } from "#ports/database";
import type { GroupRow, IdentityTables, MemberRow } from "../tables.ts";
import { type Seen, seenGroups } from "./seen.ts";
import { contains } from "./users.ts";

const db = tables<IdentityTables>();

const GROUPS_OF_ONE_MAX = 1000; // addMember refuses long before.

/** One group, if the asker may see it. */
export async function groupSeen(tx: Tx, id: string, seen: Seen | undefined): Promise<GroupRow | undefined> {
  const query = db(tx).selectFrom("identity_groups").selectAll().where("id", "=", id);
  return (seen === undefined ? query : query.where(seenGroups(seen))).executeTakeFirst();
}

export async function groupToChange(tx: Tx, id: string): Promise<GroupRow | undefined> {
  const query = db(tx).selectFrom("identity_groups").selectAll().where("id", "=", id);
  return forUpdate(tx, query).executeTakeFirst();
}

export async function addGroup(tx: Tx, row: GroupRow): Promise<void> {
  await db(tx).insertInto("identity_groups").values(row).execute();
}

export async function changeGroup(tx: Tx, id: string, changes: Partial<GroupRow>): Promise<void> {
  await db(tx).updateTable("identity_groups").set(changes).where("id", "=", id).execute();
}

/** Removes the group with its memberships; its grants are removed beside it. */
export async function removeGroup(tx: Tx, id: string): Promise<void> {
  await db(tx).deleteFrom("identity_members").where("group_id", "=", id).execute();
  await db(tx).deleteFrom("identity_groups").where("id", "=", id).execute();
}

/** By name. `seen` bounds what the asker may see; absent: all. */
export async function groupsPage(
  tx: Tx,
  asked: {
    text?: string | undefined;
    after?: { name: string; id: string } | undefined;
    seen?: Seen | undefined;
    limit: number;
  },
): Promise<GroupRow[]> {
  let query = db(tx).selectFrom("identity_groups").selectAll();
  const { after, seen, text } = asked;
  if (text) query = query.where(contains("search", text));
  if (after !== undefined) {
    query = query.where((where) =>
      where.or([
        where("search", ">", after.name),
        where.and([where("search", "=", after.name), where("id", ">", after.id)]),
      ]),
    );
  }
  if (seen !== undefined) query = query.where(seenGroups(seen));
  return query.orderBy("search").orderBy("id").limit(asked.limit).execute();
}

export async function groupIdsOf(tx: Tx, memberId: string): Promise<string[]> {
  const query = db(tx).selectFrom("identity_members").select("group_id").where("member_id", "=", memberId);
  return (await query.limit(GROUPS_OF_ONE_MAX).execute()).map((row) => row.group_id);
}

export async function countMembers(tx: Tx, groupId: string): Promise<number> {
  const row = await db(tx)
    .selectFrom("identity_members")
    .select((select) => select.fn.countAll<number | string>().as("count"))
    .where("group_id", "=", groupId)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** @returns false when it was a member already */
export async function addMember(tx: Tx, row: MemberRow): Promise<boolean> {
  const result = await db(tx)
    .insertInto("identity_members")
    .values(row)
    .onConflict((conflict) => conflict.columns(["group_id", "member_id"]).doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function removeMember(tx: Tx, groupId: string, memberId: string): Promise<boolean> {
  const query = db(tx).deleteFrom("identity_members").where("group_id", "=", groupId);
  const result = await query.where("member_id", "=", memberId).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** In the order of their ids, with their names. */
export async function membersPage(
  tx: Tx,
  asked: { groupId: string; after?: string | undefined; limit: number },
): Promise<GroupMember[]> {
  let query = db(tx)
    .selectFrom("identity_members")
    .leftJoin("identity_users", "identity_users.id", "identity_members.member_id")
    .leftJoin("identity_service_accounts", "identity_service_accounts.id", "identity_members.member_id")
    .select(["member_kind", "member_id", "added_ms", "display_name", "identity_service_accounts.name"])
    .where("group_id", "=", asked.groupId);
  if (asked.after !== undefined) query = query.where("member_id", ">", asked.after);
  const rows = await query.orderBy("member_id").limit(asked.limit).execute();
  return rows.map((row) => ({
    kind: row.member_kind,
    id: row.member_id,
    name: row.display_name ?? row.name ?? row.member_id,
    addedMs: row.added_ms,
  }));
}
