import type { Clock } from "#lib/clock";
import type { Logger } from "#lib/log";
import type { Metrics } from "#lib/metrics";
import type { AuditTrail } from "#modules/audit";
import type { AccessControl } from "#modules/identity";
import type { Projects } from "#modules/projects";
import type { Database } from "#ports/database";

/** What telemetry stands on; wiring hands it in. */
export interface TelemetryDeps {
  db: Database;
  clock: Clock;
  access: AccessControl;
  audit: Pick<AuditTrail, "recordAccess">;
  projects: Pick<Projects, "resolve" | "byId" | "all" | "get" | "checkQuota" | "keys">;
  /** The data key that seals what belongs to no project; the key ring keeps it for the purpose `telemetry`. */
  instanceKey(): Promise<Buffer>;
  /** The process's own numbers: sampled into the store, and told of how telemetry itself fares. */
  metrics: Metrics;
  log: Logger;
  /** Names this process among several that share the database; it becomes a label of its metrics. */
  processName?: string | undefined;
}
