import type { NotebookCell, NotebookDocument, NotebookRun } from "@atrium/contract/notebooks";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { NotebooksDeps } from "./deps.ts";
import type { NotebookFiles, NotebookRuns } from "./door.ts";
import type { Gate } from "./gate.ts";
import * as limits from "./limits.ts";
import { programOf, settingsOf } from "./program.ts";
import * as queries from "./queries.ts";
import { draw } from "./reading.ts";
import { isOver } from "./server.ts";
import { readContent, runPath, type Storage } from "./storage.ts";
import type { RunRow } from "./tables.ts";

const ORIGIN = "notebook-run";

type RunsDeps = Pick<NotebooksDeps, "db" | "clock" | "jobs" | "lineage" | "pythonDirectory" | "kernels">;

/** Notebooks that run as jobs. What a run has put out is its job's to say, cell by cell; we keep each saying whole. */
export function createRuns(
  deps: RunsDeps,
  { gate, storage, files }: { gate: Gate; storage: Storage; files: NotebookFiles },
): NotebookRuns {
  const { db, clock, jobs, lineage } = deps;
  return { start, list, get, document, open, save };

  async function start(
    ...[actor, projectId, given]: Parameters<NotebookRuns["start"]>
  ): Promise<NotebookRun> {
    await gate.require(actor, "notebook:write", projectId);
    const { path, parameters } = given;
    // Read as it will run: what is no notebook is refused now, and not by a job in a minute.
    const { version } = await files.document(actor, { projectId, path, version: given.version });
    const row: RunRow = {
      id: newId(),
      project_id: projectId,
      path,
      version,
      parameters: JSON.stringify(parameters),
      job_id: newId(),
      started_by: actor.name,
      queued_ms: clock.now(),
      cells_total: 0,
      cells_done: 0,
      artifact_path: "",
      size_bytes: 0,
    };
    const job = {
      id: row.job_id,
      projectId,
      name: path.slice(0, 250),
      origin: { type: ORIGIN, id: row.id },
      command: programOf(deps.pythonDirectory, "run"),
      environment: { requirements: [...deps.kernels, ...given.requirements] },
      variables: settingsOf({
        run: row.id,
        parameters,
        path,
        version,
        file_bytes_max: limits.FILE_BYTES_MAX,
        folder_bytes_max: limits.FOLDER_BYTES_MAX,
      }),
      limits: given.limits,
      labels: { notebook_run: row.id },
      source: { name: `${path} version ${version}` },
    };
    await jobs.checkSubmit(actor, job);
    await db.transaction(async (tx) => {
      await queries.addRun(tx, row);
      await jobs.submit(tx, actor, job);
      const run = { type: ORIGIN, id: row.id };
      const notebook = { type: "notebook", id: path, version: String(version) };
      await lineage.link(tx, { projectId, from: run, relation: "consumed", to: notebook });
      await lineage.link(tx, {
        projectId,
        from: run,
        relation: "produced",
        to: { type: "job", id: row.job_id },
      });
      const details = { path, version, jobId: row.job_id };
      await gate.tell(tx, actor, { action: `${ORIGIN}.started`, projectId, id: row.id, name: path, details });
    });
    return show(row);
  }

  async function list(...[actor, asked]: Parameters<NotebookRuns["list"]>) {
    const { projectId, path, pageSize, pageToken } = asked;
    await gate.require(actor, "notebook:read", projectId);
    return keysetPage({
      pageSize,
      pageToken,
      question: ["notebook-runs", projectId, path ?? ""],
      kinds: ["whole", "text"],
      rows: (after, limit) =>
        queries.runsPage(db.reader, {
          projectId,
          path,
          before: after && { ms: Number(after[0]), id: String(after[1]) },
          limit,
        }),
      show: (rows) => Promise.all(rows.map(show)),
      position: (row) => [row.queued_ms, row.id],
    });
  }

  async function get(actor: Actor, projectId: string, id: string) {
    return show(await readable(actor, projectId, id));
  }

  async function document(actor: Actor, projectId: string, id: string): Promise<NotebookDocument> {
    const row = await readable(actor, projectId, id);
    await recordRead(actor, row);
    const { path, version } = row;
    if (row.artifact_path === "") {
      const planned = await files.document(actor, { projectId, path, version });
      return { ...planned, cells: planned.cells.map((cell) => ({ ...cell, ...notBegun(cell) })) };
    }
    const bytes = await storage.open(projectId, row.artifact_path);
    const drawn = await draw({ path, version, sizeBytes: row.size_bytes, bytes });
    const job = await jobs.find(db.reader, projectId, row.job_id);
    const over = job !== undefined && isOver(job) ? job : undefined;
    if (over === undefined) return drawn;
    // A job that was killed had no time to say how the cell ended that it was at.
    const ended = over.state === "cancelled" ? "cancelled" : "failed";
    const settle = (cell: NotebookCell): NotebookCell =>
      cell.state === "running" ? { ...cell, state: ended, endedMs: over.endedMs } : cell;
    return { ...drawn, cells: drawn.cells.map(settle) };
  }

  async function open(actor: Actor, projectId: string, id: string) {
    const row = await readable(actor, projectId, id);
    if (row.artifact_path === "")
      throw new AppError("not_found", "The run has kept nothing yet; ask again when its first cell runs.");
    await recordRead(actor, row);
    return {
      name: row.path.split("/").at(-1) ?? row.path,
      bytes: await storage.open(projectId, row.artifact_path),
    };
  }

  async function save(...[actor, given]: Parameters<NotebookRuns["save"]>): Promise<NotebookRun> {
    const { projectId, id, done, total } = given;
    await gate.require(actor, "notebook:write", projectId);
    const row = await found(projectId, id);
    if (!(await jobs.isOwn(actor, row.job_id)))
      throw new AppError("forbidden", "Only a run's own job says what it has put out.");
    const content = await readContent(given.bytes);
    const saved = {
      cells_total: total,
      cells_done: done,
      artifact_path: runPath(id),
      size_bytes: content.bytes.length,
    };
    await storage.replace({ projectId, path: saved.artifact_path }, content, async (tx) => {
      await queries.changeRun(tx, id, saved);
      const news = { projectId, id, name: row.path, details: { done, total } };
      await gate.tell(tx, actor, { action: `${ORIGIN}.saved`, ...news });
    });
    return show({ ...row, ...saved });
  }

  async function readable(actor: Actor, projectId: string, id: string): Promise<RunRow> {
    await gate.require(actor, "notebook:read", projectId);
    return found(projectId, id);
  }

  async function found(projectId: string, id: string): Promise<RunRow> {
    const row = await queries.runById(db.reader, id);
    if (row?.project_id === projectId) return row;
    throw new AppError("not_found", `There is no notebook run ${id} in this project.`);
  }

  function recordRead(actor: Actor, { id, project_id: projectId, path: name }: RunRow) {
    return gate.recordRead(actor, { action: `${ORIGIN}.read`, projectId, id, name });
  }

  async function show(row: RunRow): Promise<NotebookRun> {
    const job = await jobs.find(db.reader, row.project_id, row.job_id);
    return {
      id: row.id,
      path: row.path,
      version: row.version,
      parameters: JSON.parse(row.parameters) as NotebookRun["parameters"],
      jobId: row.job_id,
      state: job?.state ?? "cancelled",
      reason: job?.reason ?? null,
      startedBy: row.started_by,
      queuedMs: row.queued_ms,
      endedMs: job?.endedMs ?? null,
      cells: { total: row.cells_total, done: row.cells_done },
    };
  }
}

/** A cell of a run that has kept nothing yet: what its file holds of an earlier day is not this run's. */
function notBegun({ kind }: NotebookCell) {
  const state = kind === "code" ? ("pending" as const) : null;
  return { state, outputs: [], executionCount: null, startedMs: null, endedMs: null };
}
