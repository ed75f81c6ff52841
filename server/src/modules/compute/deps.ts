import type { Clock } from "#lib/clock";
import type { Log } from "#lib/log";
import type { Artifacts } from "#modules/artifacts";
import type { AuditTrail } from "#modules/audit";
import type { AccessControl, JobTokens } from "#modules/identity";
import type { Lineage } from "#modules/lineage";
import type { Projects } from "#modules/projects";
import type { Database } from "#ports/database";
import type { Events } from "#ports/events";
import type { Executor } from "#ports/executor";
import type { Leases } from "#ports/leases";
import type { PythonPackages } from "#ports/python-packages";

/** What compute stands on; wiring hands it in. */
export interface ComputeDeps {
  db: Database;
  clock: Clock;
  log: Log;
  leases: Leases;
  access: AccessControl;
  audit: AuditTrail;
  events: Pick<Events, "announce">;
  projects: Pick<Projects, "secretValues" | "listSecrets">;
  artifacts: Artifacts;
  lineage: Pick<Lineage, "link">;
  jobTokens: JobTokens;
  executor: Executor;
  packages: PythonPackages;
  /** Where environments lie, one folder each. */
  environmentsDirectory: string;
  /** Takes what jobs print, line by line; never throws. */
  logLines(lines: readonly JobLine[]): void;
  /** Keeps what jobs' processes took. */
  recordMetrics(projectId: string, points: readonly JobMetric[]): Promise<unknown>;
  /** What a job needs to reach this server; undefined until it listens. */
  serverAddress(): ServerAddress | undefined;
  /** Where programs lie, proxies, certificates: the beginning of every job's environment. */
  programs: Readonly<Record<string, string>>;
  /** Words of clients for where the server is and who they are; see `variables.ts`. */
  clientVariables: ClientVariables;
}

export interface JobLine {
  projectId: string;
  atMs: number;
  level: "info";
  message: string;
  labels: Readonly<Record<string, string>>;
}

export interface JobMetric {
  name: string;
  kind: "counter" | "gauge";
  unit: string;
  help: string;
  labels: Readonly<Record<string, string>>;
  atMs: number;
  value: number;
  counts: "total";
}

export interface ServerAddress {
  url: string;
  /** Trusted by clients when the certificate is our own. */
  authorityFile?: string | undefined;
}

/** Environment variables by which clients of other protocols find us. */
export type ClientVariables = (given: ClientsGiven) => Readonly<Record<string, string>>;

export interface ClientsGiven {
  url: string;
  token: string;
  /** A file of whom to trust, when our own certificate is not signed by those whom everybody trusts. */
  authorities: string | undefined;
  /** By which the job's log lines and metrics are found. */
  labels: Readonly<Record<string, string>>;
  /** `name==version` of what its environment has; empty when it asked for none. */
  packages: readonly string[];
}
