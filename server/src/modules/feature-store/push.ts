import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import type { DatasetTable } from "#modules/datasets";
import { type Actor, SYSTEM } from "#modules/identity";
import type { OfflineColumn } from "#ports/offline-engine";
import type { OnlineRow } from "#ports/online-store";
import type { Catalog, LoadedView } from "./catalog.ts";
import type { FeatureStoreDeps } from "./deps.ts";
import type {
  DataRow,
  DefinitionAt,
  FeatureStore,
  FeatureValue,
  PushDone,
  PushGiven,
  WrittenRow,
} from "./door.ts";
import type { Gate } from "./gate.ts";
import { quoted } from "./history-sql.ts";
import * as queries from "./queries.ts";
import { entityText, fits, normal, parseTime } from "./value.ts";
import { type Feature, isWindowed } from "./window.ts";

type Push = Pick<FeatureStore, "push" | "write">;

/** Rows that come by themselves: into the online store at once, into the views' history as sealed files, or both. */
export function createPush(deps: FeatureStoreDeps, gate: Gate, catalog: Catalog): Push {
  const { db, clock, audit, online, datasets, offline, artifacts } = deps;
  return { push, write };

  async function push(actor: Actor, { projectId, source, rows, to }: PushGiven): Promise<PushDone> {
    await gate.admitWriter(actor, projectId);
    const takers = catalog.takers(projectId, source);
    if (takers.length === 0) {
      throw new AppError("not_found", `No feature view takes rows pushed as ${source}.`, {
        reason: "push-source",
      });
    }
    const plain = takers.filter(({ features }) => !features.some(isWindowed));
    if (to === "online" && plain.length === 0) {
      const message = `${source} feeds trailing windows only, which materialization computes; push it offline.`;
      throw new AppError("invalid", message, { at: "body.to" });
    }
    const nowMs = clock.now();
    const online =
      to === "offline" ? [] : plain.map((view) => ({ view, rows: pushedRows(view, rows, nowMs) }));
    await recordPush(actor, projectId, source);
    const appended = to === "online" ? 0 : await append(actor, projectId, { takers, rows });
    const done = { written: 0, kept: 0, appended };
    for (const { view, rows: given } of online) {
      const { written, kept } = await put(projectId, view, given);
      done.written += written;
      done.kept += kept;
    }
    return done;
  }

  async function write(
    actor: Actor,
    { projectId, name, version }: DefinitionAt,
    rows: readonly WrittenRow[],
  ): Promise<Omit<PushDone, "appended">> {
    await gate.admitWriter(actor, projectId);
    const view = catalog.view(projectId, name, version);
    if (view === undefined) {
      throw new AppError("not_found", `There is no feature view ${name}.`, { reason: "feature-view" });
    }
    const given = rows.map((row, i) => writtenRow(view, row, `rows.${i}`));
    await recordPush(actor, projectId, name);
    return put(projectId, view, given);
  }

  async function put(projectId: string, view: LoadedView, rows: readonly OnlineRow[]) {
    const count = await online.put({ projectId, tableId: view.id }, rows);
    const newest = rows.reduce((max, { eventMs }) => Math.max(max, eventMs), Number.NEGATIVE_INFINITY);
    await db.transaction((tx) =>
      queries.saveFreshness(tx, {
        view_id: view.id,
        project_id: projectId,
        materialized_to_ms: null,
        newest_event_ms: Number.isFinite(newest) ? Math.floor(newest) : null,
        written_ms: clock.now(),
      }),
    );
    return count;
  }

  async function recordPush(actor: Actor, projectId: string, source: string): Promise<void> {
    const resource = { type: "push-source", id: source, name: source };
    await audit.recordAccess(actor, { action: "feature.pushed", resource, projectId });
  }

  /** Onto each dataset that the views are made of, once; the same rows again add nothing. */
  async function append(
    actor: Actor,
    projectId: string,
    { takers, rows }: { takers: readonly LoadedView[]; rows: readonly DataRow[] },
  ): Promise<number> {
    const sources = new Map(
      takers.map(({ spec: { source } }) => [`${source.dataset}@${source.version ?? "newest"}`, source]),
    );
    let appended = 0;
    for (const { dataset, version, timestampColumn } of sources.values()) {
      const found = await datasets.table(actor, { projectId, name: dataset, version });
      for (const [i, row] of rows.entries()) {
        checkHistoryRow(row, { columns: found.columns, timestampColumn }, `rows.${i}`);
      }
      if (await addSegment(actor, projectId, { found, rows })) appended += rows.length;
    }
    return appended;
  }

  async function addSegment(
    actor: Actor,
    projectId: string,
    { found, rows }: { found: DatasetTable; rows: readonly DataRow[] },
  ): Promise<boolean> {
    const place = { project_id: projectId, dataset_id: found.datasetId, dataset_version: found.version };
    const text = rows.map((row) => `${JSON.stringify(wholeRow(row, found.columns))}\n`).join("");
    const rowsDigest = createHash("sha256").update(text).digest("hex");
    const had = await queries.segments(db.reader, place);
    if (had.some(({ rows_digest }) => rows_digest === rowsDigest)) return false;
    if (had.length >= queries.SEGMENTS_MAX) {
      const message = `${found.name} has ${queries.SEGMENTS_MAX} pushed batches; make a new version of it with them.`;
      throw new AppError("exhausted", message);
    }
    const id = newId();
    const path = `features/segments/${id}.parquet`;
    deps.writing.add(`${id}.parquet`);
    try {
      const { bytes } = await offline.export(segmentWork(text, rowsDigest, found.columns));
      const file = await artifacts.put(SYSTEM, { projectId, path }, bytes, {
        mediaType: "application/vnd.apache.parquet",
      });
      return await db.transaction(async (tx) => {
        const isNew = await queries.addSegment(tx, {
          ...place,
          id,
          rows_digest: rowsDigest,
          artifact_path: path,
          file_digest: file.digest,
          size_bytes: file.sizeBytes,
          row_count: rows.length,
          created_by: actor.name,
          created_ms: clock.now(),
        });
        const thing = { type: "project" as const, id: projectId, name: "" };
        const details = { dataset: found.name, version: found.version, rows: rows.length };
        await gate.tell(tx, actor, { action: "feature.appended", projectId, thing, details });
        return isNew;
      });
    } finally {
      deps.writing.delete(`${id}.parquet`);
    }
  }
}

/** The rows as a file whose columns have the dataset's own types. */
function segmentWork(text: string, digest: string, columns: readonly OfflineColumn[]) {
  const bytes = Buffer.from(text);
  const file = { digest, sizeBytes: bytes.length, open: async () => Readable.from([bytes]) };
  const casts = columns.map(({ name, type }) => `cast(${quoted(name)} as ${type}) as ${quoted(name)}`);
  return {
    tables: { pushed: { format: "json" as const, files: [file] } },
    sql: `select ${casts.join(", ")} from pushed`,
  };
}

/** Every column, so that they all have a place in the file. */
function wholeRow(row: DataRow, columns: readonly OfflineColumn[]): Record<string, FeatureValue> {
  return Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null]));
}

function checkHistoryRow(
  row: DataRow,
  { columns, timestampColumn }: { columns: readonly OfflineColumn[]; timestampColumn: string },
  at: string,
): void {
  const unknown = Object.keys(row).find((name) => !columns.some((column) => column.name === name));
  if (unknown !== undefined)
    throw new AppError("invalid", `The dataset has no column ${unknown}.`, { at: `body.${at}.${unknown}` });
  timeOf(row, timestampColumn, at);
}

function pushedRows(view: LoadedView, rows: readonly DataRow[], nowMs: number): OnlineRow[] {
  const { timestampColumn, createdColumn } = view.spec.source;
  return rows.map((row, i) => {
    const at = `rows.${i}`;
    return {
      key: entityText(view.spec.joinKeys, row as WrittenRow["keys"], `body.${at}`),
      eventMs: timeOf(row, timestampColumn, at),
      createdMs:
        createdColumn === undefined || row[createdColumn] == null ? nowMs : timeOf(row, createdColumn, at),
      values: view.features.map((feature) => {
        const column = feature.column ?? feature.name;
        return checkedValue(feature, row[column], `${at}.${column}`);
      }),
    };
  });
}

function writtenRow(view: LoadedView, row: WrittenRow, at: string): OnlineRow {
  const unknown = Object.keys(row.features).find(
    (name) => !view.features.some((feature) => feature.name === name),
  );
  if (unknown !== undefined) {
    throw new AppError("invalid", `Feature view ${view.name} has no feature ${unknown}.`, {
      at: `body.${at}.${unknown}`,
    });
  }
  return {
    key: entityText(view.spec.joinKeys, row.keys, `body.${at}`),
    eventMs: row.eventMs,
    createdMs: row.createdMs,
    values: view.features.map((feature) =>
      checkedValue(feature, row.features[feature.name], `${at}.${feature.name}`),
    ),
  };
}

function checkedValue(feature: Feature, value: FeatureValue | undefined, at: string): FeatureValue {
  if (value === undefined) {
    throw new AppError("invalid", `The row has no value for the feature ${feature.name}; send null.`, {
      at: `body.${at}`,
    });
  }
  if (value !== null && !fits(value, feature.type)) {
    throw new AppError("invalid", `The feature ${feature.name} takes values of the type ${feature.type}.`, {
      at: `body.${at}`,
    });
  }
  return normal(value, feature.type);
}

function timeOf(row: DataRow, column: string, at: string): number {
  const value = row[column];
  const ms = typeof value === "string" ? parseTime(value) : undefined;
  if (ms !== undefined) return ms;
  throw new AppError("invalid", `${column} must be a time such as 2026-01-31T12:00:00Z.`, {
    at: `body.${at}.${column}`,
  });
}
