import type { Generated } from "kysely";

/** Log lines and spans are kept alike, in streams of their own. */
export type LogKind = "log" | "span";

export interface LogRow {
  kind: LogKind;
  stream: string;
  first_line: number;
  project_id: string;
  from_ms: number;
  to_ms: number;
  stored_ms: number;
  lines: number;
  debug_lines: number;
  info_lines: number;
  warn_lines: number;
  error_lines: number;
  text_bytes: number;
  size_bytes: number;
  head: Buffer;
  body: Buffer;
}

/** A row of the log without its sealed parts. */
export type LogFacts = Omit<LogRow, "head" | "body">;

/** Spans of one trace in one row, named as the row was when it was stored first. */
export interface TraceRow {
  project_id: string;
  trace_id: string;
  stream: string;
  first_line: number;
  from_ms: number;
  to_ms: number;
  spans: number;
  errors: number;
}

export interface SeriesRow {
  id: number;
  project_id: string;
  identity_text: string;
  name: string;
  kind: string;
  labels: string;
  unit: string;
  help: string;
  total: number;
  last_ms: number;
}

export interface SampleRow {
  writer: string;
  at_ms: number;
  body: Buffer;
}

export interface ChunkRow {
  series_id: number;
  from_ms: number;
  to_ms: number;
  body: Buffer;
}

/** What one sender brought at once. */
export interface PointsRow {
  id: string;
  project_id: string;
  from_ms: number;
  to_ms: number;
  stored_ms: number;
  size_bytes: number;
  body: Buffer;
}

export interface TelemetryTables {
  telemetry_logs: LogRow;
  telemetry_traces: TraceRow;
  telemetry_points: PointsRow;
  telemetry_series: Omit<SeriesRow, "id"> & { id: Generated<number> };
  telemetry_samples: SampleRow;
  telemetry_chunks: ChunkRow;
}
