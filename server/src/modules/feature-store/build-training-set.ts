import { AppError } from "#lib/errors";
import { SYSTEM } from "#modules/identity";
import type { OfflineTable } from "#ports/offline-engine";
import type { FeatureStoreDeps } from "./deps.ts";
import type { Gate } from "./gate.ts";
import type { Histories, OpenHistory } from "./history.ts";
import * as queries from "./queries.ts";
import type { TrainingResult, TrainingSetRow, TrainingSpec } from "./tables.ts";
import { columnName, viewOf } from "./training-sets.ts";
import { choosePlan, type JoinedView, shapeSql, trainingSql } from "./training-sql.ts";
import { describeColumns } from "./training-statistics.ts";
import { isPassing, reasonOf, STATEMENT_LIMITS } from "./work.ts";

/** Builds one training set, or leaves it to the next worker when `signal` aborts. */
export type BuildTrainingSet = (row: TrainingSetRow, signal: AbortSignal) => Promise<void>;

interface Built {
  result: TrainingResult;
  file: Pick<TrainingSetRow, "artifact_path" | "digest" | "size_bytes" | "row_count">;
}

export function createBuildTrainingSet(
  deps: FeatureStoreDeps,
  gate: Gate,
  histories: Histories,
): BuildTrainingSet {
  const { db, clock, offline, datasets, artifacts, lineage } = deps;
  return build;

  async function build(row: TrainingSetRow, signal: AbortSignal): Promise<void> {
    const started: TrainingSetRow = { ...row, state: "running", tries: row.tries + 1 };
    const { state, tries } = started;
    const isMine = await db.transaction((tx) => queries.changeTrainingSet(tx, row, { state, tries }));
    if (!isMine) return;
    const spec = JSON.parse(row.spec) as TrainingSpec;
    try {
      await finish(started, spec, await make(started, spec, signal));
    } catch (thrown) {
      if (signal.aborted) return;
      const { error, reason } = reasonOf(thrown);
      if (error.code === "internal") deps.log.error("A training set failed.", { error: thrown });
      if (!isPassing(error, tries)) await fail(started, reason);
    }
  }

  async function make(row: TrainingSetRow, spec: TrainingSpec, signal: AbortSignal): Promise<Built> {
    const frame = await openFrame(row, spec, signal);
    const views = await Promise.all(
      spec.views.map(async (one, i) => {
        const view = await viewOf(db.reader, one.viewId);
        const opened = await histories.open(row.project_id, {
          name: `view_${i}`,
          spec: view.spec,
          input: one.input,
        });
        return { ...one, opened, features: view.features.filter(({ name }) => one.features.includes(name)) };
      }),
    );
    const joined: JoinedView[] = [];
    for (const { view, opened, features } of views) {
      const columns = features.map((feature) => ({
        feature: opened.history.features.findIndex(({ name }) => name === feature.name),
        as: columnName({ name: feature.name, view }, spec.asked.names),
        filled: spec.asked.defaults === "filled" ? feature.default : undefined,
      }));
      joined.push({ history: opened.history, plan: await planOf(opened, signal), columns });
    }
    const { timestampColumn } = spec.asked.entities;
    const sql = trainingSql({ frame: "frame", timestampColumn, views: joined });
    const tables = Object.assign({ frame }, ...views.map(({ opened }) => opened.tables));
    const { table, file } = await save(row, { tables, sql, name: "rows" }, signal);
    const columns = await describeColumns(offline, table, signal);
    const plans = Object.fromEntries(joined.map(({ plan }, i) => [views[i]?.view ?? "", plan]));
    return { result: { sql, plans, columns }, file };
  }

  /** A statement over the dataset is run once and kept: what it says twice may differ. */
  async function openFrame(
    row: TrainingSetRow,
    spec: TrainingSpec,
    signal: AbortSignal,
  ): Promise<OfflineTable> {
    const { dataset, version, digest } = spec.frame;
    const found = await datasets.table(SYSTEM, { projectId: row.project_id, name: dataset, version });
    if (found.digest !== digest) {
      throw new AppError("invalid", `Dataset ${dataset}, version ${version}, is not the one asked for.`);
    }
    const { sql } = spec.asked.entities;
    if (sql === undefined) return found.table;
    const work = { tables: { dataset: found.table }, sql: `select * from (\n${sql}\n)`, name: "entities" };
    return (await save(row, work, signal)).table;
  }

  async function planOf({ history, tables }: OpenHistory, signal: AbortSignal): Promise<JoinedView["plan"]> {
    const answer = await offline.query({ tables, sql: shapeSql(history), signal }, STATEMENT_LIMITS);
    const [rows = 0, keys = 0, first = 0, last = 0, whole = 0] = (answer.rows[0] ?? []).map(Number);
    return choosePlan(history, { rows, keys, spanMs: (last - first) / 1000, whole: whole === 1 });
  }

  async function save(
    row: TrainingSetRow,
    work: { tables: Record<string, OfflineTable>; sql: string; name: string },
    signal: AbortSignal,
  ): Promise<{ table: OfflineTable; file: Built["file"] }> {
    const { tables, sql, name } = work;
    const { bytes, rowCount } = await offline.export({ tables, sql, signal }, STATEMENT_LIMITS);
    const path = `features/training-sets/${row.id}/${name}.parquet`;
    const at = { projectId: row.project_id, path };
    const stored = await artifacts.put(SYSTEM, at, bytes, { mediaType: "application/vnd.apache.parquet" });
    const { digest, sizeBytes } = stored;
    const file = { artifact_path: path, digest, size_bytes: sizeBytes, row_count: rowCount };
    return { table: histories.file(row.project_id, path, { digest, sizeBytes }), file };
  }

  async function finish(row: TrainingSetRow, spec: TrainingSpec, { result, file }: Built): Promise<void> {
    await db.transaction(async (tx) => {
      const changes = { ...file, state: "succeeded" as const, result: JSON.stringify(result), error: null };
      const isMine = await queries.changeTrainingSet(tx, row, { ...changes, ended_ms: clock.now() });
      if (!isMine) return;
      const from = { type: "training-set", id: row.name, version: String(row.number) };
      const sources = [
        { type: "feature-service", id: spec.asked.service, version: String(spec.serviceVersion) },
        ...[spec.frame, ...spec.views.map(({ input }) => input)].map(({ dataset, version }) => ({
          type: "dataset",
          id: dataset,
          version: String(version),
        })),
      ];
      for (const to of sources) {
        await lineage.link(tx, { projectId: row.project_id, from, relation: "derived", to });
      }
      await tell(tx, row, "training-set.succeeded");
    });
  }

  async function fail(row: TrainingSetRow, error: string): Promise<void> {
    await db.transaction(async (tx) => {
      const changes = { state: "failed" as const, error, ended_ms: clock.now() };
      if (await queries.changeTrainingSet(tx, row, changes)) await tell(tx, row, "training-set.failed");
    });
  }

  function tell(tx: Parameters<Gate["tell"]>[0], row: TrainingSetRow, action: string): Promise<void> {
    const thing = { type: "training-set" as const, id: row.name, name: `${row.name} ${row.number}` };
    return gate.tell(tx, SYSTEM, {
      action,
      projectId: row.project_id,
      thing,
      details: { number: row.number },
    });
  }
}
