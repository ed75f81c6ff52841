/** A JSON value of a feature: whole numbers beyond 2^53 and times are text. */
export type StoredValue = string | number | boolean | null | readonly StoredValue[];

/** Whose rows: a version of a view of a project. */
export interface OnlineTable {
  projectId: string;
  /** Unique for ever: another version of a view is another table. */
  tableId: string;
}

export interface OnlineRow {
  /** The entity, as one text; it is stored only as a keyed digest. */
  key: string;
  /** When the values were true. */
  eventMs: number;
  /** When they became known; of two rows of one event time the later one holds. */
  createdMs: number;
  values: readonly StoredValue[];
}

/**
 * The newest row of each key, for reads in microseconds. Values and keys never lie on disk in plain. Any number of
 * processes may have it open at once.
 */
export interface OnlineStore {
  /**
   * Puts rows, each unless one with a later (event time, created time) is there; the same pair twice writes again, so that
   * a retry ends as the first try would have. Durable when it resolves.
   * @throws AppError `unavailable` (the disk is full, or the store is closed)
   */
  put(table: OnlineTable, rows: readonly OnlineRow[]): Promise<PutCount>;
  /** The row of each key, in order; undefined where there is none. @throws AppError `unavailable` (damaged, or another key) */
  get(table: OnlineTable, keys: readonly string[]): Promise<(OnlineRow | undefined)[]>;
  /** Removes every row, also when the project's key is gone; a table that has none is no error. */
  drop(table: OnlineTable): Promise<void>;
  /**
   * Writes all tables as they are at one moment into an existing, empty folder, where a store can be opened over them; what was
   * acknowledged before is among them. @throws AppError `unavailable` (the disk is full)
   */
  copyTo(folder: string): Promise<void>;
  close(): Promise<void>;
}

export interface PutCount {
  written: number;
  /** Rows that lost against a newer one. */
  kept: number;
}
