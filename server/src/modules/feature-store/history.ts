import { AppError } from "#lib/errors";
import { type Actor, SYSTEM } from "#modules/identity";
import type { OfflineTable } from "#ports/offline-engine";
import type { FeatureStoreDeps } from "./deps.ts";

import type { History } from "./history-sql.ts";
import * as queries from "./queries.ts";
import type { HistoryInput, SegmentRow, ViewSpec } from "./tables.ts";
import { featuresOf } from "./window.ts";

/** A view's rows: a dataset version and what was pushed onto it. */
export interface Histories {
  /** Fixes what there is now. The actor must be allowed to read the dataset. */
  fix(actor: Actor, projectId: string, spec: ViewSpec): Promise<HistoryInput>;
  /**
   * What was fixed, as tables of one statement, their names beginning with `name`. With `only`, some of the segments alone.
   * @throws AppError `unavailable` when the dataset is not the one any more, by its digest
   */
  open(projectId: string, wanted: WantedHistory): Promise<OpenHistory>;
  /** A file of ours, read by the worker. */
  file(projectId: string, path: string, known: { digest: string; sizeBytes: number }): OfflineTable;
}

export interface WantedHistory {
  name: string;
  spec: ViewSpec;
  input: HistoryInput;
  only?: readonly string[] | undefined;
}

export interface OpenHistory {
  history: History;
  tables: Record<string, OfflineTable>;
}

export function createHistories({
  db,
  datasets,
  artifacts,
}: Pick<FeatureStoreDeps, "db" | "datasets" | "artifacts">): Histories {
  return { fix, open, file };

  async function fix(actor: Actor, projectId: string, spec: ViewSpec): Promise<HistoryInput> {
    const { dataset, version } = spec.source;
    const found = await datasets.table(actor, { projectId, name: dataset, version });
    const rows = await queries.segments(db.reader, {
      project_id: projectId,
      dataset_id: found.datasetId,
      dataset_version: found.version,
    });
    const segments = rows.map(({ id }) => id);
    return { dataset, version: found.version, digest: found.digest, segments };
  }

  async function open(projectId: string, wanted: WantedHistory): Promise<OpenHistory> {
    const { name, spec, input, only } = wanted;
    const tables: Record<string, OfflineTable> = {};
    if (only === undefined) {
      const at = { projectId, name: input.dataset, version: input.version };
      const found = await datasets.table(SYSTEM, at);
      if (found.digest !== input.digest) throw changed(input);
      tables[name] = found.table;
    }
    const rows = await queries.segmentsById(db.reader, only ?? input.segments);
    if (rows.length > 0) tables[`${name}_pushed`] = tableOf(projectId, rows);
    return { history: historyOf(spec, Object.keys(tables)), tables };
  }

  function tableOf(projectId: string, rows: readonly SegmentRow[]): OfflineTable {
    const files = rows.flatMap(
      (row) =>
        file(projectId, row.artifact_path, { digest: row.file_digest, sizeBytes: row.size_bytes }).files,
    );
    return { format: "parquet", files };
  }

  function file(
    projectId: string,
    path: string,
    { digest, sizeBytes }: { digest: string; sizeBytes: number },
  ): OfflineTable {
    const open = async () => {
      const { file: found, bytes } = await artifacts.get(SYSTEM, { projectId, path });
      if (found.digest === digest) return bytes;
      bytes.destroy();
      throw new AppError("unavailable", `The file ${path} is not the one that was written there.`);
    };
    return { format: "parquet", files: [{ digest, sizeBytes, open }] };
  }
}

function historyOf(spec: ViewSpec, tables: readonly string[]): History {
  return {
    tables,
    joinKeys: spec.joinKeys,
    timestampColumn: spec.source.timestampColumn,
    createdColumn: spec.source.createdColumn,
    ttlMs: spec.ttlSeconds === null ? null : spec.ttlSeconds * 1000,
    features: featuresOf(spec),
  };
}

function changed({ dataset, version }: HistoryInput): AppError {
  return new AppError(
    "invalid",
    `Dataset ${dataset}, version ${version}, is not the one that was asked for.`,
  );
}
