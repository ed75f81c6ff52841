import type {
  Certification,
  Dataset,
  DatasetCheck,
  DatasetCheckResult,
  DatasetColumn,
  DatasetVersion,
} from "@atrium/contract/datasets";
import type { Tx } from "#ports/database";
import * as queries from "./queries.ts";
import type { Sealing } from "./sealing.ts";
import type { DatasetRow, ResultRow, VersionRow } from "./tables.ts";

export async function showDatasets(tx: Tx, rows: readonly DatasetRow[]): Promise<Dataset[]> {
  const ids = rows.map(({ id }) => id);
  const latest = new Map((await queries.latestVersions(tx, ids)).map((row) => [row.dataset_id, row]));
  const certified = await queries.certifiedVersions(tx, ids);
  return rows.map((row) => {
    const newest = latest.get(row.id);
    const certifiedVersion = certified.get(row.id);
    return {
      id: row.id,
      name: row.name,
      description: row.description,
      owner: row.owner,
      tags: JSON.parse(row.tags) as Record<string, string>,
      checks: checksOf(row),
      ...(newest === undefined ? {} : { latest: showVersion(row.name, newest) }),
      ...(certifiedVersion === undefined ? {} : { certifiedVersion }),
      versions: row.versions,
      createdBy: row.created_by,
      createdMs: row.created_ms,
      updatedMs: row.updated_ms,
    };
  });
}

export async function showDataset(tx: Tx, row: DatasetRow): Promise<Dataset> {
  const [shown] = await showDatasets(tx, [row]);
  if (shown === undefined) throw new Error("Broken assumption: one row is shown as one dataset");
  return shown;
}

export function checksOf(row: Pick<DatasetRow, "checks">): DatasetCheck[] {
  return JSON.parse(row.checks) as DatasetCheck[];
}

export function columnsOf(row: Pick<VersionRow, "columns">): DatasetColumn[] {
  return JSON.parse(row.columns ?? "[]") as DatasetColumn[];
}

export function sourceOf(row: Pick<VersionRow, "source">): DatasetVersion["source"] {
  return JSON.parse(row.source) as DatasetVersion["source"];
}

export function showVersion(dataset: string, row: VersionRow): DatasetVersion {
  const certification = certificationOf(row);
  const { passed, failed, warned } = row;
  const counted = passed !== null && failed !== null && warned !== null;
  return {
    dataset,
    version: row.version,
    state: row.state,
    ...(row.reason === "" ? {} : { reason: row.reason }),
    description: row.description,
    format: row.format,
    ...(row.digest === "" ? {} : { digest: row.digest }),
    sizeBytes: row.size_bytes,
    files: row.files,
    source: sourceOf(row),
    ...(row.row_count === null ? {} : { rowCount: row.row_count }),
    ...(row.columns === null ? {} : { columns: columnsOf(row) }),
    ...(counted ? { checks: { passed, failed, warned } } : {}),
    ...(certification === undefined ? {} : { certification }),
    createdBy: row.created_by,
    createdMs: row.created_ms,
    ...(row.ready_ms === null ? {} : { readyMs: row.ready_ms }),
  };
}

function certificationOf(row: VersionRow): Certification | undefined {
  if (row.certified_ms === null) return undefined;
  return { by: row.certified_by ?? "", atMs: row.certified_ms, note: row.certified_note ?? "" };
}

/** A result without the values it shows as examples: those are sealed. */
export type Outcome = Omit<DatasetCheckResult, "examples">;

export function showOutcome(row: ResultRow): Outcome {
  return {
    check: JSON.parse(row.spec) as DatasetCheck,
    state: row.state,
    failedCount: row.failed_count,
    rowCount: row.row_count,
    message: row.message,
    ranMs: row.ran_ms,
  };
}

export function resultRows(
  of: Pick<VersionRow, "project_id" | "dataset_id" | "version">,
  results: readonly DatasetCheckResult[],
  sealing: Sealing,
): Promise<ResultRow[]> {
  const { dataset_id, version } = of;
  const rows = results.map(async (result, ordinal) => ({
    dataset_id,
    version,
    ordinal,
    spec: JSON.stringify(result.check),
    state: result.state,
    failed_count: result.failedCount,
    row_count: result.rowCount,
    message: result.message,
    examples: await sealing.seal(of, `examples ${ordinal}`, result.examples),
    ran_ms: result.ranMs,
  }));
  return Promise.all(rows);
}
