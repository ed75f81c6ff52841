import type { Clock } from "#lib/clock";
import type { Log } from "#lib/log";
import type { Artifacts } from "#modules/artifacts";
import type { AuditTrail } from "#modules/audit";
import type { Jobs } from "#modules/compute";
import type { AccessControl } from "#modules/identity";
import type { Lineage } from "#modules/lineage";
import type { Database } from "#ports/database";
import type { Events } from "#ports/events";

export type JobStatus = Awaited<ReturnType<Jobs["get"]>>;

/** What notebooks stand on; wiring hands it in. */
export interface NotebooksDeps {
  db: Database;
  clock: Clock;
  log: Log;
  access: AccessControl;
  audit: AuditTrail;
  events: Pick<Events, "announce" | "subscribe">;
  lineage: Pick<Lineage, "link" | "rename">;
  artifacts: Pick<Artifacts, "putAll" | "get" | "remove" | "registerOwner">;
  jobs: Pick<Jobs, "submit" | "checkSubmit" | "cancel" | "find" | "target" | "isOwn">;
  /** This one: what runs elsewhere cannot be reached by its socket. */
  machine: string;
  /** The data key from which each server's own is derived. */
  instanceKey(): Promise<Buffer>;
  /** Where servers' sockets lie: in memory, for us alone, and a short path, for the system takes a hundred characters. */
  socketsDirectory: string;
  /** The folder of our Python packages. */
  pythonDirectory: string;
  /** What Jupyter itself is, in a locked environment of its own. */
  jupyter: readonly string[];
  /** What every kernel has: itself, and the clients of the protocols that are spoken here. */
  kernels: readonly string[];
  /** Without use for so long a server stops. */
  idleMs: number;
}
