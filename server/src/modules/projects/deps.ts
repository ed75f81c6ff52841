import type { Clock } from "#lib/clock";
import type { AuditTrail } from "#modules/audit";
import type { AccessControl } from "#modules/identity";
import type { Database } from "#ports/database";
import type { Events } from "#ports/events";
import type { Secrets } from "#ports/secrets";

/** What projects stand on; wiring hands it in. */
export interface ProjectsDeps {
  db: Database;
  clock: Clock;
  access: AccessControl;
  audit: AuditTrail;
  events: Events;
  secrets: Secrets;
}
