import type { LineageEdge } from "@atrium/contract/lineage";
import { type Tx, tables } from "#ports/database";
import type { NewEdge } from "./door.ts";
import { keyOf, thingOf } from "./graph.ts";
import type { LineageTables } from "./tables.ts";

const db = tables<LineageTables>();

export async function addEdge(tx: Tx, edge: NewEdge, atMs: number): Promise<void> {
  const row = {
    project_id: edge.projectId,
    from_thing: keyOf(edge.from),
    relation: edge.relation,
    to_thing: keyOf(edge.to),
    at_ms: atMs,
  };
  await db(tx)
    .insertInto("lineage_edges")
    .values(row)
    .onConflict((conflict) =>
      conflict.columns(["project_id", "from_thing", "relation", "to_thing"]).doNothing(),
    )
    .execute();
}

export async function removeThing(tx: Tx, projectId: string, thing: string): Promise<void> {
  const all = db(tx).deleteFrom("lineage_edges").where("project_id", "=", projectId);
  await all.where("from_thing", "=", thing).execute();
  await all.where("to_thing", "=", thing).execute();
}

/** Edges that touch any of the things, newest first. */
export async function edgesAt(
  tx: Tx,
  projectId: string,
  things: readonly string[],
  limit: number,
): Promise<LineageEdge[]> {
  const all = db(tx)
    .selectFrom("lineage_edges")
    .select(["from_thing", "relation", "to_thing", "at_ms"])
    .where("project_id", "=", projectId);
  const ordered = (end: "from_thing" | "to_thing") =>
    all
      .where(end, "in", things)
      .orderBy("at_ms", "desc")
      .orderBy("from_thing")
      .orderBy("to_thing")
      .limit(limit)
      .execute();
  const rows = [...(await ordered("from_thing")), ...(await ordered("to_thing"))];
  return rows.map((row) => ({
    from: thingOf(row.from_thing),
    relation: row.relation,
    to: thingOf(row.to_thing),
    atMs: row.at_ms,
  }));
}
