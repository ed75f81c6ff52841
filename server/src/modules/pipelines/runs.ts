import type { PipelineRun, PipelineRunEvent, PipelineStep } from "@atrium/contract/pipelines";
import { AppError, assert } from "#lib/errors";
import { decodePageTokenFor, encodePageTokenFor, keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { PipelinesDeps } from "./deps.ts";
import type { NewPipelineRun, PageAsked, PipelineRuns, RunSearch } from "./door.ts";
import { hasEnded } from "./engine/state.ts";
import type { Gate } from "./gate.ts";
import { dropSpec, namedKeys, namedPosition, specOf } from "./queries.ts";
import type { RunLog } from "./run-log.ts";
import { newsOfRun } from "./run-news.ts";
import * as queries from "./run-queries.ts";
import { createStarting } from "./starting.ts";
import type { RunRow } from "./tables.ts";
import { showEvent, showRun, showSteps } from "./view.ts";

export function createRuns(deps: PipelinesDeps, gate: Gate, log: RunLog): PipelineRuns {
  const { db, lineage } = deps;
  const { startRow } = createStarting(deps, gate, log);
  return { start, get, steps, events, search, spec, cancel, retry, setArchived, delete: remove };

  async function start(actor: Actor, projectId: string, given: NewPipelineRun): Promise<PipelineRun> {
    return shown(await startRow(actor, projectId, given));
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
    await log.open(db.reader, id); // Its plan is read now: nothing but the database is waited for in a transaction.
    await db.transaction(async (tx) => {
      const recorded = await log.record(tx, id, { kind, by: actor.name });
      if (recorded === undefined) throw noRun(id);
      if (!recorded.changed) throw refusal(kind, recorded.row);
      await gate.tell(tx, actor, newsOfRun(row, kind === "cancel" ? "cancelled" : "retried"));
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
      await gate.tell(tx, actor, newsOfRun(row, archived ? "archived" : "unarchived"));
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
      await gate.tell(tx, actor, newsOfRun(row, "deleted"));
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
