import type { Clock } from "#lib/clock";
import type { Artifacts } from "#modules/artifacts";
import type { AuditTrail } from "#modules/audit";
import type { AccessControl } from "#modules/identity";
import type { Lineage } from "#modules/lineage";
import type { Projects } from "#modules/projects";
import type { Database } from "#ports/database";
import type { Events } from "#ports/events";
import type { ClientTags } from "./run.ts";

/** What tracking stands on; wiring hands it in. */
export interface TrackingDeps {
  db: Database;
  clock: Clock;
  access: AccessControl;
  audit: AuditTrail;
  events: Pick<Events, "announce">;
  projects: Pick<Projects, "checkQuota">;
  lineage: Pick<Lineage, "link">;
  artifacts: Pick<Artifacts, "registerOwner">;
  clientTags: ClientTags;
}
