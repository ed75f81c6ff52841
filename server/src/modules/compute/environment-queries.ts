import { type Tx, tables } from "#ports/database";
import type { ComputeTables, EnvironmentRow } from "./tables.ts";

const db = tables<ComputeTables>();
const COLUMNS = [
  "project_id",
  "digest",
  "requirements",
  "packages",
  "python",
  "created_ms",
  "used_ms",
] as const;

export async function lockOf(
  tx: Tx,
  requirementsDigest: string,
): Promise<{ lock_text: string; created_ms: number } | undefined> {
  const query = db(tx).selectFrom("compute_locks").select(["lock_text", "created_ms"]);
  return query.where("requirements_digest", "=", requirementsDigest).executeTakeFirst();
}

export async function saveLock(
  tx: Tx,
  row: { requirements_digest: string; lock_text: string; created_ms: number },
): Promise<void> {
  const { lock_text, created_ms } = row;
  await db(tx)
    .insertInto("compute_locks")
    .values(row)
    .onConflict((conflict) => conflict.column("requirements_digest").doUpdateSet({ lock_text, created_ms }))
    .execute();
}

/** Forgets a batch of what was resolved before then. @returns how many */
export async function removeLocks(tx: Tx, beforeMs: number, limit: number): Promise<number> {
  const old = db(tx).selectFrom("compute_locks").select("requirements_digest");
  const result = await db(tx)
    .deleteFrom("compute_locks")
    .where("requirements_digest", "in", old.where("created_ms", "<", beforeMs).limit(limit))
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}

/** Notes that the project uses an environment, now or again. */
export async function saveUse(tx: Tx, row: EnvironmentRow): Promise<void> {
  const { requirements, used_ms } = row;
  await db(tx)
    .insertInto("compute_environments")
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(["project_id", "digest"]).doUpdateSet({ requirements, used_ms }),
    )
    .execute();
}

/** The last used first. */
export async function environmentsPage(
  tx: Tx,
  asked: { projectId: string; before: { usedMs: number; digest: string } | undefined; limit: number },
): Promise<EnvironmentRow[]> {
  const { projectId, before, limit } = asked;
  let query = db(tx).selectFrom("compute_environments").select(COLUMNS).where("project_id", "=", projectId);
  if (before !== undefined) {
    query = query.where((where) =>
      where.or([
        where("used_ms", "<", before.usedMs),
        where.and([where("used_ms", "=", before.usedMs), where("digest", "<", before.digest)]),
      ]),
    );
  }
  return query.orderBy("used_ms", "desc").orderBy("digest", "desc").limit(limit).execute();
}
