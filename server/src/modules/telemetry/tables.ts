import type { Generated } from "kysely";

export interface LogRow {
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

export interface SeriesRow {
  id: number;
  identity_text: string;
  name: string;
  kind: string;
  labels: string;
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

export interface TelemetryTables {
  telemetry_logs: LogRow;
  telemetry_series: Omit<SeriesRow, "id"> & { id: Generated<number> };
  telemetry_samples: SampleRow;
  telemetry_chunks: ChunkRow;
}
