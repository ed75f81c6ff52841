import type { DatasetProfile } from "@atrium/contract/datasets";
import { AppError } from "#lib/errors";
import { SYSTEM } from "#modules/identity";
import type { OfflineTable } from "#ports/offline-engine";
import { runChecks } from "./check-runner.ts";
import { countResults } from "./checks.ts";
import type { DatasetsDeps } from "./deps.ts";
import { createGate } from "./gate.ts";
import { profileTable, TABLE } from "./profile.ts";
import * as queries from "./queries.ts";
import { createSealing } from "./sealing.ts";
import { askVersion, digestOver, type Folder, type Storage } from "./storage.ts";
import type { FileRow, ResultRow, VersionRow } from "./tables.ts";
import { checksOf, resultRows, sourceOf } from "./view.ts";

const MAKING_MS_MAX = 600_000; // SQL over large inputs, or a large CSV; nobody waits for the answer itself.
const TRIES_MAX = 5; // What kills the engine, or us, as often as this will do it again.
const PAUSE_MS = 2000; // Doubles with each try.
const REASON_CHARACTERS_MAX = 2000;

/** Looks at versions that have come: makes their table, profiles it, runs the checks. One at a time may do it. */
export function createPreparing(deps: DatasetsDeps, storage: Storage) {
  const { db, clock, engine } = deps;
  const gate = createGate(deps);
  const sealing = createSealing(deps.keys);
  return { prepare };

  /** Brings one version to its end, or leaves it for another try. Killed at any point, it begins anew. */
  async function prepare(row: VersionRow, signal: AbortSignal): Promise<void> {
    const begun = await begin(row);
    if (begun === undefined) return;
    if (begun.tries > TRIES_MAX) {
      await fail(begun, "Looking at it ended the engine or the server again and again; it may be damaged.");
      return;
    }
    try {
      await look(begun, signal);
    } catch (thrown) {
      if (signal.aborted) return; // The next worker goes on.
      if (!isFinal(thrown)) throw thrown;
      await fail(begun, thrown.message);
    }
  }

  /** Counts the try before it begins, so that one which kills us counts too. */
  async function begin(of: VersionRow): Promise<VersionRow | undefined> {
    return db.transaction(async (tx) => {
      const now = await queries.versionToChange(tx, of);
      if (now === undefined || now.state !== "pending") return undefined;
      const tries = now.tries + 1;
      const due_ms = clock.now() + PAUSE_MS * 2 ** tries;
      await queries.changeVersion(tx, now, { tries, due_ms });
      return { ...now, tries, due_ms };
    });
  }

  async function look(row: VersionRow, signal: AbortSignal): Promise<void> {
    const given = await queries.filesOf(db.reader, row);
    const made = needsTable(row) ? await makeTable(row, given, signal) : undefined;
    try {
      const files = made === undefined ? given : [made.file];
      const ask = askVersion({ engine, storage }, { version: row, files, signal });
      const { rowCount, columns, profiles } = await profileTable(ask);
      if (columns.length === 0) throw new AppError("invalid", "The file has no columns.");
      const dataset = await queries.datasetById(db.reader, row.dataset_id);
      const checks = dataset === undefined ? [] : checksOf(dataset);
      const of = { columns, rowCount, madeMs: row.created_ms, ranMs: clock.now() };
      const results = await runChecks(ask, checks, of);
      await finish(row, {
        made,
        rowCount,
        profile: await sealing.seal(row, "profile", { rowCount, columns: profiles } satisfies DatasetProfile),
        columns: JSON.stringify(columns),
        results: await resultRows(row, results, sealing),
        counts: countResults(results),
      });
    } catch (thrown) {
      if (made !== undefined) await storage.discard(made.folder).catch(() => {});
      throw thrown;
    }
  }

  /** One Parquet in place of SQL's answer, or of a format whose types would be guessed anew with each reading. */
  async function makeTable(
    row: VersionRow,
    given: readonly FileRow[],
    signal: AbortSignal,
  ): Promise<{ folder: Folder; file: FileRow }> {
    const source = sourceOf(row);
    const { tables, sql } =
      source.kind === "sql"
        ? { tables: await inputsOf(row.project_id, source.inputs), sql: source.sql }
        : {
            tables: { [TABLE]: storage.table(row.project_id, row.format, given) },
            sql: `SELECT * FROM ${TABLE}`,
          };
    const { bytes } = await engine.export({ tables, sql, signal }, { timeoutMs: MAKING_MS_MAX });
    const folder = await storage.begin(row.project_id, row.dataset_id);
    try {
      const file = { name: "table.parquet", format: "parquet" as const };
      const { path, digest, sizeBytes } = await storage.put(folder, file, bytes);
      const { dataset_id, version } = row;
      const made = { dataset_id, version, role: "table" as const, ordinal: 0, path, digest };
      return { folder, file: { ...made, size_bytes: sizeBytes } };
    } catch (thrown) {
      bytes.destroy();
      await storage.discard(folder).catch(() => {});
      throw thrown;
    }
  }

  async function inputsOf(
    projectId: string,
    inputs: Readonly<Record<string, { dataset: string; version: number }>>,
  ): Promise<Record<string, OfflineTable>> {
    const tables: Record<string, OfflineTable> = {};
    for (const [name, input] of Object.entries(inputs)) {
      const dataset = await queries.datasetByName(db.reader, projectId, input.dataset);
      const of = { dataset_id: dataset?.id ?? "", version: input.version };
      const version = await queries.versionOf(db.reader, of);
      if (version?.state !== "ready") {
        throw new AppError(
          "invalid",
          `Its input, version ${input.version} of ${input.dataset}, is no longer there.`,
        );
      }
      const files = await queries.filesOf(db.reader, version);
      const tabled = files.filter(({ role }) => role === "table");
      tables[name] = storage.table(projectId, "parquet", tabled.length > 0 ? tabled : files);
    }
    return tables;
  }

  interface Seen {
    made: { folder: Folder; file: FileRow } | undefined;
    rowCount: number;
    profile: string;
    columns: string;
    results: ResultRow[];
    counts: { passed: number; failed: number; warned: number };
  }

  async function finish(
    row: VersionRow,
    { made, rowCount, profile, columns, results, counts }: Seen,
  ): Promise<void> {
    const taken = await db.transaction(async (tx) => {
      const dataset = await queries.datasetToChange(tx, row.dataset_id);
      const now = await queries.versionToChange(tx, row);
      // Deleted, or another worker was faster: what we have made is not needed.
      if (dataset === undefined || now?.state !== "pending") return false;
      if (made !== undefined) {
        await storage.keep(tx, made.folder);
        await queries.addFiles(tx, [made.file]);
      }
      const fromSql = made !== undefined && row.files === 0;
      await queries.changeVersion(tx, row, {
        state: "ready",
        row_count: rowCount,
        columns,
        ...counts,
        ...(fromSql
          ? { digest: digestOver([made.file.digest]), size_bytes: made.file.size_bytes, files: 1 }
          : {}),
        ready_ms: clock.now(),
      });
      await queries.saveProfile(tx, { dataset_id: row.dataset_id, version: row.version, profile });
      await queries.replaceResults(tx, row, results);
      const details = { rowCount, ...counts };
      const news = { action: "dataset.version-ready", dataset, version: row.version, details };
      await gate.tell(tx, SYSTEM, news);
      return true;
    });
    if (!taken && made !== undefined) await storage.discard(made.folder);
  }

  async function fail(row: VersionRow, reason: string): Promise<void> {
    await db.transaction(async (tx) => {
      const dataset = await queries.datasetToChange(tx, row.dataset_id);
      const now = await queries.versionToChange(tx, row);
      if (dataset === undefined || now?.state !== "pending") return;
      await queries.changeVersion(tx, row, {
        state: "failed",
        reason: reason.slice(0, REASON_CHARACTERS_MAX),
      });
      await gate.tell(tx, SYSTEM, { action: "dataset.version-failed", dataset, version: row.version });
    });
  }
}

function needsTable({ format, source }: VersionRow): boolean {
  return format !== "parquet" || sourceOf({ source }).kind === "sql";
}

/** What would be refused again whenever it is tried. */
function isFinal(thrown: unknown): thrown is AppError {
  if (!(thrown instanceof AppError)) return false;
  return thrown.code === "invalid" || thrown.code === "exhausted" || thrown.code === "conflict";
}
