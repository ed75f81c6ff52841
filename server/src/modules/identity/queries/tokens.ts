import { forUpdate, type Tx, tables } from "#ports/database";
import type { IdentityTables, TokenRow } from "../tables.ts";

const db = tables<IdentityTables>();

export async function tokenBySecret(tx: Tx, secretHash: string): Promise<TokenRow | undefined> {
  const query = db(tx).selectFrom("identity_tokens").selectAll();
  return query.where("secret_hash", "=", secretHash).executeTakeFirst();
}

export async function tokenToChange(tx: Tx, id: string): Promise<TokenRow | undefined> {
  const query = db(tx).selectFrom("identity_tokens").selectAll().where("id", "=", id);
  return forUpdate(tx, query).executeTakeFirst();
}

/** The token that the server's operator set last. */
export async function operatorToken(tx: Tx): Promise<TokenRow | undefined> {
  const query = db(tx).selectFrom("identity_tokens").selectAll().where("kind", "=", "operator");
  return query.orderBy("id", "desc").limit(1).executeTakeFirst();
}

export async function addToken(tx: Tx, row: TokenRow): Promise<void> {
  await db(tx).insertInto("identity_tokens").values(row).execute();
}

export async function revokeToken(tx: Tx, id: string, atMs: number): Promise<void> {
  await db(tx).updateTable("identity_tokens").set({ revoked_ms: atMs }).where("id", "=", id).execute();
}

export async function workingTokensOfJob(tx: Tx, jobId: string): Promise<{ id: string; name: string }[]> {
  const query = db(tx).selectFrom("identity_tokens").select(["id", "name"]).where("job_id", "=", jobId);
  return query.where("revoked_ms", "is", null).execute();
}

export async function removeToken(tx: Tx, id: string): Promise<void> {
  await db(tx).deleteFrom("identity_tokens").where("id", "=", id).execute();
}

/** How many of an owner's tokens still work. */
export async function countTokens(tx: Tx, ownerId: string, nowMs: number): Promise<number> {
  const row = await db(tx)
    .selectFrom("identity_tokens")
    .select((select) => select.fn.countAll<number | string>().as("count"))
    .where("owner_id", "=", ownerId)
    .where("job_id", "is", null)
    .where("revoked_ms", "is", null)
    .where("expires_ms", ">", nowMs)
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export type NamedTokenRow = TokenRow & { owner_name: string };

export async function tokenById(tx: Tx, id: string): Promise<TokenRow | undefined> {
  return db(tx).selectFrom("identity_tokens").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Newest first, with their owners' names; of one owner, or of all. */
export async function tokensPage(
  tx: Tx,
  asked: { ownerId?: string | undefined; before?: string | undefined; limit: number },
): Promise<NamedTokenRow[]> {
  let query = db(tx)
    .selectFrom("identity_tokens")
    .leftJoin("identity_users", "identity_users.id", "identity_tokens.owner_id")
    .leftJoin("identity_service_accounts", "identity_service_accounts.id", "identity_tokens.owner_id")
    .selectAll("identity_tokens")
    .select(["identity_users.display_name as user_name", "identity_service_accounts.name as account_name"])
    .where("job_id", "is", null);
  if (asked.ownerId !== undefined) query = query.where("owner_id", "=", asked.ownerId);
  if (asked.before !== undefined) query = query.where("identity_tokens.id", "<", asked.before);
  const rows = await query.orderBy("identity_tokens.id", "desc").limit(asked.limit).execute();
  return rows.map(({ user_name, account_name, ...row }) => ({
    ...row,
    owner_name: user_name ?? account_name ?? row.owner_id,
  }));
}

export async function touchToken(tx: Tx, id: string, atMs: number): Promise<void> {
  const query = db(tx).updateTable("identity_tokens").set({ last_used_ms: atMs }).where("id", "=", id);
  await query
    .where((where) => where.or([where("last_used_ms", "is", null), where("last_used_ms", "<", atMs)]))
    .execute();
}

/** Removes a batch of tokens that expired or were revoked before then. The operator's stay. @returns how many */
export async function removeDeadTokens(tx: Tx, beforeMs: number, limit: number): Promise<number> {
  const ids = await db(tx)
    .selectFrom("identity_tokens")
    .select("id")
    .where("kind", "=", "made")
    .where((where) => where.or([where("expires_ms", "<", beforeMs), where("revoked_ms", "<", beforeMs)]))
    .limit(limit)
    .execute();
  if (ids.length === 0) return 0;
  const query = db(tx).deleteFrom("identity_tokens");
  await query
    .where(
      "id",
      "in",
      ids.map((row) => row.id),
    )
    .execute();
  return ids.length;
}

/** Revokes a batch of the tokens that are bound to a project. @returns how many */
export async function revokeTokensOfProject(
  tx: Tx,
  projectId: string,
  at: { nowMs: number; limit: number },
): Promise<number> {
  const query = db(tx).selectFrom("identity_tokens").select("id").where("project_id", "=", projectId);
  const ids = await query.where("revoked_ms", "is", null).limit(at.limit).execute();
  for (const { id } of ids) await revokeToken(tx, id, at.nowMs);
  return ids.length;
}
