import type { User } from "@atrium/contract/identity";
import { sql } from "kysely";
import { forUpdate, type Tx, tables } from "#ports/database";
import { OWNER } from "../built-in-roles.ts";
import type { IdentityTables, UserRow } from "../tables.ts";
import { type Seen, seenPrincipals } from "./seen.ts";

const db = tables<IdentityTables>();

export async function userById(tx: Tx, id: string): Promise<UserRow | undefined> {
  return db(tx).selectFrom("identity_users").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The user for a change: the row stays locked until the transaction ends. */
export async function userToChange(tx: Tx, id: string): Promise<UserRow | undefined> {
  const query = db(tx).selectFrom("identity_users").selectAll().where("id", "=", id);
  return forUpdate(tx, query).executeTakeFirst();
}

export async function userByEmail(tx: Tx, emailKey: string): Promise<UserRow | undefined> {
  return db(tx).selectFrom("identity_users").selectAll().where("email_key", "=", emailKey).executeTakeFirst();
}

export async function addUser(tx: Tx, row: UserRow): Promise<void> {
  await db(tx).insertInto("identity_users").values(row).execute();
}

export async function changeUser(tx: Tx, id: string, changes: Partial<UserRow>): Promise<void> {
  await db(tx).updateTable("identity_users").set(changes).where("id", "=", id).execute();
}

/** By e-mail. `seen` bounds whom the asker may see; absent: everybody. */
export async function usersPage(
  tx: Tx,
  asked: {
    text?: string | undefined;
    state?: User["state"] | undefined;
    after?: string | undefined;
    seen?: Seen | undefined;
    limit: number;
  },
): Promise<UserRow[]> {
  let query = db(tx).selectFrom("identity_users").selectAll();
  if (asked.state !== undefined) query = query.where("state", "=", asked.state);
  if (asked.after !== undefined) query = query.where("email_key", ">", asked.after);
  if (asked.text) query = query.where(contains("search", asked.text));
  const { seen } = asked;
  if (seen !== undefined) query = query.where(seenPrincipals("user", seen));
  return query.orderBy("email_key").limit(asked.limit).execute();
}

/** One user, if the asker may see them. */
export async function userSeen(tx: Tx, id: string, seen: Seen | undefined): Promise<UserRow | undefined> {
  const query = db(tx).selectFrom("identity_users").selectAll().where("id", "=", id);
  return (seen === undefined ? query : query.where(seenPrincipals("user", seen))).executeTakeFirst();
}

/** Active users who own the instance, the one who came first at the top. */
export async function activeOwners(tx: Tx, limit: number): Promise<UserRow[]> {
  return db(tx)
    .selectFrom("identity_users")
    .innerJoin("identity_grants", "identity_grants.principal_id", "identity_users.id")
    .selectAll("identity_users")
    .where("identity_grants.role_id", "=", OWNER)
    .where("identity_grants.place", "=", "instance")
    .where("identity_grants.principal_kind", "=", "user")
    .where("identity_users.state", "=", "active")
    .orderBy("identity_users.id")
    .limit(limit)
    .execute();
}

/** Finds typed text anywhere in a column that holds lower case. */
export function contains(column: string, text: string) {
  const pattern = `%${text.toLowerCase().replaceAll(/[\\%_]/g, "\\$&")}%`;
  return sql<boolean>`${sql.ref(column)} like ${pattern} escape '\\'`;
}
