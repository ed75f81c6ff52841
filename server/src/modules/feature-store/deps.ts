import type { Clock } from "#lib/clock";
import type { Log } from "#lib/log";
import type { Artifacts } from "#modules/artifacts";
import type { AuditTrail } from "#modules/audit";
import type { Datasets } from "#modules/datasets";
import type { AccessControl } from "#modules/identity";
import type { Lineage } from "#modules/lineage";
import type { Projects } from "#modules/projects";
import type { Database } from "#ports/database";
import type { Events } from "#ports/events";
import type { OfflineEngine } from "#ports/offline-engine";
import type { OnlineStore } from "#ports/online-store";

/** What the feature store stands on; wiring hands it in. */
export interface FeatureStoreDeps {
  db: Database;
  clock: Clock;
  log: Log;
  access: AccessControl;
  audit: AuditTrail;
  events: Pick<Events, "announce" | "follow">;
  projects: Pick<Projects, "all" | "keys">;
  lineage: Pick<Lineage, "link" | "unlink">;
  artifacts: Pick<Artifacts, "put" | "get" | "registerOwner">;
  datasets: Pick<Datasets, "table">;
  offline: Pick<OfflineEngine, "query" | "export">;
  online: OnlineStore;
  /** Names of files that this process is writing right now: nobody else writes below the module's folder. */
  writing: Set<string>;
}
