import { AppError } from "#lib/errors";
import { newHexId } from "#lib/ids";
import type { Page } from "#lib/paging";
import { keysetPage } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { TrackingDeps } from "./deps.ts";
import type { KeyValue, LoggedModel, LoggedModels, NewLoggedModel } from "./door.ts";
import { assertActive, noExperiment, parseExperimentId } from "./experiment.ts";
import * as rules from "./logged-model.ts";
import { checkDatasets, modelConditions, modelSorts } from "./logged-model-search.ts";
import type { LoggedModelRow } from "./logged-model-tables.ts";
import type { Places } from "./places.ts";
import { experimentById } from "./queries/experiments.ts";
import { modelPositionKinds, searchLoggedModels } from "./queries/logged-model-search.ts";
import * as queries from "./queries/logged-models.ts";
import { runById } from "./queries/runs.ts";
import { noRun } from "./run.ts";
import type { LogModelPoints } from "./run-log.ts";

const PAGE_MAX = 1000; // Each model comes with its params, tags and metrics.

/** Models as runs log them, before anybody registers them. */
export function createLoggedModels(deps: TrackingDeps, places: Places): LoggedModels {
  const { db, clock, audit, events, lineage } = deps;
  async function create(actor: Actor, projectId: string, given: NewLoggedModel): Promise<LoggedModel> {
    const experimentId = parseExperimentId(given.experimentId);
    await places.requireAt(actor, "run:write", { projectId, experimentId });
    const id = `m-${newHexId()}`;
    const row = rules.makeLoggedModel(given, { id, projectId, experimentId }, clock.now());
    const params = rules.checkModelParams(given.params);
    const tags = rules.checkModelTags(given.tags);
    await places.ensureDefault(projectId);
    return db.transaction(async (tx) => {
      const experiment = await experimentById(tx, projectId, experimentId);
      if (experiment === undefined) throw noExperiment(given.experimentId);
      assertActive(experiment);
      await queries.addLoggedModel(tx, row);
      await addParams(tx, id, params);
      await saveTags(tx, id, tags);
      await linkToRun(tx, row);
      await tell(tx, actor, row, "logged-model.created");
      return show(tx, row);
    });
  }

  async function linkToRun(tx: Tx, { id, project_id: projectId, source_run_id }: LoggedModelRow) {
    if (source_run_id === "") return;
    if ((await runById(tx, projectId, source_run_id)) === undefined) throw noRun(source_run_id);
    const from = { type: "run", id: source_run_id };
    await lineage.link(tx, { projectId, from, relation: "produced", to: { type: "logged-model", id } });
  }

  async function get(
    actor: Actor,
    projectId: string,
    id: string,
    asked: { deleted: "allowed" | "refused" } = { deleted: "refused" },
  ): Promise<LoggedModel> {
    const row = await admit(actor, "run:read", { projectId, id });
    if (row.deleted === 1 && asked.deleted === "refused") throw rules.noLoggedModel(id);
    return show(db.reader, row);
  }

  const finalize: LoggedModels["finalize"] = async (actor, projectId, id, { status, message = "" }) =>
    change(actor, { projectId, id }, async (tx, row) => {
      const changes = {
        status,
        status_message: rules.checkMessage(message),
        updated_ms: clock.now(),
      };
      await queries.changeLoggedModel(tx, id, changes);
      await tell(tx, actor, row, "logged-model.finalized");
      return { ...row, ...changes };
    });

  /** It stays readable for those who ask for deleted ones; a second time changes nothing. */
  async function remove(actor: Actor, projectId: string, id: string): Promise<void> {
    await admit(actor, "run:delete", { projectId, id });
    await db.transaction(async (tx) => {
      const row = await queries.loggedModelToChange(tx, projectId, id);
      if (row === undefined) throw rules.noLoggedModel(id);
      if (row.deleted === 1) return;
      await queries.changeLoggedModel(tx, id, { deleted: 1, updated_ms: clock.now() });
      await tell(tx, actor, row, "logged-model.deleted");
    });
  }

  async function logParams(
    actor: Actor,
    projectId: string,
    id: string,
    params: readonly KeyValue[],
  ): Promise<void> {
    const checked = rules.checkModelParams(params);
    await change(actor, { projectId, id }, async (tx, row) => {
      await addParams(tx, id, checked);
      await tell(tx, actor, row, "logged-model.updated");
      return row;
    });
  }

  const setTags: LoggedModels["setTags"] = async (actor, projectId, id, tags) => {
    const checked = rules.checkModelTags(tags);
    return change(actor, { projectId, id }, async (tx, row) => {
      await saveTags(tx, id, checked);
      await tell(tx, actor, row, "logged-model.updated");
      return row;
    });
  };

  const deleteTag: LoggedModels["deleteTag"] = async (actor, projectId, id, key) => {
    await change(actor, { projectId, id }, async (tx, row) => {
      if (!(await queries.removeModelTag(tx, id, key))) throw rules.noModelTag(id, key);
      await tell(tx, actor, row, "logged-model.updated");
      return row;
    });
  };

  async function changeTag(
    tx: Tx,
    { projectId, modelId, key }: { projectId: string; modelId: string; key: string },
    change: (before: string | undefined) => string,
  ): Promise<void> {
    const row = await queries.loggedModelToChange(tx, projectId, modelId);
    if (row === undefined) throw rules.noLoggedModel(modelId);
    const [before] = await queries.modelValuesByKey(tx, {
      table: "tracking_model_tags",
      modelId,
      keys: [key],
    });
    await saveTags(tx, modelId, rules.checkModelTags([{ key, value: change(before?.value) }]));
  }

  const search: LoggedModels["search"] = async (actor, projectId, asked): Promise<Page<LoggedModel>> => {
    const conditions = modelConditions(asked.filter ?? "", asked.sourceRunId);
    const datasets = checkDatasets(asked.datasets ?? []);
    const sorts = modelSorts(asked.orderBy ?? []);
    const wanted = asked.experimentIds?.map(parseExperimentId);
    const question = [
      projectId,
      wanted ?? null,
      asked.filter ?? "",
      asked.sourceRunId ?? null,
      datasets,
      sorts,
    ];
    return keysetPage({
      pageSize: Math.min(asked.pageSize, PAGE_MAX),
      pageToken: asked.pageToken || undefined,
      question,
      kinds: modelPositionKinds(sorts),
      rows: async (after, limit) => {
        const experimentIds = await places.visible(actor, "run:read", { projectId, experimentIds: wanted });
        if (experimentIds !== undefined && experimentIds.length === 0) return [];
        const parts = { projectId, experimentIds, conditions, datasets, sorts };
        return searchLoggedModels(db.longReader, parts, { after, limit });
      },
      show: (found) =>
        showAll(
          db.reader,
          found.map(({ row }) => row),
        ),
      position: ({ position }) => position,
    });
  };

  return { create, get, finalize, delete: remove, logParams, setTags, deleteTag, changeTag, search };

  /** The model, if the actor may do this in its experiment. One that they may not see looks like one that is not there. */
  async function admit(
    actor: Actor,
    permission: "run:read" | "run:write" | "run:delete",
    { projectId, id }: { projectId: string; id: string },
  ): Promise<LoggedModelRow> {
    const row = id.includes("\0") ? undefined : await queries.loggedModelById(db.reader, projectId, id);
    if (row === undefined) throw rules.noLoggedModel(id);
    try {
      await places.requireAt(actor, permission, { projectId, experimentId: row.experiment_id });
    } catch (thrown) {
      throw thrown instanceof AppError && thrown.code === "not_found" ? rules.noLoggedModel(id) : thrown;
    }
    return row;
  }

  async function change(
    actor: Actor,
    { projectId, id }: { projectId: string; id: string },
    rule: (tx: Tx, row: LoggedModelRow) => Promise<LoggedModelRow>,
  ): Promise<LoggedModel> {
    await admit(actor, "run:write", { projectId, id });
    return db.transaction(async (tx) => {
      const row = await queries.loggedModelToChange(tx, projectId, id);
      if (row === undefined) throw rules.noLoggedModel(id);
      return show(tx, await rule(tx, row));
    });
  }

  async function tell(tx: Tx, actor: Actor, row: LoggedModelRow, action: string): Promise<void> {
    const { id, project_id: projectId, name } = row;
    const body = { modelId: id, experimentId: String(row.experiment_id), runId: row.source_run_id };
    await events.announce(tx, { kind: action, projectId, key: id, body });
    await audit.record(tx, actor, { action, resource: { type: "logged-model", id, name }, projectId });
  }
}

/** Keeps the newest of the points that a run logs about logged models, beside those models. */
export const recordModelPoints: LogModelPoints = async (tx, run, points) => {
  const rows = rules.newestPoints(run.runId, points);
  const ids = [...new Set(rows.map((row) => row.model_id))];
  const known = await queries.knownLoggedModels(tx, run.projectId, ids);
  const missing = ids.find((id) => !known.has(id));
  if (missing !== undefined) throw rules.noLoggedModel(missing);
  await queries.saveModelMetrics(tx, rows);
  if ((await queries.mostModelMetrics(tx, ids)) > rules.METRICS_MAX) {
    throw rules.tooManyOfModel("metrics", rules.METRICS_MAX);
  }
};

async function addParams(tx: Tx, id: string, params: readonly KeyValue[]): Promise<void> {
  if (params.length === 0) return;
  const table = "tracking_model_params";
  const keys = params.map(({ key }) => key);
  rules.assertParamsStand(id, params, await queries.modelValuesByKey(tx, { table, modelId: id, keys }));
  await queries.saveModelValues(tx, table, { rows: rowsOf(id, params), taken: "kept" });
  if ((await queries.countModelValues(tx, table, id)) > rules.PARAMS_MAX) {
    throw rules.tooManyOfModel("params", rules.PARAMS_MAX);
  }
}

async function saveTags(tx: Tx, id: string, tags: readonly KeyValue[]): Promise<void> {
  if (tags.length === 0) return;
  const table = "tracking_model_tags";
  await queries.saveModelValues(tx, table, { rows: rowsOf(id, tags), taken: "replaced" });
  if ((await queries.countModelValues(tx, table, id)) > rules.TAGS_MAX) {
    throw rules.tooManyOfModel("tags", rules.TAGS_MAX);
  }
}

function rowsOf(id: string, values: readonly KeyValue[]) {
  return values.map(({ key, value }) => ({ model_id: id, key, value }));
}

async function show(tx: Tx, row: LoggedModelRow): Promise<LoggedModel> {
  const [shown] = await showAll(tx, [row]);
  return shown ?? rules.toLoggedModel(row, { params: [], tags: [], metrics: [] });
}

async function showAll(tx: Tx, rows: readonly LoggedModelRow[]): Promise<LoggedModel[]> {
  const ids = rows.map(({ id }) => id);
  const params = byModel(await queries.modelValues(tx, "tracking_model_params", ids));
  const tags = byModel(await queries.modelValues(tx, "tracking_model_tags", ids));
  const metrics = byModel(await queries.modelMetrics(tx, ids));
  return rows.map((row) =>
    rules.toLoggedModel(row, {
      params: params.get(row.id) ?? [],
      tags: tags.get(row.id) ?? [],
      metrics: metrics.get(row.id) ?? [],
    }),
  );
}

function byModel<T extends { model_id: string }>(rows: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.model_id);
    if (group === undefined) groups.set(row.model_id, [row]);
    else group.push(row);
  }
  return groups;
}
