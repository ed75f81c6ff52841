import type {
  CanaryVerdict,
  ColdStart,
  Deployment,
  DeploymentSettings,
  EndpointExample,
  EndpointInput,
  EndpointStats,
  EndpointSummary,
  Feedback,
  LoggedPrediction,
  PredictAnswer,
  PredictionOrigin,
  Revision,
  Route,
  ServingEndpoint,
  ServingEngine,
} from "@atrium/contract/serving";
import type { Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Signature, Tensor } from "#ports/engines";
import type { EndpointAt } from "./gate.ts";
import type { Predictions } from "./predictions-door.ts";

export interface PageAsked {
  pageSize: number;
  pageToken?: string | undefined;
}

export interface NewEndpoint {
  name: string;
  description?: string | undefined;
  example?: EndpointExample | undefined;
  input: EndpointInput;
}

export interface EndpointChanges {
  description?: string | undefined;
  /** What forms and snippets show. */
  example?: EndpointExample | undefined;
  /** Null takes the chain away. */
  coldStart?: ColdStart | null | undefined;
}

export interface NewDeployment {
  /** `models:/NAME/VERSION` or `models:/NAME@ALIAS`. */
  model: string;
  engine?: ServingEngine | undefined;
  /** Percent. */
  weight: number;
  settings: DeploymentSettings;
}

/** Endpoints and what they route to. Every change is audited and announced, in one transaction with itself. */
export interface EndpointsDoor {
  list(actor: Actor, projectId: string, asked: PageAsked): Promise<Page<ServingEndpoint>>;
  /** @throws AppError `conflict` with reason `already_exists`, `invalid` (a cold start that cannot be honoured) */
  create(actor: Actor, projectId: string, given: NewEndpoint): Promise<ServingEndpoint>;
  get(actor: Actor, at: EndpointAt): Promise<ServingEndpoint>;
  update(actor: Actor, at: EndpointAt, changes: EndpointChanges): Promise<ServingEndpoint>;
  delete(actor: Actor, at: EndpointAt): Promise<void>;
  /** Answers at once; the deployment takes traffic after its warm-up. @throws AppError `invalid`, `not_found` */
  deploy(actor: Actor, at: EndpointAt, given: NewDeployment): Promise<Deployment>;
  /** @throws AppError `conflict` while it has traffic */
  retire(actor: Actor, at: EndpointAt, deploymentId: string): Promise<void>;
  /** @throws AppError `conflict` when one of the deployments is not ready, `invalid` */
  setTraffic(actor: Actor, at: EndpointAt, routes: readonly Route[]): Promise<ServingEndpoint>;
  /** @throws AppError `conflict` when a deployment of that revision is gone */
  rollBack(actor: Actor, at: EndpointAt, revision?: number): Promise<ServingEndpoint>;
  revisions(actor: Actor, at: EndpointAt, asked: PageAsked): Promise<Page<Revision>>;
}

/** One request to an endpoint; its permission was checked at the gate, and nothing here asks the database. */
export interface Call {
  projectId: string;
  endpoint: string;
  /** A model version among those that are routed to; any when not given. */
  version?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Times under which predictions are logged, milliseconds since 1970 UTC: one for all, or one for each row. */
export interface Replay {
  atMs?: number | readonly number[] | undefined;
}

export interface Served {
  predictionIds: readonly string[];
  deployment: string;
  model: { name: string; version: number };
}

/** What answers requests. Errors carry `reason: "deadline"` past the deadline and `"restarting"` while an engine is. */
export interface Gateway {
  infer(call: Call, inputs: readonly Tensor[]): Promise<Served & { outputs: readonly Tensor[] }>;
  /** One row for each prediction; see `EndpointInput`. @throws AppError `invalid` (a time in the future, or none for each row) */
  predict(call: Call, instances: readonly Record<string, unknown>[], replay?: Replay): Promise<PredictAnswer>;
  /** A body of the scoring protocol, answered as JSON text. @throws AppError `invalid` in that protocol's words */
  score(
    call: Call,
    body: { contentType: "application/json" | "text/csv"; bytes: Buffer },
  ): Promise<Served & { json: Buffer }>;
  /** What stands behind a name now; undefined when nothing does. */
  describe(projectId: string, endpoint: string): Described | undefined;
  names(projectId: string): readonly string[];
}

export interface Described {
  name: string;
  /** Of the deployments that are routed to, each once. */
  versions: readonly {
    /** Of the registered model. */
    model: string;
    version: number;
    engine: ServingEngine;
    signature: Signature;
    ready: boolean;
    /** Asked when wanted: it looks at the engine's processes. */
    stats(): InferenceStats;
  }[];
  ready: boolean;
}

/** Since this process opened the engine. */
export interface InferenceStats {
  answered: number;
  failed: number;
  lastMs: number;
  queueMs: number;
  workMs: number;
}

export interface FeedbackDoor {
  /** All or none. Answers how many. @throws AppError `not_found` naming an id that this endpoint never gave */
  send(actor: Actor, at: EndpointAt, given: readonly Feedback[]): Promise<number>;
}

export interface StatsAsked {
  fromMs: number;
  toMs: number;
  buckets: number;
}

/** The whole of serving, for routes, protocols and monitoring. */
export interface Serving {
  endpoints: EndpointsDoor;
  gateway: Gateway;
  feedback: FeedbackDoor;
  predictions: Predictions & {
    list(actor: Actor, at: EndpointAt, asked: PageAsked): Promise<Page<LoggedPrediction>>;
    get(actor: Actor, at: EndpointAt, predictionId: string): Promise<LoggedPrediction>;
    /** @throws AppError as `get`, and `forbidden` without a right to read lineage */
    origin(actor: Actor, at: EndpointAt, predictionId: string): Promise<PredictionOrigin>;
  };
  stats(actor: Actor, at: EndpointAt, asked: StatsAsked): Promise<EndpointStats>;
  /** Of every endpoint of a project that was asked in that time. */
  allStats(
    actor: Actor,
    projectId: string,
    asked: StatsAsked,
  ): Promise<{ stepMs: number; items: EndpointSummary[] }>;
  canary(actor: Actor, at: EndpointAt): Promise<CanaryVerdict>;
  /** Writes down all predictions that this process has answered and still holds in memory. */
  settle(): Promise<void>;
  /** Starts the engines of everything that is routed to and follows changes; for processes that answer requests. */
  start(): Promise<void>;
  stop(): Promise<void>;
}
