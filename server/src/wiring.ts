import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { API_PREFIX } from "@atrium/contract/http";
import { samplesApi } from "@atrium/contract/samples";
import { commitOf } from "#lib/checkout";
import { type Clock, systemClock } from "#lib/clock";
import { AppError } from "#lib/errors";
import type { Job } from "#lib/jobs";
import type { Logger } from "#lib/log";
import type { Metrics } from "#lib/metrics";
import { type Artifacts, artifactsJobs, createArtifacts } from "#modules/artifacts";
import { type Audit, auditJobs, createAudit } from "#modules/audit";
import { type Compute, computeJobs, createCompute, type ServerAddress } from "#modules/compute";
import { createDatasets, type Datasets, datasetsJobs } from "#modules/datasets";
import { createFeatureStore, type FeatureStore, featureStoreJobs } from "#modules/feature-store";
import { createIdentity, type Identity, identityJobs } from "#modules/identity";
import { createLineage, type Lineage } from "#modules/lineage";
import { createMonitoring, type Monitoring, type Sources, type StartPipeline } from "#modules/monitoring";
import { createNotebooks, IDLE_MS, type Notebooks, notebooksJobs } from "#modules/notebooks";
import { createPipelines, type Pipelines, pipelinesJobs } from "#modules/pipelines";
import { createProjects, type Projects } from "#modules/projects";
import { createRegistry, type Registry, registryJobs } from "#modules/registry";
import {
  createCaller,
  createInbox,
  createSamplePlace,
  createSamples,
  flightsSteps,
  type Samples,
} from "#modules/samples";
import { createServing, type Serving, servingJobs } from "#modules/serving";
import { createTelemetry, telemetryJobs } from "#modules/telemetry";
import { createTracking, type Tracking, trackingJobs } from "#modules/tracking";
import type { Blobs } from "#ports/blobs";
import type { Database } from "#ports/database";
import type { Outbox } from "#ports/events";
import type { Leases } from "#ports/leases";
import type { OfflineEngine } from "#ports/offline-engine";
import type { OnlineStore } from "#ports/online-store";
import type { Secrets } from "#ports/secrets";
import type { Config } from "./config.ts";
import { openDiskBlobs } from "./ports/blobs/disk.ts";
import { openDatabase } from "./ports/database/open.ts";
import { createEngines } from "./ports/engines/children.ts";
import { createOutbox } from "./ports/events/outbox.ts";
import { openLocalExecutor } from "./ports/executor/local.ts";
import { createLeases } from "./ports/leases/database-leases.ts";
import { openDuckdb } from "./ports/offline-engine/duckdb.ts";
import { openLmdbOnlineStore } from "./ports/online-store/lmdb.ts";
import { createUv } from "./ports/python-packages/uv.ts";
import { type Keyring, openKeys } from "./ports/secrets/keyring.ts";
import { CLIENT as feastClient } from "./protocols/feast/client.ts";
import { CLIENT as kfpClient } from "./protocols/kfp/client.ts";
import { launcher } from "./protocols/kfp/launcher.ts";
import { createPlanReader } from "./protocols/kfp/spec/reader.ts";
import { CLIENT as mlflowClient } from "./protocols/mlflow/client.ts";
import { clientTags } from "./protocols/mlflow/client-tags.ts";
import { clientVariables } from "./protocols/mlflow/client-variables.ts";
import { stepTags, stepVariables } from "./protocols/mlflow/step-variables.ts";
import { toArtifactUri } from "./protocols/mlflow/translate/locations.ts";
import { webhookHeaders } from "./protocols/mlflow/webhook-headers.ts";
import { otelVariables } from "./protocols/otlp/client-variables.ts";

export const DATABASE_FILE = "atrium.db";
const MEMORY_DIRECTORY = "/dev/shm"; // Where Linux mounts one for everybody.
// Pinned: what is written for them is written for these.
const JUPYTER = "jupyterlab==4.6.6";
const KERNEL = "ipykernel==7.4.0";
const CLIENTS = [mlflowClient, kfpClient, feastClient];
const PROGRAM_ROOT = join(import.meta.dirname, "../..");
const FLIGHTS = join(PROGRAM_ROOT, "samples/flights");
const FLIGHTS_SHARES = [
  { engine: "onnx", weight: 100 },
  { engine: "pyfunc", weight: 10 }, // Leaves the other 90.
] as const;
const FLIGHTS_SERVED_WITH = /^(mlflow-skinny|scikit-learn|pandas|skops)==/; // As its pipeline writes it into models.
export const MIGRATIONS = join(import.meta.dirname, "../migrations");

/** What the whole process shares. */
export interface Base {
  config: Config;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
  /** How the programs that we start reach us: known once we listen, if we do. */
  reached: { at?: ServerAddress };
  /** Tells the person at the terminal, if one reads along. */
  say(line: string): void;
}

/** The engines behind the ports. They hold files and connections: close them in the reverse order. */
export interface Ports {
  db: Database;
  leases: Leases;
  events: Outbox;
  secrets: Secrets;
  keyring: Keyring;
  engine: OfflineEngine;
}

export interface Modules {
  audit: Audit;
  identity: Identity;
  projects: Projects;
  lineage: Lineage;
  artifacts: Artifacts;
  datasets: Datasets;
  compute: Compute;
  telemetry: ReturnType<typeof createTelemetry>;
  tracking: Tracking;
  registry: Registry;
  features: FeatureStore;
  notebooks: Notebooks;
  pipelines: Pipelines;
  monitoring: Monitoring;
  serving: Serving;
  samples: Samples;
}

/** Opens keys first: a wrong one must stop everything before a file is touched. @throws AppError */
export async function openPorts({ config, clock, log }: Base): Promise<Ports> {
  const { secrets, keyring } = await openKeys(config.dataDirectory, config.key);
  const file = join(config.dataDirectory, DATABASE_FILE);
  const key = await keyring.key("database");
  const db = await openDatabase({ database: config.database, file, key, migrations: MIGRATIONS });
  const leases = createLeases(db);
  const events = createOutbox({ db, clock, log, leases });
  return { db, leases, events, secrets, keyring, engine: openDuckdb() };
}

/** Opens the keys of a folder; answers with its database's. @throws AppError `unavailable` when the key is missing or another one */
export async function proveKey({ key }: Config, directory: string): Promise<Buffer> {
  const { keyring } = await openKeys(directory, key);
  return keyring.key("database");
}

/** Opens where a backup keeps its dump of PostgreSQL, sealed under the key of the database. */
export function openDumps(directory: string, key: Buffer): Promise<Blobs> {
  return openDiskBlobs({ directory, keys: { keyOf: async () => key } });
}

/** Builds every module, each on those below it, and the timetable of what the worker does for them. */
export async function buildModules(base: Base, ports: Ports): Promise<{ modules: Modules; jobs: Job[] }> {
  const { config, clock, log, metrics } = base;
  const { db, events, keyring, engine } = ports;
  const { audit, identity, projects } = buildPeople(base, ports);
  const { access } = identity;
  const lineage = createLineage({ db, clock, access });
  const blobs = await openBlobs(config, projects);
  const files = { db, clock, access, audit, events, projects, blobs };
  const artifacts = createArtifacts(files);
  const telemetry = createTelemetry({
    ...{ db, clock, access, audit, projects, metrics, log },
    instanceKey: () => keyring.key("telemetry"),
  });
  const compute = buildCompute(base, ports, {
    ...{ access, audit, events, projects, lineage, artifacts, identity, telemetry },
  });
  const shared = { db, clock, access, audit, events, projects, lineage, artifacts, clientTags };
  const curated = { ...shared, engine, keys: projects.keys };
  const datasets = createDatasets(curated);
  const tracking = createTracking(shared);
  const telling = { ownAddress: () => base.reached.at, webhookHeaders };
  const registry = createRegistry({ ...shared, tracking, ...telling });
  const { features, worker, online } = buildFeatures(base, ports, { ...shared, datasets });
  const notebooks = buildNotebooks(base, ports, { access, audit, lineage, artifacts, compute });
  const pipelines = createPipelines({
    ...{ ...shared, log, tracking, jobs: compute.jobs },
    ...{ readPlan: createPlanReader(), launcher, stepVariables, stepTags, artifactUri: toArtifactUri },
  });
  const projectIds = async () => (await projects.all()).map(({ id }) => id);
  const serves = await servingDeps(base, ports, {
    ...{ access, audit, projects, lineage, artifacts, registry, datasets, telemetry, compute, features },
    tracking,
  });
  const serving = createServing(serves);
  const sources = monitoringSources(datasets, features, serving);
  const monitoring = createMonitoring({
    ...curated,
    sources,
    startPipeline: startPipelineBy(pipelines),
    ownAddress: telling.ownAddress,
  });
  const samples = buildSamples(base, ports, {
    ...{ identity, projects, audit, telemetry, compute, datasets, features, pipelines, registry },
    ...{ serving, monitoring, notebooks },
  });
  const jobs = [
    ...auditJobs(audit),
    ...identityJobs({ db, clock }),
    ...artifactsJobs({ ...files, projectIds }),
    ...datasetsJobs({ ...curated, projectIds }),
    ...computeJobs({ keeping: compute.keeping, db, projectIds }),
    ...notebooksJobs({ db, keeping: notebooks.keeping, projectIds }),
    ...telemetryJobs(telemetry),
    ...trackingJobs({ db, projectIds }),
    ...registryJobs({ ...shared, ...telling, projectIds }),
    ...monitoring.jobs,
    ...featureStoreJobs({ db, online, worker, projectIds }),
    ...pipelinesJobs({ db, commands: pipelines.commands, projectIds }),
    ...servingJobs({ ...serves, projectIds }),
    ...samples.jobs,
    ...events.jobs,
  ];
  return {
    modules: {
      ...{ audit, identity, projects, lineage, artifacts, compute, telemetry },
      ...{ datasets, features, tracking, registry, serving, notebooks, pipelines, monitoring, samples },
    },
    jobs,
  };
}

/** Who there is, where they work, and the record of what they do: all others stand on these. */
function buildPeople(
  { config, clock }: Base,
  { db, events, secrets }: Ports,
): Pick<Modules, "identity" | "projects"> & { audit: Audit } {
  const checkpointFile = join(config.dataDirectory, "audit-checkpoints.txt");
  const audit = createAudit({ db, clock, secrets, checkpointFile });
  const connection = config.tls.kind === "off" ? "plain" : "encrypted";
  // Projects stand above identity and need its access; identity asks back for what lies where.
  const directory = {
    resolve: (slugOrId: string) => projects.resolve(slugOrId),
    byId: (id: string) => projects.byId(id),
    all: () => projects.all(),
  };
  const identity = createIdentity({ db, clock, audit, events, directory, connection });
  const projects: Projects = createProjects({
    ...{ db, clock, access: identity.access, audit, events, secrets },
  });
  return { audit, identity, projects };
}

/** Jobs run on this machine, in environments below the data folder. */
function buildCompute(
  base: Base,
  { db, leases }: Ports,
  { identity, telemetry, ...neighbours }: ComputeNeighbours,
): ReturnType<typeof createCompute> {
  const { config, clock, log } = base;
  const below = (folder: string) => join(config.dataDirectory, folder);
  return createCompute({
    ...{ ...neighbours, db, clock, log, leases },
    clientVariables: (given) => ({ ...otelVariables(given), ...clientVariables(given) }),
    jobTokens: identity.jobTokens,
    programs: config.programs,
    serverAddress: () => base.reached.at,
    logLines: telemetry.write,
    environmentsDirectory: join(config.cacheDirectory, "environments"),
    recordMetrics: telemetry.recordMetrics,
    executor: openLocalExecutor({ directory: below("attempts"), path: config.programs.PATH ?? "" }),
    packages: createUv({ directory: join(config.cacheDirectory, "python"), variables: config.programs }),
  });
}

/** Sockets lie in memory, below a name that no other data folder has: the system takes no long paths for them. */
function buildNotebooks(
  { config, clock, log }: Base,
  { db, events, keyring }: Ports,
  {
    compute,
    ...neighbours
  }: Pick<Parameters<typeof createNotebooks>[0], "access" | "audit" | "lineage" | "artifacts"> & {
    compute: ReturnType<typeof createCompute>;
  },
): ReturnType<typeof createNotebooks> {
  const name = createHash("sha256").update(config.dataDirectory).digest("hex").slice(0, 12);
  return createNotebooks({
    ...{ ...neighbours, db, clock, log, events },
    jobs: compute.jobs,
    machine: compute.keeping.machine,
    instanceKey: () => keyring.key("notebooks"),
    socketsDirectory: join(existsSync(MEMORY_DIRECTORY) ? MEMORY_DIRECTORY : tmpdir(), `atrium-${name}`),
    pythonDirectory: join(PROGRAM_ROOT, "python"),
    jupyter: [JUPYTER],
    kernels: [KERNEL, ...CLIENTS],
    idleMs: config.notebookIdleMs ?? IDLE_MS,
  });
}

type ComputeNeighbours = Pick<
  Parameters<typeof createCompute>[0],
  "access" | "audit" | "events" | "projects" | "lineage" | "artifacts"
> &
  Pick<Modules, "identity" | "telemetry">;

/** The action of an alert rule: a pipeline's newest version, in the name of who answers for the rule. */
function startPipelineBy({ runs }: Pipelines): StartPipeline {
  return async (actor, { projectId, pipeline, parameters, key, incidentId }) => {
    const origin = { type: "incident", id: incidentId };
    const { id } = await runs.start(actor, projectId, { pipeline, parameters, key, origin });
    return { runId: id };
  };
}

/** Where monitors find their rows. */
function monitoringSources(datasets: Datasets, features: FeatureStore, { predictions }: Serving): Sources {
  return {
    dataset: (actor, at) => datasets.table(actor, at),
    trainingSet: async (actor, { projectId, name, number }) => {
      const newest = async () =>
        (await features.trainingSets(actor, projectId, { name, pageSize: 1 })).items[0]?.number;
      const wanted = number ?? (await newest());
      if (wanted === undefined) throw new AppError("not_found", `There is no training set ${name}.`);
      const { set, table, columns } = await features.trainingSetTable(actor, {
        ...{ projectId, name },
        number: wanted,
      });
      return { number: wanted, table, columns, rowCount: set.rows ?? 0 };
    },
    predictions: (actor, range) => predictions.table(actor, range),
    labels: (actor, range) => predictions.labels(actor, range),
  };
}

/** The online store goes with the module: it is opened with projects' keys, and closed by it. */
function buildFeatures(
  { config, clock, log }: Base,
  { engine }: Ports,
  neighbours: Omit<Parameters<typeof createFeatureStore>[0], "clock" | "log" | "offline" | "online">,
): ReturnType<typeof createFeatureStore> & { online: OnlineStore } {
  const directory = join(config.dataDirectory, "online");
  const online = openLmdbOnlineStore({ directory, keys: neighbours.projects.keys });
  return { ...createFeatureStore({ ...neighbours, clock, log, offline: engine, online }), online };
}

type ServingDeps = Parameters<typeof createServing>[0];
type ServingNeighbours = Pick<
  ServingDeps,
  "access" | "audit" | "projects" | "lineage" | "artifacts" | "registry" | "datasets"
> &
  Pick<Modules, "compute" | "telemetry" | "features" | "tracking"> & { projects: Projects };

/** The prediction log lies in a folder of its own: whoever tidies blobs knows nothing of its segments. */
async function servingDeps(
  { config, clock, log, metrics }: Base,
  { db, events, engine }: Ports,
  { compute, telemetry, features, tracking, ...neighbours }: ServingNeighbours,
): Promise<ServingDeps> {
  const progress = (line: string) => log.info(line);
  return {
    ...{ db, clock, log, metrics, events, ...neighbours },
    sourceOf: runSources(tracking),
    environments: compute.environments,
    features: features.online,
    offline: engine,
    engines: createEngines({ root: PROGRAM_ROOT, progress }),
    segments: await openBlobs(config, neighbours.projects, "predictions/segments"),
    journalDirectory: join(config.dataDirectory, "predictions/journals"),
    writers: writersOf(config),
    writeLog: telemetry.write,
    recordMetrics: telemetry.recordMetrics,
  };
}

function runSources({ runs }: Tracking): ServingDeps["sourceOf"] {
  return async (actor, { projectId, runId }) => {
    const run = await runs.get(actor, projectId, runId).catch((thrown: unknown) => {
      if (thrown instanceof AppError && ["forbidden", "not_found"].includes(thrown.code)) return undefined;
      throw thrown;
    });
    const said = (tag: string) => run?.tags.find(({ key }) => key === tag)?.value;
    if (run === undefined) return undefined;
    return { runName: run.name, program: said(clientTags.program), commit: said(clientTags.commit) };
  };
}

type SampleNeighbours = Omit<Modules, "samples" | "audit" | "lineage" | "artifacts" | "tracking"> & {
  audit: Audit;
  notebooks: Pick<Modules["notebooks"], "files">;
};

/** The sample stands above all others, and comes in by their doors. */
function buildSamples(base: Base, { db, events }: Ports, given: SampleNeighbours): Samples {
  const { config, clock, log, say } = base;
  const { identity, projects, audit, telemetry, compute, ...others } = given;
  const address = () => base.reached.at;
  const place = createSamplePlace({ identity, projects });
  const inbox = () => base.reached.at && `${base.reached.at.url}${API_PREFIX}${samplesApi.takeAlert.path}`;
  return createSamples({
    ...{ db, clock, log, access: identity.access, audit, events, place, say },
    steps: flightsSteps({
      ...{ ...others, projects, environments: compute.environments, inbox },
      ...{ file: flightsFile, spec: join(FLIGHTS, "pipeline.yaml"), commit: commitOf(PROGRAM_ROOT) },
      ...{ shares: FLIGHTS_SHARES, sdk: kfpClient, servedWith: FLIGHTS_SERVED_WITH },
      ...{ requirements: join(FLIGHTS, "requirements.txt"), notebook: join(FLIGHTS, "explore.ipynb") },
    }),
    inbox: createInbox({ projects, place, clock, say, writeLog: telemetry.write }),
    caller: createCaller({
      ...{ identity, clock, address, directory: join(config.dataDirectory, "sample") },
    }),
  });
}

/** The data of the sample comes in a package of its own. */
function flightsFile(): string {
  const from = createRequire(join(PROGRAM_ROOT, "samples/package.json"));
  return join(dirname(from.resolve("vega-datasets")), "../data/flights-3m.parquet");
}

function openBlobs(config: Config, { keys }: Projects, folder = "blobs"): Promise<Blobs> {
  return openDiskBlobs({ directory: join(config.dataDirectory, folder), keys, writers: writersOf(config) });
}

function writersOf({ database }: Config): "one" | "many" {
  return database.engine === "sqlite" ? "one" : "many";
}

export { systemClock };
