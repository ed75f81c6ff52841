import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { readConfig } from "../config.ts";
import { createLog } from "../lib/log.ts";
import { fastifyLogger } from "../lib/log-fastify.ts";
import { createMetrics } from "../lib/metrics.ts";
import { createOutbox } from "../ports/events/outbox.ts";
import { createLeases } from "../ports/leases/database-leases.ts";
import { openDuckdb } from "../ports/offline-engine/duckdb.ts";
import { openKeys } from "../ports/secrets/keyring.ts";
import { buildApp } from "../roles/api.ts";
import { buildModules, systemClock } from "../wiring.ts";
import { openTestDatabase } from "./database.ts";

/** The whole house without a socket, on a fresh database of the engine under test: `ask` is an HTTP request. */
export async function openHouse() {
  const data = mkdtempSync(join(tmpdir(), "atrium-house-"));
  const adminToken = randomBytes(24).toString("hex");
  const environment = { ATRIUM_KEY: randomBytes(32).toString("hex"), ATRIUM_ADMIN_TOKEN: adminToken };
  const config = readConfig({ data, port: "0" }, environment);
  const stream = new PassThrough();
  const printed: string[] = [];
  stream.on("data", (chunk: Buffer) => printed.push(chunk.toString("utf8")));
  const log = createLog({ format: "json", level: "debug", stream, clock: systemClock });
  const base = { config, clock: systemClock, log, metrics: createMetrics(), reached: {}, say: () => {} };
  const { secrets, keyring } = await openKeys(data, config.key);
  const db = await openTestDatabase();
  const leases = createLeases(db);
  const events = createOutbox({ db, clock: systemClock, log, leases });
  const engine = openDuckdb();
  const ports = { db, events, leases, secrets, keyring, engine };
  const { modules, jobs } = await buildModules(base, ports);
  await modules.projects.start();
  await modules.identity.start({ adminToken });
  await modules.features.start();
  log.attach(modules.telemetry.sink);
  const app = await buildApp({
    config,
    modules,
    events,
    sealer: secrets,
    log: fastifyLogger(log),
    version: "0.0.0",
    startedMs: Date.now(),
    ready: () => db.healthy(),
    exposition: () => base.metrics.exposition(),
    observe: () => () => {},
    backup: () => Promise.reject(new Error("A house in a test makes no backups.")),
  });

  async function ask(method: string, url: string, given: Asked = {}) {
    const token = given.token ?? adminToken;
    const answer = await app.fastify.inject({
      method: method as "GET",
      url,
      headers: {
        host: "localhost",
        ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
        ...given.headers,
      },
      ...(given.body === undefined ? {} : { payload: given.body as object }),
    });
    return { status: answer.statusCode, headers: answer.headers, text: answer.body };
  }

  async function close(): Promise<void> {
    await app.fastify.close();
    await modules.telemetry.stop();
    await modules.features.stop();
    await events.stop();
    await engine.stop();
    await db.close();
  }
  return { app, modules, jobs, db, data, adminToken, printed, ask, close };
}

interface Asked {
  /** The owner's when not given; empty for none. */
  token?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

export type House = Awaited<ReturnType<typeof openHouse>>;
