import type { Readable } from "node:stream";
import type { DatasetFormat, DatasetVersion } from "@atrium/contract/datasets";
import { AppError } from "#lib/errors";
import { keysetPage } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { DatasetsDeps } from "./deps.ts";
import type {
  DatasetAt,
  Datasets,
  DatasetVersions,
  Deletion,
  NewVersion,
  NewVersionSource,
  NumberedVersionAt,
} from "./door.ts";
import { type Gate, missingDataset, missingVersion } from "./gate.ts";
import * as queries from "./queries.ts";
import { digestOver, type Folder, type Storage, type StoredFile } from "./storage.ts";
import type { DatasetRow, VersionRow } from "./tables.ts";
import { createUses } from "./uses.ts";
import { showVersion } from "./view.ts";

type Versions = Pick<DatasetVersions, "list" | "get" | "upload" | "create" | "remove">;

interface Parts {
  storage: Storage;
  table: Datasets["table"];
}

interface Draft {
  description: string;
  format: DatasetFormat;
  source: DatasetVersion["source"];
  sourceDigest: string;
  files: readonly StoredFile[];
}

const EXTENSIONS: Record<DatasetFormat, string> = { parquet: "parquet", csv: "csv", json: "jsonl" };

/** Numbered versions: made of files or of SQL, listed, deleted. What they hold is looked at by the worker. */
export function createVersions(deps: DatasetsDeps, gate: Gate, { storage, table }: Parts): Versions {
  const { db, clock, lineage, artifacts } = deps;
  const uses = createUses(deps);
  return { list, get, upload, create, remove };

  async function list(actor: Actor, at: DatasetAt, asked: Parameters<Versions["list"]>[2]) {
    const { id, name } = await gate.admit(actor, "dataset:read", at);
    return keysetPage({
      pageSize: asked.pageSize,
      pageToken: asked.pageToken,
      question: ["dataset-versions", id],
      kinds: ["whole"],
      rows: (after, limit) => {
        const before = after === undefined ? undefined : Number(after[0]);
        return queries.versionsOf(db.reader, id, { before, limit });
      },
      show: (rows) => rows.map((row) => showVersion(name, row)),
      position: (row) => [row.version],
    });
  }

  async function get(actor: Actor, at: NumberedVersionAt): Promise<DatasetVersion> {
    const { dataset, version } = await gate.admitVersion(actor, "dataset:read", at);
    return showVersion(dataset.name, version);
  }

  async function upload(
    actor: Actor,
    at: DatasetAt,
    bytes: Readable,
    given: Parameters<Versions["upload"]>[3],
  ): Promise<DatasetVersion> {
    const { format, description = "", expectedDigest, sizeBytes } = given;
    const dataset = await gate.admit(actor, "dataset:write", at);
    return filling(dataset, async (folder) => {
      const file = { name: `data.${EXTENSIONS[format]}`, format, expectedDigest, sizeBytes };
      const stored = await storage.put(folder, file, bytes);
      if (stored.sizeBytes === 0)
        throw new AppError("invalid", "The file is empty; send its bytes as the body.");
      const sourceDigest = digestOver([format, stored.digest]);
      const draft = {
        description,
        format,
        sourceDigest,
        source: { kind: "upload" } as const,
        files: [stored],
      };
      return add(actor, dataset, { draft, folder });
    });
  }

  async function create(actor: Actor, at: DatasetAt, given: NewVersion): Promise<DatasetVersion> {
    const dataset = await gate.admit(actor, "dataset:write", at);
    const { source, description = "" } = given;
    return source.kind === "sql"
      ? createFromSql(actor, dataset, { source, description })
      : createFromArtifacts(actor, dataset, { source, description });
  }

  async function createFromArtifacts(
    actor: Actor,
    dataset: DatasetRow,
    given: { source: Extract<NewVersionSource, { kind: "artifacts" }>; description: string },
  ): Promise<DatasetVersion> {
    const { format, paths } = given.source;
    const { project_id: projectId } = dataset;
    // The actor asks, so that only what they may read becomes a dataset; the copies are ours.
    for (const path of paths) await artifacts.stat(actor, { projectId, path });
    return filling(dataset, async (folder) => {
      const files: StoredFile[] = [];
      for (const [i, path] of paths.entries()) {
        files.push(await storage.copy(folder, { path, name: `part-${i}.${EXTENSIONS[format]}` }));
      }
      const sourceDigest = digestOver([format, ...files.map(({ digest }) => digest)]);
      const source = { kind: "artifacts" as const, paths: [...paths] };
      return add(actor, dataset, { draft: { ...given, format, source, sourceDigest, files }, folder });
    });
  }

  async function createFromSql(
    actor: Actor,
    dataset: DatasetRow,
    given: { source: Extract<NewVersionSource, { kind: "sql" }>; description: string },
  ): Promise<DatasetVersion> {
    const { sql } = given.source;
    const inputs: Record<string, { dataset: string; version: number }> = {};
    const parts = [sql];
    const asked = Object.entries(given.source.inputs).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, input] of asked) {
      const at = { projectId: dataset.project_id, name: input.dataset, version: input.version };
      const found = await table(actor, at);
      inputs[name] = { dataset: found.name, version: found.version };
      parts.push(name, found.digest);
    }
    const source = { kind: "sql" as const, sql, inputs };
    const draft = {
      ...given,
      format: "parquet" as const,
      source,
      sourceDigest: digestOver(parts),
      files: [],
    };
    return add(actor, dataset, { draft, folder: undefined });
  }

  /** Runs the work with a folder that is gone again unless a version has taken it. */
  async function filling(
    dataset: DatasetRow,
    work: (folder: Folder) => Promise<DatasetVersion>,
  ): Promise<DatasetVersion> {
    const folder = await storage.begin(dataset.project_id, dataset.id);
    try {
      return await work(folder);
    } catch (thrown) {
      await storage.discard(folder).catch(() => {}); // The worker clears it away later; why it failed matters more.
      throw thrown;
    }
  }

  /** Stores the version, or answers the one that was made of the same and has not failed. */
  async function add(
    actor: Actor,
    { id, project_id: projectId, name }: DatasetRow,
    { draft, folder }: { draft: Draft; folder: Folder | undefined },
  ): Promise<DatasetVersion> {
    const { row, made } = await db.transaction(async (tx) => {
      const dataset = await queries.datasetToChange(tx, id);
      if (dataset === undefined) throw missingDataset({ projectId, name });
      const same = await queries.versionBySource(tx, id, draft.sourceDigest);
      if (same !== undefined && same.state !== "failed") return { row: same, made: false };
      if (same !== undefined) await giveUpSource(tx, same);
      if (folder !== undefined) await storage.keep(tx, folder);
      return { row: await insert(tx, actor, { dataset, draft }), made: true };
    });
    if (!made && folder !== undefined) await storage.discard(folder);
    return showVersion(name, row);
  }

  /** The disk or a limit may be why it failed: the same content is looked at anew, under a number of its own. */
  async function giveUpSource(tx: Tx, failed: VersionRow): Promise<void> {
    const source_digest = `failed ${failed.version} ${failed.source_digest}`;
    await queries.changeVersion(tx, failed, { source_digest });
  }

  async function insert(
    tx: Tx,
    actor: Actor,
    { dataset, draft }: { dataset: DatasetRow; draft: Draft },
  ): Promise<VersionRow> {
    const nowMs = clock.now();
    const version = dataset.last_version + 1;
    const row = rowOf(draft, { dataset, version, by: actor.name, nowMs });
    await queries.addVersion(tx, row);
    await queries.addFiles(
      tx,
      draft.files.map(({ path, digest, sizeBytes }, ordinal) => ({
        ...{
          dataset_id: dataset.id,
          version,
          role: "given" as const,
          ordinal,
          path,
          digest,
          size_bytes: sizeBytes,
        },
      })),
    );
    await queries.changeDataset(tx, dataset.id, {
      last_version: version,
      versions: dataset.versions + 1,
      updated_ms: nowMs,
    });
    const { source } = draft;
    if (source.kind === "sql") {
      const from = { type: "dataset", id: dataset.name, version: String(version) };
      for (const input of Object.values(source.inputs)) {
        const to = { type: "dataset", id: input.dataset, version: String(input.version) };
        await lineage.link(tx, { projectId: dataset.project_id, from, relation: "derived", to });
      }
    }
    const details = { source: source.kind, format: draft.format, sizeBytes: row.size_bytes };
    await gate.tell(tx, actor, { action: "dataset.version-created", dataset, version, details });
    return row;
  }

  async function remove(actor: Actor, at: NumberedVersionAt, how: Deletion): Promise<void> {
    const { dataset, version } = await gate.admitVersion(actor, "dataset:delete", at);
    if (how === "unless-used") await uses.refuseUsed(at, version);
    const of = { dataset_id: dataset.id, version: at.version };
    await db.transaction(async (tx) => {
      const now = await queries.datasetToChange(tx, dataset.id);
      if (now === undefined || (await queries.versionToChange(tx, of)) === undefined)
        throw missingVersion(at);
      await storage.giveUp(tx, at.projectId, await queries.filesOf(tx, of));
      await queries.removeVersion(tx, of);
      const changes = { versions: now.versions - 1, updated_ms: clock.now() };
      await queries.changeDataset(tx, dataset.id, changes);
      const thing = { type: "dataset", id: dataset.name, version: String(at.version) };
      await lineage.unlink(tx, at.projectId, thing);
      const news = { action: "dataset.version-deleted", dataset, version: at.version, details: { how } };
      await gate.tell(tx, actor, news);
    });
  }
}

function rowOf(
  { description, format, source, sourceDigest, files }: Draft,
  { dataset, version, by, nowMs }: { dataset: DatasetRow; version: number; by: string; nowMs: number },
): VersionRow {
  return {
    dataset_id: dataset.id,
    version,
    project_id: dataset.project_id,
    state: "pending",
    reason: "",
    description,
    format,
    source: JSON.stringify(source),
    source_digest: sourceDigest,
    digest: files.length === 0 ? "" : digestOver(files.map(({ digest }) => digest)),
    size_bytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    files: files.length,
    row_count: null,
    columns: null,
    passed: null,
    failed: null,
    warned: null,
    certified_by: null,
    certified_ms: null,
    certified_note: null,
    tries: 0,
    due_ms: nowMs,
    created_by: by,
    created_ms: nowMs,
    ready_ms: null,
  };
}
