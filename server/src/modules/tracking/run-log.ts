import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import { type CheckedBatch, checkBatch } from "./batch.ts";
import type { TrackingDeps } from "./deps.ts";
import type { Batch, Point, Runs } from "./door.ts";
import type { Places } from "./places.ts";
import { runToChange, saveRun } from "./queries/runs.ts";
import { addChunks, countSeries, saveSeries, seriesOf } from "./queries/series.ts";
import { addParams, countValues, paramsOf, saveTags } from "./queries/values.ts";
import { assertRunActive, assertSameParams, checkRunName, noRun, tooMany } from "./run.ts";
import { extend, type SeriesOf } from "./series.ts";
import type { ChunkRow, SeriesRow, StandingRunRow } from "./tables.ts";

// What one run holds; all of it is read with each list that the run is in.
const PARAMS_MAX = 10_000;
const TAGS_MAX = 10_000;
const SERIES_MAX = 50_000;

/** Keeps points that are about a logged model beside it, in the transaction that logs them. */
export type LogModelPoints = (
  tx: Tx,
  run: { projectId: string; experimentId: string; runId: string },
  points: readonly Point[],
) => Promise<void>;

/** Logging values: one transaction, no question a key. */
export function createRunLog(
  deps: TrackingDeps,
  places: Places,
  logModelPoints: LogModelPoints,
): Pick<Runs, "log"> {
  const { db, audit, events, clientTags } = deps;

  return { log };

  async function log(actor: Actor, projectId: string, id: string, batch: Batch): Promise<void> {
    const checked = checkBatch(batch);
    await places.requireAtRun(actor, "run:write", { projectId, runId: id });
    await db.transaction(async (tx) => {
      const row = await runToChange(tx, id);
      if (row === undefined) throw noRun(id);
      assertRunActive(row);
      await logParams(tx, id, checked.params);
      await logTags(tx, row, checked.tags);
      await logMetrics(tx, row, checked);
      const body = { runId: id, experimentId: String(row.experiment_id) };
      await events.announce(tx, { kind: "run.logged", projectId, key: id, body });
    });
    await audit.recordAccess(actor, { action: "run.logged", resource: { type: "run", id }, projectId });
  }

  async function logParams(tx: Tx, id: string, params: CheckedBatch["params"]): Promise<void> {
    if (params.length === 0) return;
    const rows = params.map(({ key, value }) => ({ run_id: id, key, value }));
    const added = await addParams(tx, rows);
    if (added < params.length) {
      assertSameParams(
        id,
        params,
        await paramsOf(
          tx,
          id,
          params.map(({ key }) => key),
        ),
      );
    }
    if (added > 0 && (await countValues(tx, "tracking_params", id)) > PARAMS_MAX) {
      throw tooMany("params", PARAMS_MAX);
    }
  }

  async function logTags(tx: Tx, row: StandingRunRow, tags: CheckedBatch["tags"]): Promise<void> {
    if (tags.length === 0) return;
    await saveTags(
      tx,
      tags.map(({ key, value }) => ({ run_id: row.id, key, value })),
    );
    const name = tags.find(({ key }) => key === clientTags.runName)?.value;
    if (name) await saveRun(tx, row.id, { name: checkRunName(name) });
    if ((await countValues(tx, "tracking_run_tags", row.id)) > TAGS_MAX) throw tooMany("tags", TAGS_MAX);
  }

  async function logMetrics(tx: Tx, row: StandingRunRow, { series, ofModels }: CheckedBatch): Promise<void> {
    if (series.length === 0) return;
    const { id, project_id, experiment_id } = row;
    const found = await seriesOf(
      tx,
      id,
      series.map(({ key }) => key),
    );
    const standing = new Map(found.map((one) => [one.key, one]));
    const rows: SeriesRow[] = [];
    const chunks: ChunkRow[] = [];
    for (const { key, points } of series) {
      const of: SeriesOf = { run_id: id, key, project_id, experiment_id };
      const extended = extend(of, standing.get(key), points);
      rows.push(extended.series);
      chunks.push(...extended.chunks);
    }
    await saveSeries(tx, rows);
    await addChunks(tx, chunks);
    const isWider = standing.size < series.length;
    if (isWider && (await countSeries(tx, id)) > SERIES_MAX) throw tooMany("metrics", SERIES_MAX);
    if (ofModels.length === 0) return;
    const run = { projectId: project_id, experimentId: String(experiment_id), runId: id };
    await logModelPoints(tx, run, ofModels);
  }
}
