import { type Tx, tables } from "#ports/database";
import type { LabelRow, MinuteRow, SegmentRow, ServingTables } from "./tables.ts";

const db = tables<ServingTables>();

const MINUTES_MAX = 200_000; // Four months of one deployment, or a week of twenty that answer in every way.

// Segments

export async function hasJournal(tx: Tx, journal: string): Promise<boolean> {
  const query = db(tx).selectFrom("serving_segments").select("number").where("journal", "=", journal);
  return (await query.executeTakeFirst()) !== undefined;
}

export async function lastSegment(tx: Tx, endpointId: string): Promise<number> {
  const query = db(tx).selectFrom("serving_segments").select("number").where("endpoint_id", "=", endpointId);
  return (await query.orderBy("number", "desc").limit(1).executeTakeFirst())?.number ?? 0;
}

export async function addSegment(tx: Tx, row: SegmentRow): Promise<void> {
  await db(tx).insertInto("serving_segments").values(row).execute();
}

/** Segments that hold predictions of the range, by their beginning. */
export async function segmentsWithin(
  tx: Tx,
  endpointId: string,
  range: { fromMs: number; toMs: number; limit: number },
): Promise<SegmentRow[]> {
  const query = db(tx).selectFrom("serving_segments").selectAll().where("endpoint_id", "=", endpointId);
  const within = query.where("from_ms", "<", range.toMs).where("to_ms", ">=", range.fromMs);
  return within.orderBy("from_ms").orderBy("number").limit(range.limit).execute();
}

export async function newestSegments(
  tx: Tx,
  endpointId: string,
  part: { before: number | undefined; limit: number },
): Promise<SegmentRow[]> {
  const all = db(tx).selectFrom("serving_segments").selectAll().where("endpoint_id", "=", endpointId);
  const rest = part.before === undefined ? all : all.where("number", "<", part.before);
  return rest.orderBy("number", "desc").limit(part.limit).execute();
}

export async function segmentsEndedBefore(tx: Tx, endedMs: number, limit: number): Promise<SegmentRow[]> {
  const query = db(tx).selectFrom("serving_segments").selectAll().where("to_ms", "<", endedMs);
  return query.orderBy("to_ms").limit(limit).execute();
}

/** Segments whose endpoint is gone. */
export async function orphanedSegments(tx: Tx, limit: number): Promise<SegmentRow[]> {
  const standing = db(tx).selectFrom("serving_endpoints").select("id");
  const query = db(tx).selectFrom("serving_segments").selectAll().where("endpoint_id", "not in", standing);
  return query.orderBy("endpoint_id").orderBy("number").limit(limit).execute();
}

export async function removeSegment(tx: Tx, at: Pick<SegmentRow, "endpoint_id" | "number">): Promise<void> {
  const query = db(tx).deleteFrom("serving_segments").where("endpoint_id", "=", at.endpoint_id);
  await query.where("number", "=", at.number).execute();
}

// Minutes

export async function minute(tx: Tx, at: MinuteRow): Promise<MinuteRow | undefined> {
  return db(tx)
    .selectFrom("serving_minutes")
    .selectAll()
    .where("endpoint_id", "=", at.endpoint_id)
    .where("minute_ms", "=", at.minute_ms)
    .where("deployment_id", "=", at.deployment_id)
    .where("served_by", "=", at.served_by)
    .where("cohort", "=", at.cohort)
    .executeTakeFirst();
}

export async function saveMinute(tx: Tx, row: MinuteRow): Promise<void> {
  const { predictions, errors, latencies } = row;
  await db(tx)
    .insertInto("serving_minutes")
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(["endpoint_id", "minute_ms", "deployment_id", "served_by", "cohort"])
        .doUpdateSet({ predictions, errors, latencies }),
    )
    .execute();
}

export async function minutesWithin(
  tx: Tx,
  endpointId: string,
  range: { fromMs: number; toMs: number },
): Promise<MinuteRow[]> {
  const query = db(tx).selectFrom("serving_minutes").selectAll().where("endpoint_id", "=", endpointId);
  const within = query.where("minute_ms", ">=", range.fromMs).where("minute_ms", "<", range.toMs);
  return within.orderBy("minute_ms").limit(MINUTES_MAX).execute();
}

export async function minutesOfEndpoints(
  tx: Tx,
  endpointIds: readonly string[],
  range: { fromMs: number; toMs: number },
): Promise<MinuteRow[]> {
  if (endpointIds.length === 0) return [];
  const query = db(tx).selectFrom("serving_minutes").selectAll().where("endpoint_id", "in", endpointIds);
  const within = query.where("minute_ms", ">=", range.fromMs).where("minute_ms", "<", range.toMs);
  return within.orderBy("minute_ms").limit(MINUTES_MAX).execute();
}

export async function removeMinutesBefore(tx: Tx, endMs: number): Promise<void> {
  await db(tx).deleteFrom("serving_minutes").where("minute_ms", "<", endMs).execute();
}

// Labels

export async function saveLabel(tx: Tx, row: LabelRow): Promise<void> {
  const { label, at_ms, received_ms } = row;
  await db(tx)
    .insertInto("serving_labels")
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(["endpoint_id", "prediction_id"])
        .doUpdateSet({ label, at_ms, received_ms })
        // The same label again is the same label: it keeps the time of its first coming.
        .where("serving_labels.label", "!=", label),
    )
    .execute();
}

export async function labelsOf(tx: Tx, endpointId: string, ids: readonly string[]): Promise<LabelRow[]> {
  if (ids.length === 0) return [];
  const query = db(tx).selectFrom("serving_labels").selectAll().where("endpoint_id", "=", endpointId);
  return query.where("prediction_id", "in", ids).limit(ids.length).execute();
}

export async function labelsWithin(
  tx: Tx,
  endpointId: string,
  range: { fromMs: number; toMs: number; limit: number },
): Promise<LabelRow[]> {
  const query = db(tx).selectFrom("serving_labels").selectAll().where("endpoint_id", "=", endpointId);
  const within = query.where("predicted_ms", ">=", range.fromMs).where("predicted_ms", "<", range.toMs);
  return within.orderBy("predicted_ms").orderBy("prediction_id").limit(range.limit).execute();
}

export async function removeLabelsBefore(tx: Tx, endMs: number): Promise<void> {
  await db(tx).deleteFrom("serving_labels").where("predicted_ms", "<", endMs).execute();
}
