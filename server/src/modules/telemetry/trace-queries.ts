import { type Tx, tables } from "#ports/database";
import type { LogFacts, TelemetryTables, TraceRow } from "./tables.ts";

const db = tables<TelemetryTables>();

const ROWS_A_STATEMENT = 100; // Eight parameters each; SQLite and PostgreSQL take many more.

export async function addTraces(tx: Tx, rows: readonly TraceRow[]): Promise<void> {
  for (let i = 0; i < rows.length; i += ROWS_A_STATEMENT)
    await db(tx)
      .insertInto("telemetry_traces")
      .values(rows.slice(i, i + ROWS_A_STATEMENT))
      .execute();
}

/** Where one trace's spans lie. */
export async function rowsOfTrace(
  tx: Tx,
  { projectId, traceId }: { projectId: string; traceId: string },
  limit: number,
): Promise<TraceRow[]> {
  return db(tx)
    .selectFrom("telemetry_traces")
    .selectAll()
    .where("project_id", "=", projectId)
    .where("trace_id", "=", traceId)
    .orderBy("from_ms")
    .orderBy("stream")
    .orderBy("first_line")
    .limit(limit)
    .execute();
}

/** What is known of some traces without opening them. */
export async function sumsOfTraces(
  tx: Tx,
  projectId: string,
  traceIds: readonly string[],
): Promise<{ traceId: string; spans: number; errors: number }[]> {
  if (traceIds.length === 0) return [];
  const rows = await db(tx)
    .selectFrom("telemetry_traces")
    .select((expression) => [
      "trace_id",
      expression.fn.sum<number | string>("spans").as("spans"),
      expression.fn.sum<number | string>("errors").as("errors"),
    ])
    .where("project_id", "=", projectId)
    .where("trace_id", "in", traceIds)
    .groupBy("trace_id")
    .execute();
  return rows.map((row) => ({
    traceId: row.trace_id,
    spans: Number(row.spans),
    errors: Number(row.errors),
  }));
}

/** Forgets what the index says of rows that are being removed. */
export async function removeTraces(
  tx: Tx,
  rows: readonly Pick<LogFacts, "kind" | "stream" | "first_line" | "lines">[],
): Promise<void> {
  for (const { kind, stream, first_line, lines } of rows) {
    if (kind !== "span") continue;
    await db(tx)
      .deleteFrom("telemetry_traces")
      .where("stream", "=", stream)
      .where("first_line", ">=", first_line)
      .where("first_line", "<", first_line + lines)
      .execute();
  }
}
