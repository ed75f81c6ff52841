import { rowSlots, type Tx } from "#ports/database";
import type { ChunkHead, ChunkRow, SeriesRow } from "../tables.ts";
import { db, inSizes, prepared, slots, writeRows } from "./prepared.ts";

type Slot<Given> = <T>(pick: (given: Given) => T) => T;
interface KeysOf {
  runId: string;
  keys: readonly string[];
}

const SERIES = [
  "run_id",
  "key",
  "project_id",
  "experiment_id",
  "value",
  "is_nan",
  "step",
  "at_ms",
  "first_ms",
  "chunks",
  "tail",
] as const satisfies readonly (keyof SeriesRow)[];
const HEAD = [
  "number",
  "size",
  "in_order",
  "first_ms",
  "first_step",
  "last_ms",
  "last_step",
  "min_step",
  "max_step",
  "min_value",
  "max_value",
  "last_value",
] as const satisfies readonly (keyof ChunkHead)[];
const CHUNK = ["run_id", "key", ...HEAD, "points"] as const;

const byKey = prepared((at, slot: Slot<KeysOf>, size) =>
  at
    .selectFrom("tracking_series")
    .select(SERIES)
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

export async function seriesOf(tx: Tx, runId: string, keys: readonly string[]): Promise<SeriesRow[]> {
  const parts = [];
  for (const part of inSizes(keys)) parts.push((await byKey(tx, { runId, keys: part }, part.length)).rows);
  return parts.flat();
}

const count = prepared((at, slot: Slot<string>) =>
  at
    .selectFrom("tracking_series")
    .select((of) => of.fn.countAll<number>().as("n"))
    .where(
      "run_id",
      "=",
      slot((id) => id),
    ),
);

/** How many metrics a run has, to hold their bound. */
export async function countSeries(tx: Tx, runId: string): Promise<number> {
  return Number((await count(tx, runId)).rows[0]?.n ?? 0);
}

const saveRows = prepared((at, slot: Slot<readonly SeriesRow[]>, size) =>
  at
    .insertInto("tracking_series")
    .values(rowSlots(slot, size, SERIES))
    .onConflict((conflict) =>
      conflict.columns(["run_id", "key"]).doUpdateSet((of) => ({
        value: of.ref("excluded.value"),
        is_nan: of.ref("excluded.is_nan"),
        step: of.ref("excluded.step"),
        at_ms: of.ref("excluded.at_ms"),
        first_ms: of.ref("excluded.first_ms"),
        chunks: of.ref("excluded.chunks"),
        tail: of.ref("excluded.tail"),
      })),
    ),
);

export async function saveSeries(tx: Tx, rows: readonly SeriesRow[]): Promise<void> {
  await writeRows(saveRows, tx, rows);
}

const addChunkRows = prepared((at, slot: Slot<readonly ChunkRow[]>, size) =>
  at.insertInto("tracking_chunks").values(rowSlots(slot, size, CHUNK)),
);

export async function addChunks(tx: Tx, rows: readonly ChunkRow[]): Promise<void> {
  await writeRows(addChunkRows, tx, rows);
}

export type LatestRow = Pick<SeriesRow, "run_id" | "key" | "value" | "is_nan" | "step" | "at_ms">;

const latestByRun = prepared((at, slot: Slot<readonly string[]>, size) =>
  at
    .selectFrom("tracking_series")
    .select(["run_id", "key", "value", "is_nan", "step", "at_ms"])
    .where(
      "run_id",
      "in",
      slots(slot, size, (ids) => ids),
    )
    .orderBy("run_id")
    .orderBy("key"),
);

/** The latest point of each metric of some runs, by run and key. */
export async function latestOfRuns(tx: Tx, runIds: readonly string[]): Promise<LatestRow[]> {
  const parts = [];
  for (const part of inSizes(runIds)) parts.push((await latestByRun(tx, part, part.length)).rows);
  return parts.flat();
}

/** When each run's first point was measured, whatever its metric. */
export async function firstPoints(
  tx: Tx,
  runIds: readonly string[],
): Promise<{ run_id: string; first_ms: number }[]> {
  if (runIds.length === 0) return [];
  const rows = await db(tx)
    .selectFrom("tracking_series")
    .select((of) => ["run_id", of.fn.min("first_ms").as("first_ms")])
    .where("run_id", "in", runIds)
    .groupBy("run_id")
    .execute();
  return rows.map((row) => ({ ...row, first_ms: Number(row.first_ms) }));
}

interface HeadsAsked {
  runId: string;
  key: string;
  fromMs: number;
  afterNumber: number;
}

const heads = prepared((at, slot: Slot<HeadsAsked & { limit: number }>) =>
  at
    .selectFrom("tracking_chunks")
    .select(HEAD)
    .where(
      "run_id",
      "=",
      slot((given) => given.runId),
    )
    .where(
      "key",
      "=",
      slot((given) => given.key),
    )
    .where(
      "number",
      ">",
      slot((given) => given.afterNumber),
    )
    .where(
      "last_ms",
      ">=",
      slot((given) => given.fromMs),
    )
    .orderBy("number")
    .limit(slot((given) => given.limit)),
);

/** The heads of a series' chunks behind one that end at `fromMs` or later. */
export async function chunkHeads(tx: Tx, asked: HeadsAsked, limit: number): Promise<ChunkHead[]> {
  return (await heads(tx, { ...asked, limit })).rows;
}

const chunks = prepared((at, slot: Slot<{ runId: string; key: string; numbers: readonly number[] }>, size) =>
  at
    .selectFrom("tracking_chunks")
    .select(["number", "points"])
    .where(
      "run_id",
      "=",
      slot((given) => given.runId),
    )
    .where(
      "key",
      "=",
      slot((given) => given.key),
    )
    .where(
      "number",
      "in",
      slots(slot, size, (given) => given.numbers),
    ),
);

/** The points of some chunks, in no order. */
export async function chunkPoints(
  tx: Tx,
  of: { runId: string; key: string; numbers: readonly number[] },
): Promise<{ number: number; points: Buffer }[]> {
  const parts = [];
  for (const part of inSizes(of.numbers)) {
    parts.push((await chunks(tx, { ...of, numbers: part }, part.length)).rows);
  }
  return parts.flat();
}
