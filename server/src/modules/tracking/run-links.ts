import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { TrackingDeps } from "./deps.ts";
import type { Dataset, DatasetInput, Runs } from "./door.ts";
import type { Places } from "./places.ts";
import * as queries from "./queries/links.ts";
import { runToChange, saveRun } from "./queries/runs.ts";
import { assertRunActive, noRun, tooMany } from "./run.ts";
import type { DatasetRow, RunModelRow, StandingRunRow } from "./tables.ts";

const LINKS_MAX = 1000; // In one call, and of one run: all of them are read with each list that the run is in.
const DATASET_CHARS_MAX = {
  name: 500,
  digest: 36,
  sourceType: 100,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
} as const satisfies Record<keyof Dataset, number>;
const TAG_KEY_CHARS_MAX = 255;
const TAG_VALUE_CHARS_MAX = 500;
const TAGS_MAX = 100; // Of one dataset of one run; clients write one.
const MODEL_ID_CHARS_MAX = 256;

/** What a run has read and made: datasets and logged models. */
export function createRunLinks(deps: TrackingDeps, places: Places): Pick<Runs, "logInputs" | "logOutputs"> {
  const { db, audit, events, lineage, clientTags } = deps;

  return {
    logInputs: async (actor, projectId, id, { datasets, modelIds }) => {
      const checked = datasets.map(checkInput);
      const models = modelIds.map((modelId) => ({ modelId: checkModelId(modelId), step: 0 }));
      await link(actor, { projectId, id, adding: checked.length + models.length }, async (tx, row) => {
        await addDatasets(tx, row, checked);
        await queries.addRunModels(tx, modelRows(row.id, "input", models));
        for (const { modelId } of models) {
          const to = { type: "logged-model", id: modelId };
          await lineage.link(tx, { projectId, from: { type: "run", id }, relation: "consumed", to });
        }
      });
    },
    logOutputs: async (actor, projectId, id, given) => {
      const models = given.map(({ modelId, step }) => ({
        modelId: checkModelId(modelId),
        step: checkStep(step),
      }));
      await link(actor, { projectId, id, adding: models.length }, async (tx, row) => {
        await queries.addRunModels(tx, modelRows(row.id, "output", models));
      });
    },
  };

  async function link(
    actor: Actor,
    { projectId, id, adding }: { projectId: string; id: string; adding: number },
    add: (tx: Tx, row: StandingRunRow) => Promise<void>,
  ): Promise<void> {
    if (adding > LINKS_MAX) throw tooMany("datasets and models", LINKS_MAX);
    await places.requireAtRun(actor, "run:write", { projectId, runId: id });
    await db.transaction(async (tx) => {
      const row = await runToChange(tx, id);
      if (row === undefined) throw noRun(id);
      assertRunActive(row);
      await add(tx, row);
      if (row.has_links === 0) await saveRun(tx, id, { has_links: 1 });
      if ((await queries.countLinks(tx, id)) > LINKS_MAX) throw tooMany("datasets and models", LINKS_MAX);
      const body = { runId: id, experimentId: String(row.experiment_id) };
      await events.announce(tx, { kind: "run.logged", projectId, key: id, body });
    });
    await audit.recordAccess(actor, { action: "run.logged", resource: { type: "run", id }, projectId });
  }

  async function addDatasets(tx: Tx, row: StandingRunRow, inputs: readonly DatasetInput[]): Promise<void> {
    const { project_id: projectId, experiment_id: experimentId, id } = row;
    await queries.addDatasets(
      tx,
      inputs.map(({ dataset }) => datasetRow(dataset, projectId, experimentId)),
    );
    const names = [...new Set(inputs.map(({ dataset }) => dataset.name))];
    const known = await queries.datasetIds(tx, { projectId, experimentId, names });
    const ids = new Map(known.map((row) => [JSON.stringify([row.name, row.digest]), row.id]));
    const rows = inputs.flatMap(({ dataset, tags }) => {
      const datasetId = ids.get(JSON.stringify([dataset.name, dataset.digest]));
      const context = tags.find(({ key }) => key === clientTags.datasetContext)?.value ?? "";
      return datasetId === undefined
        ? []
        : [{ run_id: id, dataset_id: datasetId, context, tags: JSON.stringify(tags) }];
    });
    await queries.addInputs(tx, rows);
    for (const { dataset } of inputs) {
      const to = thingOf(dataset);
      await lineage.link(tx, { projectId, from: { type: "run", id }, relation: "consumed", to });
    }
  }
}

const ADDRESSES = [
  { type: "training-set", form: /\/features\/training-sets\/([^/?#"\s]+)\/(\d{1,10})(?=[/?#"\s]|$)/ },
  { type: "dataset", form: /\/datasets\/([^/?#"\s]+)\/versions\/(\d{1,10})(?=[/?#"\s]|$)/ },
] as const;

/** A source that is an address of our own API names the very thing; of any other the client's name and digest stand. */
function thingOf({ name, digest, source }: Dataset): { type: string; id: string; version: string } {
  for (const { type, form } of ADDRESSES) {
    const [, id, version] = form.exec(source) ?? [];
    if (id !== undefined && version !== undefined) return { type, id: plain(id), version };
  }
  return { type: "dataset", id: name, version: digest };
}

function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A percent sign that stands for itself.
  }
}

function datasetRow(dataset: Dataset, projectId: string, experimentId: number): DatasetRow {
  return {
    id: newId(),
    project_id: projectId,
    experiment_id: experimentId,
    name: dataset.name,
    digest: dataset.digest,
    source_type: dataset.sourceType,
    source: dataset.source,
    schema: dataset.schema ?? null,
    profile: dataset.profile ?? null,
  };
}

function modelRows(
  runId: string,
  direction: RunModelRow["direction"],
  models: readonly { modelId: string; step: number }[],
): RunModelRow[] {
  const byId = new Map(models.map((model) => [model.modelId, model])); // One statement cannot change a row twice.
  return [...byId.values()].map(({ modelId, step }) => ({
    run_id: runId,
    direction,
    model_id: modelId,
    step,
  }));
}

function checkInput({ dataset, tags }: DatasetInput): DatasetInput {
  for (const [field, most] of Object.entries(DATASET_CHARS_MAX)) {
    checkText(dataset[field as keyof Dataset] ?? "", `dataset.${field}`, most);
  }
  for (const field of ["name", "digest"] as const) {
    if (dataset[field] === "") {
      throw new AppError("invalid", `A dataset's ${field} must not be empty.`, { at: `dataset.${field}` });
    }
  }
  if (tags.length > TAGS_MAX) throw tooMany("tags of one dataset", TAGS_MAX);
  for (const { key, value } of tags) {
    checkText(key, "tags.key", TAG_KEY_CHARS_MAX);
    checkText(value, "tags.value", TAG_VALUE_CHARS_MAX);
  }
  return { dataset, tags };
}

function checkModelId(modelId: string): string {
  if (modelId === "") throw new AppError("invalid", "A model's id must not be empty.", { at: "model_id" });
  return checkText(modelId, "model_id", MODEL_ID_CHARS_MAX);
}

function checkStep(step: number): number {
  if (Number.isSafeInteger(step)) return step;
  throw new AppError("invalid", `The step ${step} is no whole number up to 9007199254740991.`, {
    at: "step",
  });
}

function checkText(text: string, at: string, charsMax: number): string {
  if (text.length > charsMax) {
    throw new AppError("invalid", `'${at}' exceeds the maximum length of ${charsMax} characters`, { at });
  }
  if (text.includes("\0")) throw new AppError("invalid", `'${at}' must not contain NUL.`, { at });
  return text;
}
