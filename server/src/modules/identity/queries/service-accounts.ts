import { forUpdate, type Tx, tables } from "#ports/database";
import type { IdentityTables, ServiceAccountRow } from "../tables.ts";
import { among, type Seen } from "./seen.ts";

const db = tables<IdentityTables>();

export async function accountById(tx: Tx, id: string): Promise<ServiceAccountRow | undefined> {
  return db(tx).selectFrom("identity_service_accounts").selectAll().where("id", "=", id).executeTakeFirst();
}

export async function accountToChange(tx: Tx, id: string): Promise<ServiceAccountRow | undefined> {
  const query = db(tx).selectFrom("identity_service_accounts").selectAll().where("id", "=", id);
  return forUpdate(tx, query).executeTakeFirst();
}

export async function addAccount(tx: Tx, row: ServiceAccountRow): Promise<void> {
  await db(tx).insertInto("identity_service_accounts").values(row).execute();
}

export async function changeAccount(tx: Tx, id: string, changes: Partial<ServiceAccountRow>): Promise<void> {
  await db(tx).updateTable("identity_service_accounts").set(changes).where("id", "=", id).execute();
}

/** By name. `seen` bounds what the asker may see; absent: all. */
export async function accountsPage(
  tx: Tx,
  asked: { after?: { name: string; id: string } | undefined; seen?: Seen | undefined; limit: number },
): Promise<ServiceAccountRow[]> {
  let query = db(tx).selectFrom("identity_service_accounts").selectAll();
  const { after, seen } = asked;
  if (after !== undefined) {
    query = query.where((where) =>
      where.or([
        where("name", ">", after.name),
        where.and([where("name", "=", after.name), where("id", ">", after.id)]),
      ]),
    );
  }
  if (seen !== undefined) {
    query = query.where((where) =>
      where.or([among("organisation_id", seen.organisationIds), among("project_id", seen.projectIds)]),
    );
  }
  return query.orderBy("name").orderBy("id").limit(asked.limit).execute();
}

/** Suspends a batch of a project's service accounts. @returns how many */
export async function suspendAccountsOfProject(tx: Tx, projectId: string, limit: number): Promise<number> {
  const query = db(tx)
    .selectFrom("identity_service_accounts")
    .select("id")
    .where("project_id", "=", projectId);
  const ids = await query.where("state", "=", "active").limit(limit).execute();
  for (const { id } of ids) await changeAccount(tx, id, { state: "suspended" });
  return ids.length;
}
