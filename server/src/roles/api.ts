import { hostname } from "node:os";
import { operationsApi } from "@atrium/contract/operations";
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from "fastify";
import { systemClock } from "#lib/clock";
import type { Serve } from "#lib/http";
import type { TimedRequest } from "#lib/http-metrics";
import type { KeySealer } from "#lib/tls";
import { artifactsRoutes } from "#modules/artifacts";
import { auditRoutes } from "#modules/audit";
import { computeRoutes } from "#modules/compute";
import { datasetsRoutes } from "#modules/datasets";
import { featureStoreRoutes } from "#modules/feature-store";
import { type Actor, type Credentials, identityRoutes } from "#modules/identity";
import { lineageRoutes } from "#modules/lineage";
import { monitoringRoutes } from "#modules/monitoring";
import { notebooksRoutes } from "#modules/notebooks";
import { pipelinesRoutes } from "#modules/pipelines";
import { projectsRoutes } from "#modules/projects";
import { registryRoutes } from "#modules/registry";
import { samplesRoutes } from "#modules/samples";
import { servingRoutes } from "#modules/serving";
import { telemetryRoutes } from "#modules/telemetry";
import { trackingRoutes } from "#modules/tracking";
import type { Events } from "#ports/events";
import type { Config } from "../config.ts";
import { mountFeast } from "../protocols/feast/routes.ts";
import { mountKfp } from "../protocols/kfp/routes.ts";
import { clientTags } from "../protocols/mlflow/client-tags.ts";
import { mountMlflow } from "../protocols/mlflow/routes.ts";
import { directInference, mountOpenInference } from "../protocols/open-inference/routes.ts";
import { mountOtlp } from "../protocols/otlp/routes.ts";
import { mountPrometheus } from "../protocols/prometheus/routes.ts";
import { mountScoring } from "../protocols/scoring/routes.ts";
import type { Modules } from "../wiring.ts";
import { type App, createApp, type Others } from "./api/app.ts";
import { type Certificate, certificateFor } from "./api/certificate.ts";
import { createGrpcDoor } from "./api/grpc.ts";
import { type Listener, listen } from "./api/listener.ts";
import { mountLive } from "./api/live.ts";
import { mountOperations } from "./api/operations.ts";
import type { BackupManifest } from "./backup-files.ts";
import { mountNotebookProxy } from "./notebook-proxy.ts";

const DRAIN_MS = 10_000; // What a request under way gets to finish in; supervisors kill after 30 s or more.
const RENEWAL_CHECK_MS = 3600 * 1000; // A certificate has 45 days left when its time comes.

export interface ApiDeps {
  config: Config;
  modules: Modules;
  events: Events;
  sealer: KeySealer;
  log: FastifyBaseLogger;
  version: string;
  startedMs: number;
  ready(): Promise<boolean>;
  /** Prometheus text of this process. */
  exposition(): string;
  /** Looks at each request's duration, and takes those of requests that the framework did not see. */
  observe(app: FastifyInstance): (request: TimedRequest) => void;
  backup(target: string): Promise<BackupManifest>;
}

export interface RunningApi {
  url: string;
  /** Trusted by clients when the certificate is our own. */
  authorityFile: string | undefined;
  /** Refuses new work, lets what is under way finish, then closes. */
  stop(): Promise<void>;
}

/** The role that answers: every route of every protocol on one port. @throws AppError when the port cannot be had */
export async function startApi(deps: ApiDeps): Promise<RunningApi> {
  const { config } = deps;
  const certificate = await certificateFor(config, deps.sealer);
  const app = await buildApp(deps);
  const grpc = createGrpcDoor(deps.ready);
  const listener = await listen({
    host: config.listen.host,
    port: config.listen.port,
    http: app.http,
    onHttp2: (socket) => grpc.accept(socket),
    ...(certificate === undefined ? {} : { tls: certificate }),
  });
  const stopRenewing = keepRenewing(deps, certificate, listener);
  return {
    url: addressOf(config, listener.port),
    authorityFile: certificate?.authorityFile,
    stop: async () => {
      stopRenewing();
      const closed = listener.stop();
      await Promise.race([Promise.all([drain(app), grpc.stop()]), after(DRAIN_MS)]);
      listener.destroy();
      await closed;
    },
  };
}

/** Everything that listens to nothing yet: tests ask it without a socket. */
export async function buildApp(deps: ApiDeps): Promise<App> {
  const { config, modules } = deps;
  return createApp({
    allowedHosts: config.allowedHosts,
    listenHost: config.listen.host,
    encrypted: config.tls.kind !== "off",
    logger: deps.log,
    access: modules.identity.access,
    authenticate: (request) => modules.identity.authenticate(credentialsOf(request)),
    checkCsrf: (request, actor) => modules.identity.checkCsrf(actor, request),
    resolveProject: (slugOrId) => modules.projects.resolve(slugOrId),
    observe: deps.observe,
    mount: (app, serve, others) => mountAll(deps, app, { serve, ...others }),
  });
}

async function mountAll(
  deps: ApiDeps,
  app: FastifyInstance,
  { serve, endpoints, direct }: Others & { serve: Serve<Actor> },
): Promise<void> {
  const { modules, events, version, ready, exposition } = deps;
  const { identity, projects, audit, lineage, artifacts, compute, datasets } = modules;
  const { tracking, registry, telemetry, serving } = modules;
  const { access } = identity;
  const stillSignedIn = (request: FastifyRequest) => identity.authenticate(credentialsOf(request));
  identityRoutes(serve, identity);
  projectsRoutes(serve, projects);
  auditRoutes(serve, audit, access);
  lineageRoutes(serve, lineage);
  artifactsRoutes(serve, artifacts);
  datasetsRoutes(serve, datasets);
  computeRoutes(serve, compute);
  trackingRoutes(serve, tracking, clientTags);
  registryRoutes(serve, registry);
  featureStoreRoutes(serve, modules.features);
  notebooksRoutes(serve, modules.notebooks);
  pipelinesRoutes(serve, modules.pipelines);
  samplesRoutes(serve, modules.samples);
  monitoringRoutes(serve, modules.monitoring);
  servingRoutes(serve, serving);
  telemetryRoutes(serve, telemetry, { stillSignedIn });
  ownRoutes(deps, serve);
  mountLive(app, { events, access, stillSignedIn });
  mountOperations(app, { version, ready, exposition, endpoints });
  await mountNotebookProxy(app, {
    ...{ servers: modules.notebooks.servers, access, stillSignedIn },
    encrypted: deps.config.tls.kind !== "off",
  });
  await mountFeast(app, { features: modules.features, clock: systemClock });
  await mountKfp(app, { pipelines: modules.pipelines, tracking, version });
  await mountMlflow(app, { tracking, registry, artifacts, projects, version });
  await mountOtlp(app, { telemetry });
  const inference = { serving, version, log: deps.log };
  await mountOpenInference(app, inference);
  direct.add(directInference(inference));
  await mountScoring(app, { serving });
  await mountPrometheus(app, { telemetry, clock: systemClock });
}

function ownRoutes({ config, version, startedMs, backup, modules }: ApiDeps, serve: Serve<Actor>): void {
  serve(operationsApi.about, async () => ({
    version,
    database: config.database.engine,
    roles: [...config.roles],
    startedMs,
    encrypted: {
      database: config.database.engine === "sqlite",
      files: true,
      listener: config.tls.kind !== "off",
    },
  }));
  serve(operationsApi.backup, async ({ actor, body: { target } }) => {
    const resource = { type: "instance", id: "backup" };
    await modules.identity.access.require(actor, "instance:write", { kind: "instance" });
    await modules.audit.recordAccess(actor, { action: "backup.started", resource, details: { target } });
    const { createdMs, keyId, files } = await backup(target);
    const bytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    return { target, createdMs, keyId, files: files.length, bytes };
  });
}

function credentialsOf(request: Pick<FastifyRequest, "id" | "ip" | "headers">): Credentials {
  const { authorization, cookie, "user-agent": userAgent = "" } = request.headers;
  return { authorization, cookie, ip: request.ip, userAgent, requestId: request.id };
}

/** Ends the streams, refuses what still comes over open connections, and waits for what is being answered. */
async function drain(app: App): Promise<void> {
  app.endStreams();
  await app.fastify.close();
  await app.idle();
}

/** A certificate of our own is renewed while the server runs; new connections get the new one. */
function keepRenewing(deps: ApiDeps, first: Certificate | undefined, listener: Listener): () => void {
  let current = first;
  const timer = setInterval(async () => {
    if (current?.renewAtMs === undefined || Date.now() < current.renewAtMs) return;
    try {
      current = await certificateFor(deps.config, deps.sealer);
      if (current !== undefined) listener.useCertificate(current);
    } catch (thrown) {
      deps.log.error({ err: thrown }, "the certificate could not be renewed");
    }
  }, RENEWAL_CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function addressOf(config: Config, port: number): string {
  const { host } = config.listen;
  const shown = host === "0.0.0.0" || host === "::" ? hostname() : host.includes(":") ? `[${host}]` : host;
  return `${config.tls.kind === "off" ? "http" : "https"}://${shown}:${port}`;
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
