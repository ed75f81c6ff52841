import type { Readable } from "node:stream";

/**
 * SQL over files, in a child process that may be killed: scans, joins, profiles. The dialect is DuckDB's. The child sees
 * the tables it is given and nothing else: no path, no network, no other project; plain bytes live in memory alone.
 */
export interface OfflineEngine {
  /**
   * Runs one statement and answers its rows.
   * @throws AppError `invalid` (the statement, or a file that is none, with the engine's words), `exhausted` (memory,
   *   rows or time), `unavailable` (the child died, or too many wait)
   */
  query(work: OfflineWork, limits?: OfflineLimits): Promise<OfflineRows>;
  /** Runs one statement and streams what it answers as a Parquet file; errors come before the first byte or in mid-stream. */
  export(work: OfflineWork, limits?: OfflineLimits): Promise<OfflineExport>;
  stop(): Promise<void>;
}

/** A table by the name that the statement uses. */
export interface OfflineTable {
  format: "parquet" | "csv" | "json";
  /** Several files are one table; their schemas must agree. */
  files: readonly OfflineFile[];
}

export interface OfflineFile {
  /** Says that two opens give the same bytes, so that a child may keep them: a SHA-256. */
  digest: string;
  sizeBytes: number;
  /** The plain bytes, from the start. Called only if the child does not hold them yet. */
  open(): Promise<Readable>;
}

export interface OfflineWork {
  tables: Readonly<Record<string, OfflineTable>>;
  sql: string;
  /** Bound to `$1`, `$2`, …. */
  parameters?: readonly (string | number | boolean | null)[] | undefined;
  signal?: AbortSignal | undefined;
}

export interface OfflineLimits {
  rowsMax?: number | undefined;
  memoryMiB?: number | undefined;
  timeoutMs?: number | undefined;
}

export interface OfflineRows {
  columns: readonly OfflineColumn[];
  /**
   * In the order of `columns`. Whole numbers beyond 2^53, decimals, NaN and the infinities (`Infinity`, `-Infinity`;
   * times: `infinity`) are text, times ISO 8601 in UTC, bytes base64, a map is a list of `{ key, value }`.
   */
  rows: readonly (readonly OfflineValue[])[];
}

export interface OfflineExport {
  columns: readonly OfflineColumn[];
  rowCount: number;
  bytes: Readable;
}

export interface OfflineColumn {
  name: string;
  /** As DuckDB writes it: `BIGINT`, `TIMESTAMP WITH TIME ZONE`, `VARCHAR[]`. */
  type: string;
}

export type OfflineValue =
  | string
  | number
  | boolean
  | null
  | readonly OfflineValue[]
  | { [field: string]: OfflineValue };
