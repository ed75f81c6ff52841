import type { Tx } from "#ports/database";

/** Who did it, as audit needs to know it; identity's Actor fits. */
export interface AuditActor {
  kind: string;
  id: string;
  name: string;
  via: { kind: string; id: string };
  request: { id: string; ip: string; userAgent: string };
}

/** One thing that happened. `details` holds small facts (no secret, no value of user data), at most 8 KiB as JSON. */
export interface AuditEntry {
  /** Past tense with its thing: `run.finished`, `token.created`, `artifact.read`. */
  action: string;
  resource: { type: string; id: string; name?: string };
  organisationId?: string;
  projectId?: string;
  outcome?: "done" | "denied" | "failed";
  details?: Record<string, unknown>;
}

/** What other modules see of audit. */
export interface AuditTrail {
  /** Appends to the chain inside the caller's transaction; call it last, for on PostgreSQL it holds the chain's lock. */
  record(tx: Tx, actor: AuditActor, entry: AuditEntry): Promise<void>;
  /**
   * Records a high-rate action (reads of data, metric logging) once a minute for the same actor, action and resource,
   * durable before it resolves. Cheap when the minute's record stands already.
   */
  recordAccess(actor: AuditActor, entry: AuditEntry): Promise<void>;
}
