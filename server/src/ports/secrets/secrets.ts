/** Keeper of the key-encryption key. Data keys are wrapped by it and stored beside what they seal. */
export interface Secrets {
  /** Name of the key that wraps now; stored with every wrapped key, never secret. */
  readonly keyId: string;
  /** Wraps 32 bytes for one purpose (`database`, `project:<id>`); the purpose is authenticated, not stored. */
  wrap(key: Buffer, purpose: string): Promise<string>;
  /** @throws AppError `unavailable` when the key or the purpose is not the one it was wrapped with */
  unwrap(wrapped: string, purpose: string): Promise<Buffer>;
}

/** Data keys by project, made on first use and kept in memory once unwrapped. */
export interface ProjectKeys {
  keyOf(projectId: string): Promise<Buffer>;
}
