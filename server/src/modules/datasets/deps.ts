import type { Clock } from "#lib/clock";
import type { Artifacts } from "#modules/artifacts";
import type { AuditTrail } from "#modules/audit";
import type { AccessControl } from "#modules/identity";
import type { Lineage } from "#modules/lineage";
import type { Database } from "#ports/database";
import type { Events } from "#ports/events";
import type { OfflineEngine } from "#ports/offline-engine";
import type { ProjectKeys } from "#ports/secrets";

/** What datasets stand on; wiring hands it in. */
export interface DatasetsDeps {
  db: Database;
  clock: Clock;
  access: AccessControl;
  audit: AuditTrail;
  events: Pick<Events, "announce">;
  lineage: Pick<Lineage, "link" | "unlink" | "walk">;
  artifacts: Pick<Artifacts, "put" | "get" | "stat" | "copy" | "remove" | "registerOwner">;
  keys: ProjectKeys;
  engine: Pick<OfflineEngine, "query" | "export">;
}
