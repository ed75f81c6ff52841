import type { Clock } from "#lib/clock";
import type { OwnAddress } from "#lib/webhook";
import type { AuditTrail } from "#modules/audit";
import type { AccessControl, Actor } from "#modules/identity";
import type { Projects } from "#modules/projects";
import type { Database } from "#ports/database";
import type { Events } from "#ports/events";
import type { OfflineColumn, OfflineEngine, OfflineTable } from "#ports/offline-engine";

/** What monitoring stands on; wiring hands it in. */
export interface MonitoringDeps {
  db: Database;
  clock: Clock;
  access: AccessControl;
  audit: AuditTrail;
  events: Pick<Events, "announce">;
  projects: Pick<Projects, "all" | "byId" | "get" | "secretValues" | "keys">;
  engine: Pick<OfflineEngine, "query">;
  sources: Sources;
  /** This server's own address, once it listens: a webhook may lead there, though it is inside. */
  ownAddress?: (() => OwnAddress | undefined) | undefined;
  /** Starts a pipeline for an incident, once for a key; without it the event alone tells who wants to know. */
  startPipeline?: StartPipeline | undefined;
}

/** Where rows come from: what neighbours offer, each by its own front door. */
export interface Sources {
  /** The newest version when none is given; the answer says which it is. */
  dataset(
    actor: Actor,
    at: { projectId: string; name: string; version?: number | undefined },
  ): Promise<Rows & { version: number; digest: string }>;
  trainingSet(
    actor: Actor,
    at: { projectId: string; name: string; number?: number | undefined },
  ): Promise<Rows & { number: number }>;
  /** Answered requests, made in a time. */
  predictions(actor: Actor, asked: EndpointRange): Promise<Rows>;
  /** Labels of the predictions made in a time, one a prediction: `prediction_id`, `received_ms`, `label`, `label_number`. */
  labels(actor: Actor, asked: EndpointRange): Promise<Rows>;
}

export interface EndpointRange {
  projectId: string;
  endpoint: string;
  /** It belongs to the range, and `toMs` does not. */
  fromMs: number;
  toMs: number;
}

export interface Rows {
  table: OfflineTable;
  columns: readonly OfflineColumn[];
  rowCount: number;
}

export type StartPipeline = (
  actor: Actor,
  wanted: {
    projectId: string;
    pipeline: string;
    parameters: Readonly<Record<string, string | number | boolean>>;
    /** The same key starts nothing twice: it answers with the run that stands. */
    key: string;
    /** Said by the run about itself. */
    incidentId: string;
  },
) => Promise<{ runId: string }>;
