import type { Clock } from "#lib/clock";
import type { Logger } from "#lib/log";
import type { Metrics } from "#lib/metrics";
import type { Artifacts } from "#modules/artifacts";
import type { AuditTrail } from "#modules/audit";
import type { Environments } from "#modules/compute";
import type { Datasets } from "#modules/datasets";
import type { FeatureColumn, FeatureServiceShape, OnlineFeatures } from "#modules/feature-store";
import type { AccessControl, Actor } from "#modules/identity";
import type { Lineage } from "#modules/lineage";
import type { Projects } from "#modules/projects";
import type { Registry } from "#modules/registry";
import type { Blobs } from "#ports/blobs";
import type { Database } from "#ports/database";
import type { Engines } from "#ports/engines";
import type { Events } from "#ports/events";
import type { OfflineEngine } from "#ports/offline-engine";

export type { FeatureColumn, FeatureServiceShape };

/** What serving stands on; wiring hands it in. */
export interface ServingDeps {
  db: Database;
  clock: Clock;
  access: AccessControl;
  audit: AuditTrail;
  events: Pick<Events, "announce" | "follow">;
  projects: Pick<Projects, "keys">;
  lineage: Pick<Lineage, "link" | "unlink" | "walk">;
  artifacts: Pick<Artifacts, "list" | "get">;
  registry: Pick<Registry, "versionByAlias"> & { versions: Pick<Registry["versions"], "get"> };
  /** What a run's client said of its code; undefined for a run that is gone or that the actor may not see. */
  sourceOf(actor: Actor, at: { projectId: string; runId: string }): Promise<RunSource | undefined>;
  environments: Pick<Environments, "ensure">;
  datasets: Pick<Datasets, "table">;
  features: OnlineFeatures;
  offline: Pick<OfflineEngine, "query" | "export">;
  engines: Engines;
  /** Sealed objects of the prediction log, in a place of their own: whoever tidies files knows nothing of them. */
  segments: Blobs;
  /** Where what is predicted waits until it becomes a segment. */
  journalDirectory: string;
  /** How many processes write there: one takes over at its start all that lies there, many what is old. */
  writers: "one" | "many";
  metrics: Metrics;
  log: Logger;
  /** Takes what engines print and what endpoints say, for the project's log. */
  writeLog(lines: readonly EndpointLogLine[]): void;
  /** Takes what endpoints and engines measured, for the project's metrics. */
  recordMetrics(
    projectId: string,
    points: readonly EndpointPoint[],
  ): Promise<{ lost: number; reason?: string }>;
}

export interface RunSource {
  runName: string;
  program?: string | undefined;
  commit?: string | undefined;
}

/** One number of one series; an increment is added to what its counter has come to. */
export interface EndpointPoint {
  name: string;
  kind: "counter" | "gauge";
  unit: string;
  help: string;
  labels: Readonly<Record<string, string>>;
  atMs: number;
  value: number;
  counts: "total" | "increment";
}

export interface EndpointLogLine {
  projectId: string;
  level: "info" | "warn";
  message: string;
  labels: Readonly<Record<string, string>>;
}
