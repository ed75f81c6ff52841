import { readFileSync } from "node:fs";
import { join } from "node:path";
import { lockFolder } from "#lib/folder-lock";
import { measureRequests } from "#lib/http-metrics";
import { createLog, type ProcessLog } from "#lib/log";
import { fastifyLogger } from "#lib/log-fastify";
import { createMetrics } from "#lib/metrics";
import { measureProcess } from "#lib/process-metrics";
import { resealTlsKeys } from "#lib/tls";
import { rewrapSigningKeys } from "#modules/audit";
import { rewrapProjectKeys } from "#modules/projects";
import type { Config } from "./config.ts";
import { migrate } from "./ports/database/migrate.ts";
import { keyringPath, readKeyring } from "./ports/secrets/keyring.ts";
import { rotateKeys } from "./ports/secrets/rotate.ts";
import { backup, type LiveDatabase } from "./roles/backup.ts";
import type { BackupManifest } from "./roles/backup-files.ts";
import { type RestoredDatabase, restore } from "./roles/restore.ts";
import {
  type Base,
  buildModules,
  DATABASE_FILE,
  MIGRATIONS,
  type Modules,
  openDumps,
  openPorts,
  type Ports,
  proveKey,
  systemClock,
} from "./wiring.ts";

export interface RunningServer {
  /** What a person should read who started it in a terminal. */
  greeting: string;
  stop(): Promise<void>;
}

/** Starts every role that the configuration asks for. @throws AppError saying in one sentence what stands in the way */
export async function startServer(config: Config): Promise<RunningServer> {
  const startedMs = Date.now();
  const closing: (() => unknown)[] = [];
  const stop = async () => {
    const failures: unknown[] = [];
    // One part that cannot close, because its database is away, must not keep the others open.
    for (const close of closing.splice(0).reverse()) {
      await Promise.resolve()
        .then(close)
        .catch((thrown: unknown) => failures.push(thrown));
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    const base = createBase(config);
    const process = measureProcess(base.metrics);
    closing.push(() => process.stop());
    const release = lockFolder(config.dataDirectory);
    closing.push(release);
    const ports = await openPorts(base);
    // With PostgreSQL several processes share the folder: the claim is only held while keys may be made.
    if (config.database.engine === "postgres") release();
    closing.push(() => ports.db.close());
    closing.push(() => ports.engine.stop());
    await migrate(ports.db, MIGRATIONS);
    const { modules, jobs } = await buildModules(base, ports);
    closing.push(() => ports.events.stop());
    await startModules(base, modules);
    closing.push(() => modules.audit.checkpoint());
    closing.push(() => modules.telemetry.stop());
    closing.push(() => modules.features.stop());
    closing.push(() => modules.serving.stop());
    if (config.roles.includes("api")) await modules.serving.start();
    const api = config.roles.includes("api") ? await openApi(base, { ports, modules, startedMs }) : undefined;
    if (api !== undefined) {
      base.reached.at = { url: api.url, authorityFile: api.authorityFile };
      closing.push(() => api.stop());
    }
    // After the API: what the worker starts at once asks it.
    if (config.roles.includes("worker")) {
      const { startWorker } = await import("./roles/worker.ts");
      const worker = startWorker({ jobs, leases: ports.leases, events: ports.events, log: base.log });
      closing.push(() => worker.stop());
    }
    if (api === undefined) return { greeting: "Atrium's worker runs.\n", stop };
    return { greeting: await greet(base, api, modules), stop };
  } catch (thrown) {
    await stop().catch(() => {}); // Why it did not start matters more than what could not be closed.
    throw thrown;
  }
}

/** @throws AppError `conflict`, `invalid` or `unavailable`; then nothing was restored */
export async function restoreBackup(config: Config, source: string): Promise<BackupManifest> {
  const release = lockFolder(config.dataDirectory);
  try {
    return await restore({
      source,
      dataDirectory: config.dataDirectory,
      database: restoredDatabase(config),
      proveKey: (folder) => proveKey(config, folder),
    });
  } finally {
    release();
  }
}

/** Moves every data key under a new version of the key; answers with its id. The server must not run. */
export async function rotateInstanceKey(config: Config): Promise<string> {
  const { dataDirectory, key: source } = config;
  const release = lockFolder(dataDirectory);
  try {
    return await rotateKeys({
      dataDirectory,
      source,
      rewrapOthers: async (secrets) => {
        const { db } = await openPorts(createBase(config));
        try {
          await rewrapProjectKeys(db, secrets);
          await rewrapSigningKeys(db, secrets);
        } finally {
          await db.close();
        }
        await resealTlsKeys(join(dataDirectory, "tls"), secrets);
      },
    });
  } finally {
    release();
  }
}

function createBase(config: Config): Base & { log: ProcessLog } {
  const log = createLog({
    ...config.log,
    stream: process.stdout,
    clock: systemClock,
    labels: { role: config.roles.join("+") },
    knownSecrets: config.adminToken === undefined ? [] : [config.adminToken],
  });
  // JSON on stdout is for programs; a person reads lines.
  const say = (line: string) => void (config.log.format === "text" && process.stdout.write(`${line}\n`));
  return { config, clock: systemClock, log, metrics: createMetrics(), reached: {}, say };
}

async function startModules({ config, log }: Base & { log: ProcessLog }, modules: Modules): Promise<void> {
  await proveProjectKey(modules);
  await modules.projects.start();
  await modules.identity.start({ adminToken: config.adminToken });
  log.attach(modules.telemetry.sink);
  modules.telemetry.start();
  await modules.features.start();
  await modules.samples.plan(config.sample);
  log.info("started", { database: config.database.engine, port: config.listen.port });
}

/** PostgreSQL opens without our key: that another one sealed what is in it must show before anything is sealed with this. */
async function proveProjectKey({ projects }: Modules): Promise<void> {
  const one = (await projects.all()).find(({ state }) => state === "active");
  if (one !== undefined) await projects.keys.keyOf(one.id);
}

interface ApiParts {
  ports: Ports;
  modules: Modules;
  startedMs: number;
}

async function openApi(base: Base, { ports, modules, startedMs }: ApiParts) {
  const { startApi } = await import("./roles/api.ts");
  const { config, log, metrics } = base;
  return startApi({
    config,
    modules,
    startedMs,
    events: ports.events,
    sealer: ports.secrets,
    log: fastifyLogger(log),
    version: versionOf(),
    ready: () => ports.db.healthy(),
    exposition: () => metrics.exposition(),
    observe: (app) => measureRequests(app, metrics),
    backup: (target) =>
      backup({
        target,
        dataDirectory: config.dataDirectory,
        database: liveDatabase(config, ports),
        settle: modules.serving.settle,
        copyOnline: modules.features.copyOnline,
        describeKeys: (directory) => readKeyring(keyringPath(directory)),
      }),
  });
}

function liveDatabase({ database, programs }: Config, { db, keyring }: Ports): LiveDatabase {
  if (database.engine === "sqlite") return { engine: "sqlite", file: DATABASE_FILE, copyTo: db.copyTo };
  const { url } = database;
  return {
    engine: "postgres",
    dump: async () => (await postgresDump()).dumpPostgres({ url, programs }),
    dumps: async (folder) => openDumps(folder, await keyring.key("database")),
  };
}

function restoredDatabase({ database, programs }: Config): RestoredDatabase {
  if (database.engine === "sqlite") return { engine: "sqlite" };
  const { url } = database;
  return {
    engine: "postgres",
    requireEmpty: async () => (await postgresDump()).requireEmptyPostgres(url),
    dumps: openDumps,
    load: async (dump) => (await postgresDump()).loadPostgres({ url, programs }, dump),
  };
}

function postgresDump() {
  return import("./ports/database/postgres-dump.ts");
}

/** In a terminal the link is what one looks for; a log that others may read does not get it. */
async function greet(
  { config }: Base,
  api: { url: string; authorityFile: string | undefined },
  { identity, samples }: Modules,
) {
  const lines = [`Atrium is ready at ${api.url}`];
  if (api.authorityFile !== undefined) lines.push(`Clients trust it by ${api.authorityFile}`);
  if (config.log.format === "text" && config.adminToken === undefined) {
    const { path, expiresMs } = await identity.ownerLink();
    const minutes = Math.round((expiresMs - Date.now()) / 60_000);
    lines.push(`Sign in once, within ${minutes} minutes: ${api.url}${path}`);
  }
  if (config.log.format === "text") lines.push((await samples.greeting()) ?? "");
  return `${lines.filter((line) => line !== "").join("\n")}\n`;
}

function versionOf(): string {
  const text = readFileSync(join(import.meta.dirname, "../package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
