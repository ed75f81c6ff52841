import type { PipelineRun, PipelineRunEvent, PipelineStep } from "@atrium/contract/pipelines";
import { AppError, assert } from "#lib/errors";
import { newId } from "#lib/ids";
import { decodePageTokenFor, encodePageTokenFor, keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import { noPipeline, noVersion } from "./definitions.ts";
import type { PipelinesDeps } from "./deps.ts";
import type { NewPipelineRun, PageAsked, PipelineRuns, RunSearch } from "./door.ts";
import { hasEnded } from "./engine/state.ts";
import type { Gate } from "./gate.ts";
import { parametersFor } from "./parameters.ts";
import type { Plan } from "./plan.ts";
import {
  dropSpec,
  keepSpec,
  namedKeys,
  namedPosition,
  newestVersion,
  pipelineBy,
  specOf,
  versionById,
} from "./queries.ts";
import type { RunLog } from "./run-log.ts";
import * as queries from "./run-queries.ts";
import { probeJobs } from "./step-job.ts";
import type { RunRow } from "./tables.ts";
import { showEvent, showRun, showSteps } from "./view.ts";

const DEFAULT_EXPERIMENT = "0"; // The one that every project has.

export function createRuns(
  { db, clock, access, jobs, lineage, tracking }: PipelinesDeps,
  gate: Gate,
  log: RunLog,
): PipelineRuns {
  return { start, get, steps, events, search, spec, cancel, retry, setArchived, delete: remove };

  async function start(actor: Actor, projectId: string, given: NewPipelineRun): Promise<PipelineRun> {
    await gate.require(actor, "pipeline:write", projectId);
    await access.require(actor, "job:write", { kind: "project", projectId });
    const source = await sourceOf(projectId, given);
    const plan = log.plan(source.spec);
    const parameters = parametersFor(plan, given.parameters ?? {});
    await checkSteps(actor, projectId, plan);
    const experiment = await tracking.experiments.get(
      actor,
      projectId,
      given.experimentId || DEFAULT_EXPERIMENT,
    );
    if (experiment.lifecycle !== "active")
      throw new AppError("invalid", `The experiment ${experiment.name} is deleted; restore it first.`, {
        at: "experimentId",
      });
    const createdMs = clock.now();
    const row: RunRow = {
      id: newId(),
      project_id: projectId,
      name: given.name || `${plan.name} ${new Date(createdMs).toISOString()}`,
      description: given.description ?? "",
      pipeline_name: source.pipelineName ?? plan.name,
      pipeline_id: source.pipelineId,
      version_id: source.versionId,
      experiment_id: experiment.id,
      digest: log.digest(source.spec),
      phase: "running",
      reason: "",
      archived: 0,
      cache: given.cache ?? "as-compiled",
      parameters: JSON.stringify(parameters),
      actor: JSON.stringify(actor),
      started_by: actor.name,
      sequence: 0,
      retries: 0,
      created_ms: createdMs,
      ended_ms: 0,
    };
    await db.transaction(async (tx) => {
      await keepSpec(tx, {
        project_id: projectId,
        digest: row.digest,
        spec: source.spec,
        created_ms: createdMs,
      });
      await queries.addRun(tx, row);
      await log.record(tx, row.id, { kind: "started", parameters });
      if (row.version_id !== "")
        await lineage.link(tx, {
          projectId,
          from: { type: "pipeline-version", id: row.pipeline_id, version: row.version_id },
          relation: "produced",
          to: { type: "pipeline-run", id: row.id },
        });
      await gate.tell(tx, actor, news(row, "started", { digest: row.digest, pipelineId: row.pipeline_id }));
    });
    return shown(row.id);
  }

  /** @throws AppError naming the component that asks for what there is not */
  async function checkSteps(actor: Actor, projectId: string, plan: Plan): Promise<void> {
    for (const [component, job] of probeJobs(plan, { id: newId(), projectId })) {
      try {
        await jobs.checkSubmit(actor, job);
      } catch (thrown) {
        if (!(thrown instanceof AppError) || thrown.code !== "invalid") throw thrown;
        const at = `components.${component}`;
        const message = `The pipeline cannot run here; at ${at}: ${thrown.message}`;
        throw new AppError("invalid", message, { at, cause: thrown });
      }
    }
  }

  interface Source {
    spec: string;
    pipelineName: string | undefined;
    pipelineId: string;
    versionId: string;
  }

  async function sourceOf(projectId: string, given: NewPipelineRun): Promise<Source> {
    const { spec: text, pipeline: idOrName, versionId } = given;
    if ((text === undefined) === (idOrName === undefined && versionId === undefined))
      throw new AppError("invalid", "Name a pipeline, or give a spec: one of both.", { at: "pipeline" });
    if (text !== undefined) return { spec: text, pipelineName: undefined, pipelineId: "", versionId: "" };
    const named = versionId === undefined ? undefined : await versionById(db.reader, projectId, versionId);
    const pipeline = await pipelineBy(db.reader, projectId, idOrName ?? named?.pipeline_id ?? "");
    if (pipeline === undefined) throw noPipeline(idOrName ?? "");
    const version = versionId === undefined ? await newestVersion(db.reader, pipeline.id) : named;
    if (version?.pipeline_id !== pipeline.id) throw noVersion(versionId ?? "at all");
    const kept = await specOf(db.reader, projectId, version.digest);
    if (kept === undefined) throw noVersion(version.id);
    return { spec: kept, pipelineName: pipeline.name, pipelineId: pipeline.id, versionId: version.id };
  }

  async function get(actor: Actor, projectId: string, id: string): Promise<PipelineRun> {
    const row = await read(actor, projectId, id);
    return shown(row.id);
  }

  async function steps(actor: Actor, projectId: string, id: string): Promise<PipelineStep[]> {
    await read(actor, projectId, id);
    const run = await log.open(db.reader, id);
    if (run === undefined) throw noRun(id);
    return showSteps(run);
  }

  async function events(
    actor: Actor,
    projectId: string,
    id: string,
    { pageSize, pageToken }: PageAsked,
  ): Promise<Page<PipelineRunEvent>> {
    await read(actor, projectId, id);
    const question = ["pipeline-run-events", id];
    const [after = 0] = pageToken === undefined ? [] : decodePageTokenFor(question, pageToken, ["whole"]);
    const rows = await queries.eventPage(db.reader, { runId: id, after: Number(after), limit: pageSize + 1 });
    const items = rows.slice(0, pageSize).map(showEvent);
    const last = items.at(-1);
    return rows.length > pageSize && last !== undefined
      ? { items, nextToken: encodePageTokenFor(question, [last.sequence]) }
      : { items };
  }

  async function search(actor: Actor, projectId: string, asked: RunSearch): Promise<Page<PipelineRun>> {
    await gate.requireList(actor, projectId);
    const { pageSize, pageToken, conditions = [] } = asked;
    const sort = asked.sort ?? { field: "createdMs", direction: "desc" };
    return keysetPage({
      ...{ pageSize, pageToken, question: ["pipeline-runs", projectId, conditions, sort] },
      kinds: namedKeys(sort).map(({ kind }) => kind),
      rows: (after, limit) => queries.runPage(db.reader, { projectId, conditions, sort, after, limit }),
      show: showAll,
      position: (row) => namedPosition(row, sort),
    });
  }

  async function spec(actor: Actor, projectId: string, id: string): Promise<string> {
    const row = await read(actor, projectId, id);
    const text = await specOf(db.reader, projectId, row.digest);
    assert(text !== undefined, "a run's spec is kept as long as the run");
    return text;
  }

  async function cancel(actor: Actor, projectId: string, id: string): Promise<PipelineRun> {
    return change(actor, { projectId, id, kind: "cancel" });
  }

  async function retry(actor: Actor, projectId: string, id: string): Promise<PipelineRun> {
    return change(actor, { projectId, id, kind: "retry" });
  }

  async function change(
    actor: Actor,
    { projectId, id, kind }: { projectId: string; id: string; kind: "cancel" | "retry" },
  ): Promise<PipelineRun> {
    const row = await toChange(actor, "pipeline:write", { projectId, id });
    await db.transaction(async (tx) => {
      const recorded = await log.record(tx, id, { kind, by: actor.name });
      if (recorded === undefined) throw noRun(id);
      if (!recorded.changed) throw refusal(kind, recorded.row);
      await gate.tell(tx, actor, news(row, kind === "cancel" ? "cancelled" : "retried"));
    });
    return shown(id);
  }

  async function setArchived(
    actor: Actor,
    projectId: string,
    { id, archived }: { id: string; archived: boolean },
  ): Promise<PipelineRun> {
    const row = await toChange(actor, "pipeline:write", { projectId, id });
    await db.transaction(async (tx) => {
      await queries.changeRun(tx, id, { archived: Number(archived) });
      await gate.tell(tx, actor, news(row, archived ? "archived" : "unarchived"));
    });
    return shown(id);
  }

  async function remove(actor: Actor, projectId: string, id: string): Promise<void> {
    await toChange(actor, "pipeline:delete", { projectId, id });
    await db.transaction(async (tx) => {
      const row = await queries.runToChange(tx, id);
      if (row === undefined) throw noRun(id);
      if (!hasEnded(row.phase))
        throw new AppError("conflict", `The run ${row.name} has not ended; cancel it first.`);
      await queries.removeRun(tx, id);
      await dropSpec(tx, projectId, row.digest);
      await lineage.unlink(tx, projectId, { type: "pipeline-run", id });
      await gate.tell(tx, actor, news(row, "deleted"));
    });
  }

  async function read(actor: Actor, projectId: string, id: string): Promise<RunRow> {
    await gate.require(actor, "pipeline:read", projectId);
    const row = await queries.runById(db.reader, id);
    if (row?.project_id !== projectId) throw noRun(id);
    await gate.recordRead(actor, { type: "pipeline-run", projectId, id, name: row.name });
    return row;
  }

  async function toChange(
    actor: Actor,
    permission: "pipeline:write" | "pipeline:delete",
    { projectId, id }: { projectId: string; id: string },
  ): Promise<RunRow> {
    await gate.require(actor, permission, projectId);
    const row = await queries.runById(db.reader, id);
    if (row?.project_id !== projectId) throw noRun(id);
    return row;
  }

  async function shown(id: string): Promise<PipelineRun> {
    const row = await queries.runById(db.reader, id);
    const [run] = row === undefined ? [] : await showAll([row]);
    if (run === undefined) throw noRun(id);
    return run;
  }

  async function showAll(rows: readonly RunRow[]): Promise<PipelineRun[]> {
    const counts = await queries.stepCounts(
      db.reader,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => {
      const own = counts.filter(({ run_id }) => run_id === row.id);
      return showRun(row, Object.fromEntries(own.map(({ state, count }) => [state, count])));
    });
  }
}

function news(row: RunRow, what: string, details: Record<string, unknown> = {}) {
  return { action: `pipeline-run.${what}`, projectId: row.project_id, id: row.id, name: row.name, details };
}

function refusal(kind: "cancel" | "retry", { name, phase }: RunRow): AppError {
  if (kind === "cancel")
    return new AppError("conflict", `The run ${name} is ${phase} already; there is nothing to cancel.`);
  const why =
    phase === "succeeded" ? "succeeded; start a new run" : "has not ended; wait, or cancel it first";
  return new AppError("conflict", `The run ${name} ${why}.`);
}

function noRun(id: string): AppError {
  return new AppError("not_found", `There is no pipeline run ${id}.`);
}
