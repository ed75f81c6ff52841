import type { PrincipalKind } from "@atrium/contract/identity";
import { forUpdate, type Tx, tables } from "#ports/database";
import type { GrantRow, IdentityTables, RoleRow } from "../tables.ts";
import { among, type Seen } from "./seen.ts";

const db = tables<IdentityTables>();

const ROLES_MAX = 500; // More is no policy any more; createRole refuses beyond it.
// A principal's own grants and those of its groups are held in memory together. Creating refuses long before.
const HELD_GRANTS_MAX = 20_000;

export async function roles(tx: Tx): Promise<RoleRow[]> {
  return db(tx).selectFrom("identity_roles").selectAll().orderBy("name_key").limit(ROLES_MAX).execute();
}

export async function roleById(tx: Tx, id: string): Promise<RoleRow | undefined> {
  return db(tx).selectFrom("identity_roles").selectAll().where("id", "=", id).executeTakeFirst();
}

/** The role for a change, or for giving it: it stays as it is until the transaction ends. */
export async function roleToChange(tx: Tx, id: string): Promise<RoleRow | undefined> {
  const query = db(tx).selectFrom("identity_roles").selectAll().where("id", "=", id);
  return forUpdate(tx, query).executeTakeFirst();
}

export async function addRole(tx: Tx, row: RoleRow): Promise<void> {
  await db(tx).insertInto("identity_roles").values(row).execute();
}

export async function changeRole(tx: Tx, id: string, changes: Partial<RoleRow>): Promise<void> {
  await db(tx).updateTable("identity_roles").set(changes).where("id", "=", id).execute();
}

export async function removeRole(tx: Tx, id: string): Promise<void> {
  await db(tx).deleteFrom("identity_roles").where("id", "=", id).execute();
}

export async function countGrants(tx: Tx, of: { roleId: string } | { principalId: string }): Promise<number> {
  const all = db(tx)
    .selectFrom("identity_grants")
    .select((select) => select.fn.countAll<number | string>().as("count"));
  const query =
    "roleId" in of ? all.where("role_id", "=", of.roleId) : all.where("principal_id", "=", of.principalId);
  return Number((await query.executeTakeFirstOrThrow()).count);
}

/** All grants of these principals: one, and the groups that it is in. */
export async function grantsOf(tx: Tx, principalIds: readonly string[]): Promise<GrantRow[]> {
  const query = db(tx).selectFrom("identity_grants").selectAll().where("principal_id", "in", principalIds);
  return query.limit(HELD_GRANTS_MAX).execute();
}

export async function grantToChange(tx: Tx, id: string): Promise<GrantRow | undefined> {
  const query = db(tx).selectFrom("identity_grants").selectAll().where("id", "=", id);
  return forUpdate(tx, query).executeTakeFirst();
}

export async function grantById(tx: Tx, id: string): Promise<NamedGrantRow | undefined> {
  const row = await named(tx).where("identity_grants.id", "=", id).executeTakeFirst();
  return row && withName(row);
}

export async function addGrant(tx: Tx, row: GrantRow): Promise<void> {
  await db(tx).insertInto("identity_grants").values(row).execute();
}

export async function removeGrant(tx: Tx, id: string): Promise<void> {
  await db(tx).deleteFrom("identity_grants").where("id", "=", id).execute();
}

export async function removeGrantsOf(tx: Tx, principalId: string): Promise<void> {
  await db(tx).deleteFrom("identity_grants").where("principal_id", "=", principalId).execute();
}

/** Removes a batch of the grants in a project. @returns how many */
export async function removeGrantsInProject(tx: Tx, projectId: string, limit: number): Promise<number> {
  const query = db(tx).selectFrom("identity_grants").select("id").where("project_id", "=", projectId);
  const ids = (await query.limit(limit).execute()).map((row) => row.id);
  if (ids.length > 0) await db(tx).deleteFrom("identity_grants").where("id", "in", ids).execute();
  return ids.length;
}

export type NamedGrantRow = GrantRow & { principal_name: string };

/** Newest first, with their principals' names. `seen` bounds what the asker may see; absent: all. */
export async function grantsPage(
  tx: Tx,
  asked: {
    principalId?: string | undefined;
    projectId?: string | undefined;
    organisationId?: string | undefined;
    seen?: Seen | undefined;
    before?: string | undefined;
    limit: number;
  },
): Promise<NamedGrantRow[]> {
  let query = named(tx);
  const { seen } = asked;
  if (asked.principalId !== undefined) query = query.where("principal_id", "=", asked.principalId);
  if (asked.projectId !== undefined) query = query.where("identity_grants.project_id", "=", asked.projectId);
  if (asked.organisationId !== undefined) {
    query = query.where("identity_grants.organisation_id", "=", asked.organisationId);
  }
  if (asked.before !== undefined) query = query.where("identity_grants.id", "<", asked.before);
  if (seen !== undefined) {
    query = query.where((where) =>
      where.or([
        among("identity_grants.organisation_id", seen.organisationIds),
        among("identity_grants.project_id", seen.projectIds),
        among("identity_grants.principal_id", seen.ids),
      ]),
    );
  }
  return (await query.orderBy("identity_grants.id", "desc").limit(asked.limit).execute()).map(withName);
}

function named(tx: Tx) {
  return db(tx)
    .selectFrom("identity_grants")
    .leftJoin("identity_users", "identity_users.id", "identity_grants.principal_id")
    .leftJoin("identity_groups", "identity_groups.id", "identity_grants.principal_id")
    .leftJoin("identity_service_accounts", "identity_service_accounts.id", "identity_grants.principal_id")
    .selectAll("identity_grants")
    .select([
      "identity_users.display_name as user_name",
      "identity_groups.name as group_name",
      "identity_service_accounts.name as account_name",
    ]);
}

function withName({
  user_name,
  group_name,
  account_name,
  ...row
}: GrantRow & {
  user_name: string | null;
  group_name: string | null;
  account_name: string | null;
}): NamedGrantRow {
  return { ...row, principal_name: user_name ?? group_name ?? account_name ?? row.principal_id };
}

/** The name and state of a principal, whatever its kind; undefined when there is none. */
export async function principal(
  tx: Tx,
  kind: PrincipalKind,
  id: string,
): Promise<{ name: string; state: "active" | "suspended" } | undefined> {
  if (kind === "user") {
    const query = db(tx).selectFrom("identity_users").select(["display_name as name", "state"]);
    return query.where("id", "=", id).executeTakeFirst();
  }
  if (kind === "service-account") {
    const query = db(tx).selectFrom("identity_service_accounts").select(["name", "state"]);
    return query.where("id", "=", id).executeTakeFirst();
  }
  const query = db(tx).selectFrom("identity_groups").select("name").where("id", "=", id);
  const group = await query.executeTakeFirst();
  return group && { ...group, state: "active" };
}
