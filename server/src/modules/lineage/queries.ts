import type { LineageEdge, LineageThing } from "@atrium/contract/lineage";
import { sql } from "kysely";
import { type Tx, tables } from "#ports/database";
import type { NewEdge } from "./door.ts";
import { keyOf, thingOf, versionKeys } from "./graph.ts";
import type { LineageTables } from "./tables.ts";

const db = tables<LineageTables>();

const ENDS = ["from_thing", "to_thing"] as const;

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

export async function removeThing(tx: Tx, projectId: string, thing: LineageThing): Promise<void> {
  const all = db(tx).deleteFrom("lineage_edges").where("project_id", "=", projectId);
  for (const end of ENDS) await all.where(end, "=", keyOf(thing)).execute();
  if (thing.version !== undefined) return;
  const { from, before } = versionKeys(thing);
  for (const end of ENDS) await all.where(end, ">=", from).where(end, "<", before).execute();
}

export async function renameThing(
  tx: Tx,
  projectId: string,
  { type, id, newId }: { type: string; id: string; newId: string },
): Promise<void> {
  const { from, before } = versionKeys({ type, id });
  const behind = [...from].length + 1; // SQL counts characters from 1, and not UTF-16 units.
  const next = versionKeys({ type, id: newId }).from;
  for (const end of ENDS) {
    const all = db(tx).updateTable("lineage_edges").where("project_id", "=", projectId);
    await all
      .set(end, keyOf({ type, id: newId }))
      .where(end, "=", keyOf({ type, id }))
      .execute();
    await all
      .set(end, sql<string>`cast(${next} as text) || substr(${sql.ref(end)}, cast(${behind} as integer))`)
      .where(end, ">=", from)
      .where(end, "<", before)
      .execute();
  }
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
