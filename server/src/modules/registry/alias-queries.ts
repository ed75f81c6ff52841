import { type Tx, tables } from "#ports/database";
import { inParts } from "./queries.ts";
import type { AliasMoveRow, AliasRow, RegistryTables } from "./tables.ts";

const db = tables<RegistryTables>();

/** All aliases of the models; each has a bounded number. */
export async function aliasesOf(tx: Tx, modelIds: readonly string[]): Promise<AliasRow[]> {
  return inParts(modelIds, (part) =>
    db(tx)
      .selectFrom("registry_aliases")
      .select(["model_id", "alias", "version"])
      .where("model_id", "in", part)
      .orderBy("model_id")
      .orderBy("alias")
      .execute(),
  );
}

export async function aliasOf(tx: Tx, modelId: string, alias: string): Promise<AliasRow | undefined> {
  const query = db(tx).selectFrom("registry_aliases").select(["model_id", "alias", "version"]);
  return query.where("model_id", "=", modelId).where("alias", "=", alias).executeTakeFirst();
}

export async function saveAlias(tx: Tx, row: AliasRow): Promise<void> {
  await db(tx)
    .insertInto("registry_aliases")
    .values(row)
    .onConflict((conflict) => conflict.columns(["model_id", "alias"]).doUpdateSet({ version: row.version }))
    .execute();
}

export async function removeAlias(tx: Tx, modelId: string, alias: string): Promise<void> {
  const query = db(tx).deleteFrom("registry_aliases").where("model_id", "=", modelId);
  await query.where("alias", "=", alias).execute();
}

export async function addAliasMove(tx: Tx, row: AliasMoveRow): Promise<void> {
  await db(tx).insertInto("registry_alias_moves").values(row).execute();
}

/** Newest first, those older than the move `before`. */
export async function aliasMoves(
  tx: Tx,
  modelId: string,
  asked: { before?: string | undefined; limit: number },
): Promise<AliasMoveRow[]> {
  let query = db(tx)
    .selectFrom("registry_alias_moves")
    .select(["id", "model_id", "alias", "from_version", "to_version", "at_ms", "moved_by"])
    .where("model_id", "=", modelId);
  if (asked.before !== undefined) query = query.where("id", "<", asked.before);
  return query.orderBy("id", "desc").limit(asked.limit).execute();
}
