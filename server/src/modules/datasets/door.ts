import type { Actor } from "#modules/identity";
import type { OfflineColumn, OfflineTable } from "#ports/offline-engine";

/** Names one version; the newest when `version` is not given. */
export interface DatasetVersionAt {
  projectId: string;
  name: string;
  version?: number | undefined;
}

export interface DatasetTable {
  datasetId: string;
  name: string;
  version: number;
  /** SHA-256 over the files' digests, in order. */
  digest: string;
  rowCount: number;
  columns: readonly OfflineColumn[];
  table: OfflineTable;
}

/** What other modules see of datasets. */
export interface Datasets {
  /** A version's columns and files, to be read by the offline engine. The reading is recorded. @throws AppError `not_found` */
  table(actor: Actor, at: DatasetVersionAt): Promise<DatasetTable>;
}
