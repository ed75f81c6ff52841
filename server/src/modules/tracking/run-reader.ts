import type { Tx } from "#ports/database";
import type { DatasetInput, KeyValue, Point, Run } from "./door.ts";
import { type InputWithDataset, inputsOfRuns, modelsOfRuns } from "./queries/links.ts";
import { type LatestRow, latestOfRuns } from "./queries/series.ts";
import { paramsOfRuns, tagsOfRuns } from "./queries/values.ts";
import { artifactPathOf } from "./run.ts";
import { createRunCache } from "./run-cache.ts";
import type { RunModelRow, StandingRunRow, ValueRow } from "./tables.ts";

/** Makes runs of their rows: what it has made of a version before is the same object again. */
export interface RunReader {
  /** In the order of the rows. One question for each table, however many runs are missing. */
  runsOf(tx: Tx, rows: readonly StandingRunRow[]): Promise<Run[]>;
  /** Takes a run that was just made, so that the first look at it asks for nothing. */
  keep(run: Run, version: number): void;
}

export function createRunReader(): RunReader {
  const cache = createRunCache();

  async function runsOf(tx: Tx, rows: readonly StandingRunRow[]): Promise<Run[]> {
    const known = rows.map((row) => cache.get(row.id, row.version, lifecycleOf(row)));
    const missing = rows.filter((_, i) => known[i] === undefined);
    const made = new Map((await assemble(tx, missing)).map((run) => [run.id, run]));
    for (const row of missing) {
      const run = made.get(row.id);
      if (run !== undefined) cache.put(run, row.version);
    }
    return rows.flatMap((row, i) => known[i] ?? made.get(row.id) ?? []);
  }

  return { runsOf, keep: cache.put };
}

function lifecycleOf(row: StandingRunRow): Run["lifecycle"] {
  return row.is_deleted === 1 ? "deleted" : "active";
}

const NONE: readonly never[] = Object.freeze([]);

/**
 * The values are read after the rows, so they may be newer than the version that the row names, and never older; the next
 * reader sees the higher version and reads again.
 */
async function assemble(tx: Tx, rows: readonly StandingRunRow[]): Promise<Run[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const linked = rows.filter((row) => row.has_links === 1).map((row) => row.id);
  const params = grouped(await paramsOfRuns(tx, ids), toKeyValue);
  const tags = grouped(await tagsOfRuns(tx, ids), toKeyValue);
  const metrics = grouped(await latestOfRuns(tx, ids), toPoint);
  const datasets = grouped(await inputsOfRuns(tx, linked), toInput);
  const models = grouped(await modelsOfRuns(tx, linked), (row: RunModelRow) => row);
  return rows.map((row) =>
    makeRun(row, {
      params: params.get(row.id) ?? NONE,
      tags: tags.get(row.id) ?? NONE,
      metrics: metrics.get(row.id) ?? NONE,
      datasets: datasets.get(row.id) ?? NONE,
      models: models.get(row.id) ?? NONE,
    }),
  );
}

/** A run of its row and its values. */
export function makeRun(
  row: StandingRunRow,
  values: Pick<Run, "params" | "tags" | "metrics" | "datasets"> & { models: readonly RunModelRow[] },
): Run {
  const { models, ...rest } = values;
  const inputs = models.filter(({ direction }) => direction === "input");
  const outputs = models.filter(({ direction }) => direction === "output");
  return Object.freeze({
    id: row.id,
    projectId: row.project_id,
    experimentId: String(row.experiment_id),
    name: row.name,
    status: row.status,
    lifecycle: lifecycleOf(row),
    owner: row.owner,
    startedMs: row.started_ms,
    endedMs: row.ended_ms ?? undefined,
    artifactPath: artifactPathOf(row),
    ...rest,
    modelInputs: inputs.map(({ model_id }) => model_id),
    modelOutputs: outputs.map(({ model_id, step }) => ({ modelId: model_id, step })),
  });
}

function grouped<Row extends { run_id: string }, T>(
  rows: readonly Row[],
  make: (row: Row) => T,
): Map<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.run_id);
    if (group === undefined) groups.set(row.run_id, [make(row)]);
    else group.push(make(row));
  }
  return groups;
}

function toKeyValue({ key, value }: ValueRow): KeyValue {
  return { key, value };
}

function toPoint({ key, value, is_nan, step, at_ms }: LatestRow): Point {
  return { key, value: is_nan === 1 ? Number.NaN : value, timestampMs: at_ms, step };
}

function toInput(row: InputWithDataset): DatasetInput {
  return {
    dataset: {
      name: row.name,
      digest: row.digest,
      sourceType: row.source_type,
      source: row.source,
      schema: row.schema ?? undefined,
      profile: row.profile ?? undefined,
    },
    tags: JSON.parse(row.tags) as KeyValue[],
  };
}
