import type { Job } from "#lib/jobs";
import type { Tx } from "#ports/database";

/** News of one change. `body` is small (ids, names, status), never user data; at most 8 KiB as JSON. */
export interface DomainEvent {
  /** `<noun>.<past tense>`, such as `run.finished`. */
  kind: string;
  projectId: string | null;
  /** The thing it is about; events of one key are delivered in order. */
  key: string;
  body: Record<string, unknown>;
}

export interface DeliveredEvent extends DomainEvent {
  /** Opaque, sorted position in the log; a live stream resumes after it. */
  position: string;
  atMs: number;
}

/** The transactional outbox and its readers. At least once, in order per key. */
export interface Events {
  /** Writes the event in the caller's transaction; it is delivered once that is durable. */
  announce(tx: Tx, event: DomainEvent): Promise<void>;
  /** A durable reader with its own cursor. A handler must be idempotent; it is retried with backoff, then set aside. */
  subscribe(name: string, kinds: readonly string[], handler: (event: DeliveredEvent) => Promise<void>): void;
  /**
   * A live listener of this process, for streams to browsers; may resume after a position that is still kept.
   * @throws AppError `invalid` (no position), `not_found` with reason `gone` (too long ago: load afresh)
   */
  follow(after: string | undefined, listener: (event: DeliveredEvent) => void): Promise<() => void>;
  /** Begins delivery to durable subscribers (the worker role). */
  start(): void;
  stop(): Promise<void>;
}

/** What an operator and the worker need of the outbox besides. */
export interface Outbox extends Events {
  /** Events that a subscriber failed to take however often it tried, the latest first. */
  setAside(limit: number): Promise<SetAside[]>;
  /** Gives a set aside event to its subscriber again. @throws AppError `not_found` */
  tryAgain(subscriber: string, position: string): Promise<void>;
  /** Forgets what is old. */
  jobs: Job[];
}

export interface SetAside {
  subscriber: string;
  event: DeliveredEvent;
  tries: number;
  error: string;
  setAsideMs: number;
}
