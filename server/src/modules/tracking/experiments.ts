import type { Experiment } from "@atrium/contract/tracking";
import { AppError } from "#lib/errors";
import type { Page } from "#lib/paging";
import { keysetPage } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { TrackingDeps } from "./deps.ts";
import type { ExperimentChanges, Experiments, KeyValue, Search } from "./door.ts";
import {
  assertActive,
  checkExperimentTags,
  checkName,
  checkTagCount,
  DEFAULT_EXPERIMENT,
  makeExperiment,
  noExperiment,
  noExperimentTag,
  parseExperimentId,
  toExperiment,
} from "./experiment.ts";
import { experimentConditions, experimentOrders } from "./experiment-search.ts";
import type { Places } from "./places.ts";
import { positionKinds, searchExperiments } from "./queries/experiment-search.ts";
import * as queries from "./queries/experiments.ts";
import type { ExperimentRow } from "./tables.ts";

const PAGE_MAX = 1000;

export function createExperiments(deps: TrackingDeps, places: Places): Experiments {
  const { db, clock, access, audit, events, projects } = deps;

  return {
    create,
    get,
    getByName,
    search,
    update,
    rename: (actor, projectId, id, name) => update(actor, projectId, id, { name }),
    delete: remove,
    restore,
    setTags: async (actor, projectId, id, tags) => {
      await update(actor, projectId, id, { tags });
    },
    deleteTag,
    names,
  };

  async function create(
    actor: Actor,
    projectId: string,
    given: { name: string; tags: readonly KeyValue[] },
  ): Promise<Experiment> {
    await access.require(actor, "experiment:write", { kind: "project", projectId });
    const name = checkName(given.name);
    const tags = checkExperimentTags(given.tags);
    await places.ensureDefault(projectId);
    return db.transaction(async (tx) => {
      await claimName(tx, projectId, name);
      const id = ((await queries.greatestExperimentId(tx, projectId)) ?? DEFAULT_EXPERIMENT.id) + 1;
      const row = makeExperiment(projectId, { id, name }, clock.now());
      await projects.checkQuota(tx, projectId, "experiments", 1);
      await queries.addExperiment(tx, row);
      await queries.saveExperimentTags(tx, { projectId, id }, tags);
      await tell(tx, actor, row, "experiment.created");
      return toExperiment(row, tags);
    });
  }

  async function get(actor: Actor, projectId: string, id: string): Promise<Experiment> {
    const experimentId = parseExperimentId(id);
    await places.requireAt(actor, "experiment:read", { projectId, experimentId });
    if (experimentId === DEFAULT_EXPERIMENT.id) await places.ensureDefault(projectId);
    const row = await queries.experimentById(db.reader, projectId, experimentId);
    if (row === undefined) throw noExperiment(id);
    const [experiment] = await withTags(db.reader, [row]);
    return experiment ?? toExperiment(row, []);
  }

  async function getByName(actor: Actor, projectId: string, name: string): Promise<Experiment> {
    if (name === DEFAULT_EXPERIMENT.name) await places.ensureDefault(projectId);
    const row = await queries.experimentByName(
      db.reader,
      projectId,
      name.toWellFormed().replaceAll("\0", ""),
    );
    const missing = new AppError("not_found", `Could not find experiment with name '${name}'`);
    if (row === undefined) throw missing;
    if (!(await mayRead(actor, row))) throw missing; // That a name is taken is not for everyone to know.
    const [experiment] = await withTags(db.reader, [row]);
    return experiment ?? toExperiment(row, []);
  }

  async function mayRead(actor: Actor, row: ExperimentRow): Promise<boolean> {
    const place = {
      kind: "resource",
      projectId: row.project_id,
      type: "experiment",
      id: String(row.id),
    } as const;
    return access.can(actor, "experiment:read", place);
  }

  async function search(actor: Actor, projectId: string, asked: Search): Promise<Page<Experiment>> {
    const conditions = experimentConditions(asked.filter ?? "");
    const orders = experimentOrders(asked.orderBy ?? []);
    const view = asked.view ?? "active";
    const ids = await places.visible(actor, "experiment:read", { projectId });
    await places.ensureDefault(projectId);
    if (ids !== undefined && ids.length === 0) return { items: [] };
    const reader = conditions.length === 0 && (asked.orderBy ?? []).length === 0 ? db.reader : db.longReader;
    return keysetPage({
      pageSize: Math.min(asked.pageSize, PAGE_MAX),
      pageToken: asked.pageToken || undefined,
      question: [projectId, asked.filter ?? "", asked.orderBy ?? [], view],
      kinds: positionKinds(orders),
      rows: (after, limit) =>
        searchExperiments(reader, { projectId, ids, conditions, orders, view, after, limit }),
      show: (rows) => withTags(db.reader, rows),
      position: (row) => orders.map(({ column }) => row[column]),
    });
  }

  async function update(
    actor: Actor,
    projectId: string,
    id: string,
    changes: ExperimentChanges,
  ): Promise<Experiment> {
    const experimentId = parseExperimentId(id);
    await places.requireAt(actor, "experiment:write", { projectId, experimentId });
    const name = changes.name === undefined ? undefined : checkName(changes.name);
    const tags = checkExperimentTags(changes.tags ?? []);
    return change(projectId, experimentId, async (tx, row) => {
      if (name !== undefined && row.deleted === 1) {
        throw new AppError("conflict", "Cannot rename a non-active experiment.", { reason: "deleted" });
      }
      assertActive(row);
      const ref = { projectId, id: experimentId };
      await queries.saveExperimentTags(tx, ref, tags);
      await queries.removeExperimentTags(tx, ref, changes.removeTags ?? []);
      if (tags.length > 0) checkTagCount(await queries.countExperimentTags(tx, ref));
      const renamed = name !== undefined && name !== row.name;
      if (renamed) await claimName(tx, projectId, name);
      const changed = { ...row, name: name ?? row.name, updated_ms: clock.now() };
      await queries.saveExperiment(tx, changed);
      await tell(tx, actor, changed, renamed ? "experiment.renamed" : "experiment.tagged");
      const [experiment] = await withTags(tx, [changed]);
      return experiment ?? toExperiment(changed, []);
    });
  }

  async function deleteTag(actor: Actor, projectId: string, id: string, key: string): Promise<void> {
    const experimentId = parseExperimentId(id);
    await places.requireAt(actor, "experiment:write", { projectId, experimentId });
    await change(projectId, experimentId, async (tx, row) => {
      assertActive(row);
      const removed = await queries.removeExperimentTags(tx, { projectId, id: experimentId }, [key]);
      if (removed === 0) throw noExperimentTag(id, key);
      const changed = { ...row, updated_ms: clock.now() };
      await queries.saveExperiment(tx, changed);
      await tell(tx, actor, changed, "experiment.tagged");
    });
  }

  async function remove(actor: Actor, projectId: string, id: string): Promise<void> {
    const experimentId = parseExperimentId(id);
    await places.requireAt(actor, "experiment:delete", { projectId, experimentId });
    await change(projectId, experimentId, async (tx, row) => {
      if (row.deleted === 1) throw noExperiment(id);
      const changed = { ...row, deleted: 1, updated_ms: clock.now() };
      await queries.saveExperiment(tx, changed);
      await count(tx, row, { experiments: -1, runs: row.deleted_runs - row.runs });
      await tell(tx, actor, changed, "experiment.deleted");
    });
  }

  /** Its next round begins, and with it end the deletions of single runs. */
  async function restore(actor: Actor, projectId: string, id: string): Promise<void> {
    const experimentId = parseExperimentId(id);
    await places.requireAt(actor, "experiment:delete", { projectId, experimentId });
    await change(projectId, experimentId, async (tx, row) => {
      if (row.deleted === 0) throw noExperiment(id);
      const restores = row.restores + 1;
      const changed = { ...row, deleted: 0, deleted_runs: 0, restores, updated_ms: clock.now() };
      await queries.saveExperiment(tx, changed);
      await count(tx, row, { experiments: 1, runs: row.runs });
      await tell(tx, actor, changed, "experiment.restored");
    });
  }

  async function names(projectId: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await queries.experimentNames(
      db.reader,
      projectId,
      [...new Set(ids)].map(parseExperimentId),
    );
    return new Map(rows.map(({ id, name }) => [String(id), name]));
  }

  async function change<T>(
    projectId: string,
    id: number,
    rule: (tx: Tx, row: ExperimentRow) => Promise<T>,
  ): Promise<T> {
    if (id === DEFAULT_EXPERIMENT.id) await places.ensureDefault(projectId);
    return db.transaction(async (tx) => {
      await lockNames(tx, projectId);
      const row = await queries.countRuns(tx, { projectId, id }, {});
      if (row === undefined) throw noExperiment(id);
      return rule(tx, row);
    });
  }

  /** The experiment that every project has counts for nothing: nobody asked for it. */
  async function count(
    tx: Tx,
    row: ExperimentRow,
    adding: { experiments: number; runs: number },
  ): Promise<void> {
    const { project_id: projectId, id } = row;
    if (id !== DEFAULT_EXPERIMENT.id)
      await projects.checkQuota(tx, projectId, "experiments", adding.experiments);
    if (adding.runs !== 0) await projects.checkQuota(tx, projectId, "runs", adding.runs);
  }

  async function claimName(tx: Tx, projectId: string, name: string): Promise<void> {
    await lockNames(tx, projectId);
    if ((await queries.experimentByName(tx, projectId, name)) === undefined) return;
    throw new AppError("conflict", `Experiment(name=${name}) already exists.`, {
      reason: "already_exists",
      at: "name",
    });
  }

  /** One change of a project's experiments at a time, so that ids and names are given once. */
  async function lockNames(tx: Tx, projectId: string): Promise<void> {
    await tx.serialize(`tracking experiments ${projectId}`);
  }

  async function tell(tx: Tx, actor: Actor, row: ExperimentRow, action: string): Promise<void> {
    const { project_id: projectId, name } = row;
    const experimentId = String(row.id);
    await events.announce(tx, { kind: action, projectId, key: experimentId, body: { experimentId } });
    const resource = { type: "experiment", id: experimentId, name };
    await audit.record(tx, actor, { action, resource, projectId });
  }
}

async function withTags(tx: Tx, rows: readonly ExperimentRow[]): Promise<Experiment[]> {
  const [first] = rows;
  if (first === undefined) return [];
  const ids = rows.map(({ id }) => id);
  const tags = new Map<number, KeyValue[]>(ids.map((id) => [id, []]));
  for (const { experiment_id, ...tag } of await queries.experimentTags(tx, first.project_id, ids)) {
    tags.get(experiment_id)?.push(tag);
  }
  return rows.map((row) => toExperiment(row, tags.get(row.id) ?? []));
}
