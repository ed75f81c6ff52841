import type { Readable } from "node:stream";

/** Content-addressed bytes, always sealed. Knows no names and no permissions: the artifacts module does. */
export interface Blobs {
  /**
   * Streams bytes in constant memory, seals them with the project's key, and makes them durable under their digest.
   * Putting the same content again is free. `expected` refuses other content with `invalid`.
   */
  put(projectId: string, bytes: Readable, limits: PutLimits): Promise<StoredBlob>;
  /** Streams a range of the plain bytes, verified chunk by chunk. @throws AppError `not_found`, `unavailable` (damaged) */
  get(projectId: string, digest: string, range?: ByteRange): Promise<Readable>;
  stat(projectId: string, digest: string): Promise<{ sizeBytes: number } | undefined>;
  remove(projectId: string, digest: string): Promise<void>;
  /** All blobs of a project, for garbage collection and scrubbing. */
  list(projectId: string): AsyncIterable<{ digest: string; storedAtMs: number }>;
  /** Reads and verifies a whole blob; false when it is damaged or missing. */
  verify(projectId: string, digest: string): Promise<boolean>;
}

export interface PutLimits {
  sizeBytesMax: number;
  /** Lower-case hexadecimal SHA-256 of the plain bytes. */
  expectedDigest?: string;
}

export interface StoredBlob {
  /** Lower-case hexadecimal SHA-256 of the plain bytes. */
  digest: string;
  sizeBytes: number;
}

/** Both ends inclusive, as in HTTP. */
export interface ByteRange {
  start: number;
  end: number;
}
