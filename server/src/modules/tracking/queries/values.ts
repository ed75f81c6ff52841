import { rowSlots, type Tx } from "#ports/database";
import type { ValueRow } from "../tables.ts";
import { db, inSizes, prepared, slots, writeRows } from "./prepared.ts";

type Rows = readonly ValueRow[];
type Slot<Given> = <T>(pick: (given: Given) => T) => T;
interface KeysOf {
  runId: string;
  keys: readonly string[];
}

const COLUMNS = ["run_id", "key", "value"] as const;

const addParamRows = prepared((at, slot: Slot<Rows>, size) =>
  at
    .insertInto("tracking_params")
    .values(rowSlots(slot, size, COLUMNS))
    .onConflict((conflict) => conflict.columns(["run_id", "key"]).doNothing()),
);

/** Adds params whose keys are free; answers with how many were. */
export function addParams(tx: Tx, rows: Rows): Promise<number> {
  return writeRows(addParamRows, tx, rows);
}

const paramsByKey = prepared((at, slot: Slot<KeysOf>, size) =>
  at
    .selectFrom("tracking_params")
    .select(["key", "value"])
    .where(
      "run_id",
      "=",
      slot((given) => given.runId),
    )
    .where(
      "key",
      "in",
      slots(slot, size, (given) => given.keys),
    ),
);

export async function paramsOf(
  tx: Tx,
  runId: string,
  keys: readonly string[],
): Promise<{ key: string; value: string }[]> {
  const parts = [];
  for (const part of inSizes(keys))
    parts.push((await paramsByKey(tx, { runId, keys: part }, part.length)).rows);
  return parts.flat();
}

const saveTagRows = prepared((at, slot: Slot<Rows>, size) =>
  at
    .insertInto("tracking_run_tags")
    .values(rowSlots(slot, size, COLUMNS))
    .onConflict((conflict) =>
      conflict.columns(["run_id", "key"]).doUpdateSet((of) => ({ value: of.ref("excluded.value") })),
    ),
);

export async function saveTags(tx: Tx, rows: Rows): Promise<void> {
  await writeRows(saveTagRows, tx, rows);
}

/** @returns how many there were */
export async function removeTags(tx: Tx, runId: string, keys: readonly string[]): Promise<number> {
  if (keys.length === 0) return 0;
  const query = db(tx).deleteFrom("tracking_run_tags").where("run_id", "=", runId).where("key", "in", keys);
  return Number((await query.executeTakeFirst()).numDeletedRows);
}

const paramsByRun = prepared((at, slot: Slot<readonly string[]>, size) =>
  at
    .selectFrom("tracking_params")
    .select(COLUMNS)
    .where(
      "run_id",
      "in",
      slots(slot, size, (ids) => ids),
    )
    .orderBy("run_id")
    .orderBy("key"),
);
const tagsByRun = prepared((at, slot: Slot<readonly string[]>, size) =>
  at
    .selectFrom("tracking_run_tags")
    .select(COLUMNS)
    .where(
      "run_id",
      "in",
      slots(slot, size, (ids) => ids),
    )
    .orderBy("run_id")
    .orderBy("key"),
);

/** All params of some runs, by run and key; how many a run has is bounded where they are logged. */
export async function paramsOfRuns(tx: Tx, runIds: readonly string[]): Promise<ValueRow[]> {
  const parts = [];
  for (const part of inSizes(runIds)) parts.push((await paramsByRun(tx, part, part.length)).rows);
  return parts.flat();
}

export async function tagsOfRuns(tx: Tx, runIds: readonly string[]): Promise<ValueRow[]> {
  const parts = [];
  for (const part of inSizes(runIds)) parts.push((await tagsByRun(tx, part, part.length)).rows);
  return parts.flat();
}

const countParams = prepared((at, slot: Slot<string>) =>
  at
    .selectFrom("tracking_params")
    .select((of) => of.fn.countAll<number>().as("n"))
    .where(
      "run_id",
      "=",
      slot((id) => id),
    ),
);
const countTags = prepared((at, slot: Slot<string>) =>
  at
    .selectFrom("tracking_run_tags")
    .select((of) => of.fn.countAll<number>().as("n"))
    .where(
      "run_id",
      "=",
      slot((id) => id),
    ),
);

/** How many params or tags a run has, to hold their bound. */
export async function countValues(
  tx: Tx,
  table: "tracking_params" | "tracking_run_tags",
  runId: string,
): Promise<number> {
  const { rows } = await (table === "tracking_params" ? countParams : countTags)(tx, runId);
  return Number(rows[0]?.n ?? 0);
}
