import type { DatasetComparison, DatasetProfile } from "@atrium/contract/datasets";
import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { OfflineRows } from "#ports/offline-engine";
import { compareProfiles } from "./compare.ts";
import type { DatasetsDeps } from "./deps.ts";
import type {
  DatasetAt,
  Datasets,
  DatasetTable,
  DatasetVersionAt,
  DatasetVersions,
  NumberedVersionAt,
  VersionFile,
} from "./door.ts";
import { type Gate, missingVersion, requireReady } from "./gate.ts";
import { TABLE } from "./profile.ts";
import * as queries from "./queries.ts";
import { createSealing } from "./sealing.ts";
import type { Storage } from "./storage.ts";
import type { DatasetRow, FileRow, VersionRow } from "./tables.ts";
import { columnsOf } from "./view.ts";

const QUERY_ROWS_MAX = 1000; // What a table on a page shows; more is a version made by SQL, or a download.
const QUERY_MS_MAX = 30_000; // Somebody waits for it.

type Reading = Pick<Datasets, "table"> &
  Pick<DatasetVersions, "profile" | "rows" | "query" | "compare" | "file">;

/** Everything that only looks at what a version holds. */
export function createReading({ db, engine, keys }: DatasetsDeps, gate: Gate, storage: Storage): Reading {
  const sealing = createSealing(keys);
  return { table, profile, rows, query, compare, file };

  async function table(actor: Actor, at: DatasetVersionAt): Promise<DatasetTable> {
    const dataset = await gate.admit(actor, "dataset:read", at);
    const version =
      at.version === undefined
        ? await queries.newestReady(db.reader, dataset.id)
        : await queries.versionOf(db.reader, { dataset_id: dataset.id, version: at.version });
    if (version === undefined) {
      if (at.version !== undefined) throw missingVersion({ ...at, version: at.version });
      throw new AppError("not_found", `The dataset ${at.name} has no version that is ready.`);
    }
    return tableOf(dataset, version);
  }

  async function tableOf(dataset: DatasetRow, version: VersionRow): Promise<DatasetTable> {
    requireReady(dataset, version);
    const files = await readFiles(version);
    return {
      datasetId: dataset.id,
      name: dataset.name,
      version: version.version,
      digest: version.digest,
      rowCount: version.row_count ?? 0,
      columns: columnsOf(version).map(({ name, type }) => ({ name, type })),
      table: storage.table(dataset.project_id, "parquet", files),
    };
  }

  /** What is read: the Parquet that was made of other formats, else the files as they came. */
  async function readFiles(version: VersionRow): Promise<FileRow[]> {
    const files = await queries.filesOf(db.reader, version);
    const made = files.filter(({ role }) => role === "table");
    return made.length > 0 ? made : files;
  }

  async function profile(actor: Actor, at: NumberedVersionAt): Promise<DatasetProfile> {
    const { dataset, version } = await gate.admitVersion(actor, "dataset:read", at);
    return profileOf(dataset, version);
  }

  async function profileOf(dataset: DatasetRow, version: VersionRow): Promise<DatasetProfile> {
    requireReady(dataset, version);
    const kept = await queries.profileOf(db.reader, version);
    if (kept === undefined) throw missingVersion({ ...at(dataset), version: version.version });
    return sealing.open(version, "profile", kept);
  }

  async function rows(
    actor: Actor,
    of: NumberedVersionAt,
    { offset, limit }: { offset: number; limit: number },
  ): Promise<OfflineRows> {
    const sql = `SELECT * FROM ${TABLE} LIMIT $1 OFFSET $2`;
    return ask(await table(actor, of), { sql, parameters: [limit, offset] });
  }

  async function query(
    actor: Actor,
    of: NumberedVersionAt,
    asked: Parameters<DatasetVersions["query"]>[2],
  ): Promise<OfflineRows> {
    return ask(await table(actor, of), asked);
  }

  function ask(
    { table: data }: DatasetTable,
    asked: Parameters<DatasetVersions["query"]>[2],
  ): Promise<OfflineRows> {
    const limits = { rowsMax: QUERY_ROWS_MAX, timeoutMs: QUERY_MS_MAX };
    return engine.query({ tables: { [TABLE]: data }, ...asked }, limits);
  }

  async function compare(
    actor: Actor,
    of: DatasetAt,
    pair: { from: number; to: number },
  ): Promise<DatasetComparison> {
    const sides = [];
    for (const number of [pair.from, pair.to]) {
      const { dataset, version } = await gate.admitVersion(actor, "dataset:read", { ...of, version: number });
      sides.push({ version: number, profile: await profileOf(dataset, version) });
    }
    const [from, to] = sides;
    if (from === undefined || to === undefined) throw new Error("Broken assumption: a pair has two sides");
    return compareProfiles(from, to);
  }

  async function file(actor: Actor, of: NumberedVersionAt, ordinal: number): Promise<VersionFile> {
    const { dataset, version } = await gate.admitVersion(actor, "dataset:read", of);
    const files = await queries.filesOf(db.reader, version);
    const given = files.filter(({ role }) => role === "given");
    // What SQL has made has no other form than its table.
    const found = (given.length > 0 ? given : files)[ordinal];
    if (found === undefined) {
      requireReady(dataset, version);
      throw new AppError("not_found", `Version ${of.version} of ${of.name} has no file ${ordinal}.`);
    }
    const extension = found.path.slice(found.path.lastIndexOf(".") + 1);
    return {
      name: `${dataset.name}-${of.version}${ordinal === 0 ? "" : `-${ordinal}`}.${extension}`,
      digest: found.digest,
      sizeBytes: found.size_bytes,
      open: (range) => storage.open(dataset.project_id, found.path, range),
    };
  }
}

function at({ project_id: projectId, name }: DatasetRow): DatasetAt {
  return { projectId, name };
}
