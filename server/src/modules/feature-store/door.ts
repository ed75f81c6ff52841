import type {
  Entity,
  FeatureType,
  KeyType,
  Materialization,
  NewEntity,
  NewService,
  NewTrainingSet,
  NewView,
  Service,
  TrainingSet,
  View,
} from "@atrium/contract/feature-store";
import type { Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { OfflineColumn, OfflineTable } from "#ports/offline-engine";

/** Why a feature has the value it has. */
export type FeatureStatus = "present" | "null" | "missing" | "stale";

export type FeatureValue = string | number | boolean | null | readonly FeatureValue[];

/** One column of an answer: an item for each entity row. */
export interface FeatureColumn {
  /** `view:feature`, or `feature` alone where names are unique. */
  name: string;
  view: string;
  values: readonly FeatureValue[];
  statuses: readonly FeatureStatus[];
  /** When the value was true; null when there is none. */
  eventMs: readonly (number | null)[];
}

/** What a feature service needs to be asked for and answers with. */
export interface FeatureServiceShape {
  name: string;
  joinKeys: readonly { name: string; type: KeyType }[];
  features: readonly { name: string; view: string; type: FeatureType; default: FeatureValue | undefined }[];
}

/** Reads that touch no database: definitions are held in memory and follow events. Permission is the caller's business. */
export interface OnlineFeatures {
  service(projectId: string, name: string): FeatureServiceShape | undefined;
  /** The same of features that are named one by one; in the order in which they are read. @throws AppError `not_found` */
  shape(projectId: string, features: readonly FeatureRef[]): Omit<FeatureServiceShape, "name">;
  /**
   * One row of values for each row of keys. A stale or missing value is null here; defaults are the caller's choice.
   * @throws AppError `invalid` (a join key that is missing or of another type), `not_found` (no such service)
   */
  read(
    projectId: string,
    service: string,
    keys: readonly Readonly<Record<string, string | number>>[],
  ): Promise<readonly FeatureColumn[]>;
}

/** Names a definition; its newest version when `version` is not given. */
export interface DefinitionAt {
  projectId: string;
  name: string;
  version?: number | undefined;
}

export interface PageAsked {
  pageSize: number;
  pageToken?: string | undefined;
}

/** Definitions of one kind: a version never changes, and saving what the newest version says already makes none. */
export interface Definitions<New, Shown> {
  /** @throws AppError `invalid` when it does not fit its neighbours or its dataset, with the path of what does not */
  save(actor: Actor, projectId: string, given: New): Promise<Shown>;
  get(actor: Actor, at: DefinitionAt): Promise<Shown>;
  list(actor: Actor, projectId: string, asked: PageAsked): Promise<Page<Shown>>;
  /** @throws AppError `conflict` while another definition uses it */
  delete(actor: Actor, at: Omit<DefinitionAt, "version">): Promise<void>;
}

/** A feature by its view, as `view:feature` or `view@v2:feature` names it. */
export interface FeatureRef {
  view: string;
  version?: number | undefined;
  feature: string;
}

export type KeyRow = Readonly<Record<string, string | number>>;
export type DataRow = Readonly<Record<string, FeatureValue>>;

export interface PushGiven {
  projectId: string;
  /** A push source, or a view. */
  source: string;
  /** Columns of the views' dataset: join keys, time, and what the features are read from. */
  rows: readonly DataRow[];
  to: "online" | "offline" | "both";
}

/** How many rows were written, kept as they were for being newer, and appended to the views' history. */
export interface PushDone {
  written: number;
  kept: number;
  appended: number;
}

export interface TrainingSetTable {
  set: TrainingSet;
  columns: readonly OfflineColumn[];
  table: OfflineTable;
}

/** Features: definitions, history, what is online, training sets. Every use asks for `feature:read` or `feature:write`. */
export interface FeatureStore {
  entities: Definitions<NewEntity, Entity>;
  views: Definitions<NewView, View>;
  services: Definitions<NewService, Service>;
  /** Online reads for callers that have asked for permission already. */
  online: OnlineFeatures;
  /** As `online.read`, of an actor, with the reading recorded. */
  readService(actor: Actor, at: DefinitionAt, keys: readonly KeyRow[]): Promise<readonly FeatureColumn[]>;
  readFeatures(
    actor: Actor,
    asked: { projectId: string; features: readonly FeatureRef[]; keys: readonly KeyRow[] },
  ): Promise<readonly FeatureColumn[]>;
  /** @throws AppError `invalid` (a column that is missing or of another type), `not_found` (no view takes this source) */
  push(actor: Actor, given: PushGiven): Promise<PushDone>;
  /** Writes a view's features by their own names, computed elsewhere: `eventMs` and `createdMs` decide what wins. */
  write(actor: Actor, at: DefinitionAt, rows: readonly WrittenRow[]): Promise<Omit<PushDone, "appended">>;
  /** A copy of all online values as of one moment, sealed as they are, into an existing, empty folder. */
  copyOnline(folder: string): Promise<void>;
  materialize(
    actor: Actor,
    at: DefinitionAt,
    asked: { asOfMs?: number | undefined; mode: Materialization["mode"] },
  ): Promise<Materialization>;
  materialization(actor: Actor, projectId: string, id: string): Promise<Materialization>;
  materializations(actor: Actor, at: DefinitionAt, asked: PageAsked): Promise<Page<Materialization>>;
  createTrainingSet(actor: Actor, projectId: string, asked: NewTrainingSet): Promise<TrainingSet>;
  trainingSet(actor: Actor, at: { projectId: string; name: string; number: number }): Promise<TrainingSet>;
  trainingSets(
    actor: Actor,
    projectId: string,
    asked: PageAsked & { name?: string | undefined },
  ): Promise<Page<TrainingSet>>;
  /** A finished set's rows, to be read by the offline engine. @throws AppError `conflict` when it is not finished */
  trainingSetTable(
    actor: Actor,
    at: { projectId: string; name: string; number: number },
  ): Promise<TrainingSetTable>;
  /** Loads definitions and follows their changes; call it once, before serving. */
  start(): Promise<void>;
  /** Closes the online store, too. */
  stop(): Promise<void>;
}

export interface WrittenRow {
  keys: KeyRow;
  features: DataRow;
  eventMs: number;
  createdMs: number;
}
