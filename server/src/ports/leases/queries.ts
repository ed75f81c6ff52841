import { sql } from "kysely";
import { forShare, type Tx, tables } from "#ports/database";

interface LeaseTables {
  leases_leases: { name: string; holder: string; process: string; fence: number; until_ms: number };
}

const db = tables<LeaseTables>();

/** @returns the new fence, or undefined while someone else holds the lease */
export async function take(
  tx: Tx,
  lease: { name: string; holder: string; process: string },
  ttlMs: number,
): Promise<number | undefined> {
  const until = sql<number>`${now(tx)} + ${ttlMs}`;
  const row = await db(tx)
    .insertInto("leases_leases")
    .values({ ...lease, fence: 1, until_ms: until })
    .onConflict((conflict) =>
      conflict
        .column("name")
        .doUpdateSet({ ...lease, fence: sql<number>`leases_leases.fence + 1`, until_ms: until })
        .where((where) => {
          const over = where("leases_leases.until_ms", "<=", now(tx));
          // One process at a time opens an SQLite store, so what an earlier one held is free at once.
          return tx.engine === "postgres"
            ? over
            : where.or([over, where("leases_leases.process", "<>", lease.process)]);
        }),
    )
    .returning("fence")
    .executeTakeFirst();
  return row?.fence;
}

/** @returns false when another holder has it */
export async function prolong(tx: Tx, name: string, fence: number, ttlMs: number): Promise<boolean> {
  const result = await db(tx)
    .updateTable("leases_leases")
    .set({ until_ms: sql<number>`${now(tx)} + ${ttlMs}` })
    .where("name", "=", name)
    .where("fence", "=", fence)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function giveBack(tx: Tx, name: string, fence: number): Promise<void> {
  const query = db(tx).updateTable("leases_leases").set({ until_ms: 0 });
  await query.where("name", "=", name).where("fence", "=", fence).execute();
}

/** The present fence, held against a new holder until the transaction ends. */
export async function fenceOf(tx: Tx, name: string): Promise<number | undefined> {
  const query = db(tx).selectFrom("leases_leases").select("fence").where("name", "=", name);
  return (await forShare(tx, query).executeTakeFirst())?.fence;
}

function now(tx: Tx) {
  return tx.engine === "postgres"
    ? sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
    : sql<number>`cast(unixepoch('subsec') * 1000 as integer)`;
}
