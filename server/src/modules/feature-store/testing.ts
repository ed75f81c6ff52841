import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { AppError } from "#lib/errors";
import type { DatasetTable } from "#modules/datasets";
import type { AccessControl } from "#modules/identity";
import { createLineage } from "#modules/lineage";
import type { DomainEvent } from "#ports/events";
import type { OfflineColumn } from "#ports/offline-engine";
import { openDuckdb } from "../../ports/offline-engine/duckdb.ts";
import { openLmdbOnlineStore } from "../../ports/online-store/lmdb.ts";
import { actorNamed } from "../../testing/artifacts.ts";
import { openTestDatabase } from "../../testing/database.ts";
import type { FeatureStoreDeps } from "./deps.ts";
import { createFeatureStore } from "./feature-store.ts";

export const PROJECT = "p1";

const sha256 = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest("hex");

/**
 * The feature store over a real database, a real online store and the real offline engine. Datasets are put by the test,
 * and artifacts are kept in memory.
 */
export async function openFeatures() {
  const db = await openTestDatabase();
  const directory = mkdtempSync(join(tmpdir(), "atrium-features-"));
  const time = { nowMs: Date.UTC(2026, 0, 10) };
  const clock = { now: () => time.nowMs };
  const told: DomainEvent[] = [];
  const recorded: string[] = [];
  const files = new Map<string, Buffer>();
  const datasets = new Map<string, DatasetTable>();
  const offline = openDuckdb();
  const keys = { keyOf: async (projectId: string) => createHash("sha256").update(projectId).digest() };
  const online = openLmdbOnlineStore({ directory, keys });
  const access: AccessControl = {
    can: async () => true,
    require: async (actor, permission) => {
      if (actor.id === "stranger") throw new AppError("not_found", "There is no such project.");
      if (actor.id === "reader" && permission.endsWith(":write")) throw new AppError("forbidden", "No.");
    },
    visible: async () => ({ all: true }),
    visibleProjects: async () => [PROJECT],
  };
  const guards: Parameters<FeatureStoreDeps["artifacts"]["registerOwner"]>[1][] = [];
  const database = { away: false };
  const lineage = createLineage({ db, clock, access });
  const deps: Omit<FeatureStoreDeps, "writing"> = {
    db: {
      ...db,
      get reader() {
        if (database.away) throw new Error("The database is away.");
        return db.reader;
      },
    },
    clock,
    access,
    offline,
    online,
    log: { warn: () => {}, error: () => {} },
    lineage,
    audit: {
      record: async (_tx, _actor, { action }) => {
        recorded.push(action);
      },
      recordAccess: async (_actor, { action }) => {
        recorded.push(action);
      },
    },
    events: {
      announce: async (_tx, event) => {
        told.push(event);
      },
      follow: async () => () => {},
    },
    projects: {
      all: async () => [{ id: PROJECT, organisationId: "o1", slug: "default", state: "active" }],
      keys,
    },
    artifacts: {
      put: async (_actor, { projectId, path }, bytes) => {
        for (const guard of guards) await guard(projectId, path, "artifact:write");
        const content = await buffer(bytes);
        files.set(path, content);
        return fileOf(path, content);
      },
      get: async (_actor, { path }) => {
        const content = files.get(path);
        if (content === undefined) throw new AppError("not_found", `There is no file ${path}.`);
        return { file: fileOf(path, content), bytes: Readable.from([content]) };
      },
      registerOwner: (_prefix, guard) => {
        guards.push(guard);
      },
    },
    datasets: {
      table: async (_actor, { name, version }) => {
        const found = datasets.get(version === undefined ? name : `${name}@${version}`);
        if (found === undefined) throw new AppError("not_found", `There is no dataset ${name}.`);
        return found;
      },
    },
  };
  const { features, worker } = createFeatureStore(deps);
  await features.start();

  return {
    db,
    database,
    lineage,
    time,
    told,
    recorded,
    files,
    guards,
    features,
    worker,
    online,
    offline,
    owner: actorNamed("owner"),
    /** A dataset's next version of these rows. */
    async putDataset(name: string, columns: Record<string, string>, rows: readonly object[]): Promise<void> {
      const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
      const file = { digest: sha256(text), sizeBytes: text.length, open: async () => Readable.from([text]) };
      const casts = Object.entries(columns).map(([one, type]) => `cast("${one}" as ${type}) as "${one}"`);
      const work = {
        tables: { given: { format: "json" as const, files: [file] } },
        sql: `select ${casts} from given`,
      };
      const { bytes, columns: shown, rowCount } = await offline.export(work);
      const version = (datasets.get(name)?.version ?? 0) + 1;
      const made = tableOf({ name, version, rowCount, columns: shown, content: await buffer(bytes) });
      datasets.set(name, made);
      datasets.set(`${name}@${version}`, made);
    },
    async runWorker(): Promise<void> {
      const { signal } = new AbortController();
      await worker.materialize(signal);
      await worker.buildTrainingSets(signal);
    },
    async rowsOf(number: number, name: string): Promise<Record<string, unknown>[]> {
      const at = { projectId: PROJECT, name, number };
      const { table } = await features.trainingSetTable(actorNamed("owner"), at);
      const { columns, rows } = await offline.query({ tables: { t: table }, sql: "select * from t" });
      return rows.map((row) => Object.fromEntries(columns.map((column, i) => [column.name, row[i]])));
    },
    async close(): Promise<void> {
      await features.stop();
      await offline.stop();
      await db.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function fileOf(path: string, content: Buffer) {
  const name = path.split("/").at(-1) ?? "";
  return {
    ...{
      kind: "file" as const,
      name,
      path,
      mediaType: "application/octet-stream",
      modifiedMs: 0,
      createdMs: 0,
    },
    ...{ digest: sha256(content), sizeBytes: content.length },
  };
}

function tableOf(given: {
  name: string;
  version: number;
  rowCount: number;
  columns: readonly OfflineColumn[];
  content: Buffer;
}): DatasetTable {
  const { name, version, rowCount, columns, content } = given;
  const digest = sha256(content);
  const file = { digest, sizeBytes: content.length, open: async () => Readable.from([content]) };
  return {
    ...{ datasetId: `id-${name}`, name, version, digest, rowCount, columns },
    table: { format: "parquet", files: [file] },
  };
}
