import type { Clock } from "#lib/clock";
import type { AuditTrail } from "#modules/audit";
import type { Database } from "#ports/database";
import type { Events } from "#ports/events";
import type { Connection } from "./cookie.ts";
import type { ProjectDirectory } from "./door.ts";

/** What identity stands on; wiring hands it in. */
export interface IdentityDeps {
  db: Database;
  clock: Clock;
  audit: AuditTrail;
  events: Events;
  /** The projects module stands above; wiring passes its two look-ups down. */
  directory: ProjectDirectory;
  /** `encrypted` when people reach the server by TLS, its own or a proxy's. */
  connection: Connection;
}
