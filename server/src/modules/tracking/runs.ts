import { newHexId } from "#lib/ids";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import { checkKey, checkTags } from "./batch.ts";
import type { TrackingDeps } from "./deps.ts";
import type { KeyValue, NewRun, Run, RunChanges, Runs } from "./door.ts";
import { assertActive, DEFAULT_EXPERIMENT, noExperiment, parseExperimentId } from "./experiment.ts";
import type { Places } from "./places.ts";
import { countRuns } from "./queries/experiments.ts";
import * as queries from "./queries/runs.ts";
import { removeTags, saveTags } from "./queries/values.ts";
import { assertRunActive, changeRun, checkOwner, checkTime, isEnded, nameRun, noRun, noTag } from "./run.ts";
import { makeRun, type RunReader } from "./run-reader.ts";
import type { RunRow, StandingRunRow } from "./tables.ts";

const COMMIT = /^[0-9a-f]{7,64}$/;

/** One run: made, read, changed, deleted, restored. */
export function createRuns(
  deps: TrackingDeps,
  places: Places,
  reader: RunReader,
): Pick<Runs, "create" | "get" | "update" | "delete" | "restore" | "deleteTag"> {
  const { db, clock, audit, events, projects, lineage, clientTags } = deps;

  return { create, get, update, delete: remove, restore, deleteTag };

  async function create(actor: Actor, projectId: string, given: NewRun): Promise<Run> {
    const experimentId = parseExperimentId(given.experimentId);
    await places.requireAt(actor, "run:write", { projectId, experimentId });
    if (experimentId === DEFAULT_EXPERIMENT.id) await places.ensureDefault(projectId);
    const { name, tags } = nameRun(given, checkTags(given.tags), clientTags.runName);
    const row: RunRow = {
      id: newHexId(),
      project_id: projectId,
      experiment_id: experimentId,
      name,
      status: "RUNNING",
      owner: checkOwner(given.owner || actor.name),
      started_ms: checkTime(given.startedMs ?? clock.now(), "start_time"),
      ended_ms: null,
      deleted_round: -1,
      has_links: 0,
      version: 1,
    };
    await db.transaction(async (tx) => {
      const experiment = await countRuns(tx, { projectId, id: experimentId }, { runs: 1 });
      if (experiment === undefined) throw noExperiment(given.experimentId);
      assertActive(experiment);
      await projects.checkQuota(tx, projectId, "runs", 1);
      await queries.addRun(tx, row);
      await saveTags(tx, rowsOf(row.id, tags));
      await drawOrigins(tx, row, { jobId: actor.via.jobId, tags });
      await tell(tx, actor, row, "run.created");
    });
    const values = { params: [], tags, metrics: [], datasets: [], models: [] };
    const run = makeRun({ ...row, is_deleted: 0 }, values);
    reader.keep(run, row.version);
    return run;
  }

  /** The job that logs it, and the commit that its client says its code is of. */
  async function drawOrigins(
    tx: Tx,
    { id, project_id: projectId }: RunRow,
    { jobId, tags }: { jobId: string | undefined; tags: readonly KeyValue[] },
  ): Promise<void> {
    const run = { type: "run", id };
    if (jobId !== undefined)
      await lineage.link(tx, { projectId, from: { type: "job", id: jobId }, relation: "produced", to: run });
    const commit = tags.find(({ key }) => key === clientTags.gitCommit)?.value ?? "";
    if (COMMIT.test(commit))
      await lineage.link(tx, {
        projectId,
        from: run,
        relation: "consumed",
        to: { type: "commit", id: commit },
      });
  }

  async function get(actor: Actor, projectId: string, id: string): Promise<Run> {
    const row = await queries.runById(db.reader, projectId, id);
    if (row === undefined) throw noRun(id);
    await places.requireAt(actor, "run:read", { projectId, experimentId: row.experiment_id, runId: id });
    const [run] = await reader.runsOf(db.reader, [row]);
    return run ?? missing(id);
  }

  async function update(actor: Actor, projectId: string, id: string, changes: RunChanges): Promise<Run> {
    await places.requireAtRun(actor, "run:write", { projectId, runId: id });
    const given = checkTags(changes.tags ?? []);
    for (const key of changes.removeTags ?? []) checkKey(key, "key");
    await db.transaction(async (tx) => {
      const row = (await queries.runToChange(tx, id)) ?? missing(id);
      assertRunActive(row);
      const tagged = given.find(({ key }) => key === clientTags.runName)?.value;
      const made = changeRun(row, { ...changes, name: changes.name || tagged }, clock.now());
      const tags = made.name === undefined ? given : withName(given, made.name);
      if (Object.keys(made).length > 0) await queries.saveRun(tx, id, made);
      await saveTags(tx, rowsOf(id, tags));
      await removeTags(tx, id, changes.removeTags ?? []);
      const changed = { ...row, ...made };
      const ended = isEnded(changed.status) && !isEnded(row.status);
      await tell(tx, actor, changed, ended ? "run.finished" : "run.updated");
    });
    return get(actor, projectId, id);
  }

  /** The name and its tag say the same, whichever was changed. */
  function withName(tags: readonly KeyValue[], name: string): KeyValue[] {
    return [
      ...tags.filter(({ key }) => key !== clientTags.runName),
      { key: clientTags.runName, value: name },
    ];
  }

  async function remove(actor: Actor, projectId: string, id: string): Promise<void> {
    await places.requireAtRun(actor, "run:delete", { projectId, runId: id });
    await db.transaction(async (tx) => {
      const row = (await queries.runToChange(tx, id)) ?? missing(id);
      if (row.is_deleted === 1) return; // Clients delete twice and expect no error.
      const ref = { projectId, id: row.experiment_id };
      const experiment = await countRuns(tx, ref, { deletedRuns: 1 });
      await queries.saveRun(tx, id, { deleted_round: experiment?.restores ?? 0 });
      await projects.checkQuota(tx, projectId, "runs", -1);
      await tell(tx, actor, row, "run.deleted");
    });
  }

  async function restore(actor: Actor, projectId: string, id: string): Promise<void> {
    await places.requireAtRun(actor, "run:delete", { projectId, runId: id });
    await db.transaction(async (tx) => {
      const row = (await queries.runToChange(tx, id)) ?? missing(id);
      if (row.is_deleted === 0) return;
      const experiment = await countRuns(tx, { projectId, id: row.experiment_id }, { deletedRuns: -1 });
      if (experiment !== undefined) assertActive(experiment);
      await queries.saveRun(tx, id, { deleted_round: -1 });
      await projects.checkQuota(tx, projectId, "runs", 1);
      await tell(tx, actor, row, "run.restored");
    });
  }

  async function deleteTag(actor: Actor, projectId: string, id: string, key: string): Promise<void> {
    await places.requireAtRun(actor, "run:write", { projectId, runId: id });
    await db.transaction(async (tx) => {
      const row = (await queries.runToChange(tx, id)) ?? missing(id);
      assertRunActive(row);
      if ((await removeTags(tx, id, [key])) === 0) throw noTag(id, key);
      await tell(tx, actor, row, "run.updated");
    });
  }

  async function tell(tx: Tx, actor: Actor, row: RunRow | StandingRunRow, action: string): Promise<void> {
    const { id, project_id: projectId, name, status } = row;
    const experimentId = String(row.experiment_id);
    const body = { runId: id, experimentId, status };
    await events.announce(tx, { kind: action, projectId, key: id, body });
    const resource = { type: "run", id, name };
    await audit.record(tx, actor, { action, resource, projectId, details: { experimentId, status } });
  }
}

function missing(id: string): never {
  throw noRun(id);
}

function rowsOf(
  runId: string,
  values: readonly KeyValue[],
): { run_id: string; key: string; value: string }[] {
  return values.map(({ key, value }) => ({ run_id: runId, key, value }));
}
