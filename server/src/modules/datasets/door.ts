import type { Readable } from "node:stream";
import type {
  Dataset,
  DatasetCheck,
  DatasetCheckResult,
  DatasetComparison,
  DatasetFormat,
  DatasetProfile,
  DatasetVersion,
} from "@atrium/contract/datasets";
import type { Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { ByteRange } from "#ports/blobs";
import type { OfflineColumn, OfflineRows, OfflineTable } from "#ports/offline-engine";

/** Names one dataset. */
export interface DatasetAt {
  projectId: string;
  name: string;
}

/** Names one version; the newest ready one when `version` is not given. */
export interface DatasetVersionAt extends DatasetAt {
  version?: number | undefined;
}

/** Names one version by its number. */
export interface NumberedVersionAt extends DatasetAt {
  version: number;
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

export interface NewDataset {
  name: string;
  description?: string | undefined;
  /** The actor's name when not given. */
  owner?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
  checks?: readonly DatasetCheck[] | undefined;
}

export interface DatasetChanges {
  description?: string | undefined;
  owner?: string | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
  checks?: readonly DatasetCheck[] | undefined;
}

export interface NewUpload {
  format: DatasetFormat;
  description?: string | undefined;
  /** Lower-case hexadecimal SHA-256; other content is refused with `invalid`. */
  expectedDigest?: string | undefined;
  /** What the sender announced, in bytes. */
  sizeBytes?: number | undefined;
}

export type NewVersionSource =
  | { kind: "artifacts"; format: DatasetFormat; paths: readonly string[] }
  | {
      kind: "sql";
      sql: string;
      /** Table name in the statement → version; the newest ready one when no number is given. */
      inputs: Readonly<Record<string, { dataset: string; version?: number | undefined }>>;
    };

export interface NewVersion {
  description?: string | undefined;
  source: NewVersionSource;
}

export type Deletion = "unless-used" | "forced";

/**
 * Curated tables. Versions are immutable; their schema, profile and checks follow once the worker has looked at them.
 * Every change is recorded and announced (`dataset.created`, `dataset.version-created`, `dataset.version-ready`,
 * `dataset.version-failed`, …); reads are recorded once a minute. In lineage a version is
 * `{ type: "dataset", id: name, version: "3" }`.
 */
export interface Datasets {
  /**
   * A version's columns and files, to be read by the offline engine. The reading is recorded.
   * @throws AppError `not_found`, `conflict` (not ready)
   */
  table(actor: Actor, at: DatasetVersionAt): Promise<DatasetTable>;

  list(
    actor: Actor,
    projectId: string,
    asked: {
      pageSize: number;
      pageToken?: string | undefined;
      search?: string | undefined;
      certified?: boolean | undefined;
    },
  ): Promise<Page<Dataset>>;
  get(actor: Actor, at: DatasetAt): Promise<Dataset>;
  /** @throws AppError `conflict` with reason `already_exists` */
  create(actor: Actor, projectId: string, given: NewDataset): Promise<Dataset>;
  update(actor: Actor, at: DatasetAt, changes: DatasetChanges): Promise<Dataset>;
  /** @throws AppError `conflict` when something was made of a version, unless forced */
  remove(actor: Actor, at: DatasetAt, how: Deletion): Promise<void>;

  versions: DatasetVersions;
}

export interface DatasetVersions {
  list(
    actor: Actor,
    at: DatasetAt,
    asked: { pageSize: number; pageToken?: string | undefined },
  ): Promise<Page<DatasetVersion>>;
  get(actor: Actor, at: NumberedVersionAt): Promise<DatasetVersion>;
  /** Streams a file into a new version; the same content answers the version that has it. @throws AppError `invalid`, `exhausted` */
  upload(actor: Actor, at: DatasetAt, bytes: Readable, given: NewUpload): Promise<DatasetVersion>;
  /** Of stored files, or of SQL over other versions; the same source answers the version that has it. */
  create(actor: Actor, at: DatasetAt, given: NewVersion): Promise<DatasetVersion>;
  /** @throws AppError `conflict` when something was made of it or it is certified, unless forced */
  remove(actor: Actor, at: NumberedVersionAt, how: Deletion): Promise<void>;

  /** @throws AppError `conflict` while the version is not ready */
  profile(actor: Actor, at: NumberedVersionAt): Promise<DatasetProfile>;
  checkResults(actor: Actor, at: NumberedVersionAt): Promise<DatasetCheckResult[]>;
  /** Runs the dataset's present checks; a certification that no longer holds is withdrawn. */
  runChecks(actor: Actor, at: NumberedVersionAt): Promise<DatasetCheckResult[]>;
  /** @throws AppError `conflict` while a check of severity `error` has not passed */
  certify(actor: Actor, at: NumberedVersionAt, note: string): Promise<DatasetVersion>;
  withdraw(actor: Actor, at: NumberedVersionAt, note: string): Promise<DatasetVersion>;

  rows(actor: Actor, at: NumberedVersionAt, page: { offset: number; limit: number }): Promise<OfflineRows>;
  /** One SELECT over the table `data`. */
  query(
    actor: Actor,
    at: NumberedVersionAt,
    asked: { sql: string; parameters: readonly SqlParameter[] },
  ): Promise<OfflineRows>;
  compare(actor: Actor, at: DatasetAt, pair: { from: number; to: number }): Promise<DatasetComparison>;
  /** One file as it was given. @throws AppError `not_found` */
  file(actor: Actor, at: NumberedVersionAt, ordinal: number): Promise<VersionFile>;
}

export type SqlParameter = string | number | boolean | null;

export interface VersionFile {
  name: string;
  digest: string;
  sizeBytes: number;
  open(range?: ByteRange): Promise<Readable>;
}
