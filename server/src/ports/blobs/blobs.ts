import type { Readable } from "node:stream";

/**
 * Objects of bytes, always sealed. Knows no names and no permissions: the artifacts module does. Every put makes an
 * object with an id that was never used before and never will be again; so removing one can harm nobody else, and
 * which of two equal contents is kept is decided in the database, in a transaction.
 */
export interface Blobs {
  /**
   * Streams bytes in constant memory, seals them with the project's key, and makes them durable.
   * @throws AppError `invalid` (too large, other content than expected, cut off), `unavailable` (disk full); then
   *   nothing remains. The stream stays the caller's: after a refusal it may not have been read to its end.
   */
  put(projectId: string, bytes: Readable, limits: PutLimits): Promise<StoredBlob>;
  /** Streams a range of the plain bytes, verified chunk by chunk. @throws AppError `not_found`, `unavailable` (damaged) */
  get(projectId: string, id: string, range?: ByteRange): Promise<Readable>;
  stat(projectId: string, id: string): Promise<{ sizeBytes: number } | undefined>;
  /** Removes an object; one that is gone already is no error. */
  remove(projectId: string, id: string): Promise<void>;
  /** All objects of a project, in no order, for garbage collection. */
  list(projectId: string): AsyncIterable<{ id: string; storedAtMs: number }>;
  /** Reads and verifies a whole object; false when it is damaged, missing or has another digest. */
  verify(projectId: string, id: string, digest: string): Promise<boolean>;
}

export interface PutLimits {
  sizeBytesMax: number;
  /** Lower-case hexadecimal SHA-256 of the plain bytes. */
  expectedDigest?: string | undefined;
}

export interface StoredBlob {
  id: string;
  /** Lower-case hexadecimal SHA-256 of the plain bytes. */
  digest: string;
  sizeBytes: number;
}

/** Both ends inclusive, as in HTTP. */
export interface ByteRange {
  start: number;
  end: number;
}
