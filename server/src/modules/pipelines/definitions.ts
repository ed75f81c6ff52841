import type { Pipeline, PipelineVersion, VersionStep } from "@atrium/contract/pipelines";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import { isUniqueViolation, type Tx } from "#ports/database";
import type { PipelinesDeps } from "./deps.ts";
import type { NewPipeline, NewVersion, PipelineDefinitions, PipelineSearch } from "./door.ts";
import type { Gate } from "./gate.ts";
import { graphOf } from "./graph.ts";
import * as queries from "./queries.ts";
import type { RunLog } from "./run-log.ts";
import type { PipelineRow, VersionRow } from "./tables.ts";
import { hasTags } from "./tags.ts";
import { parametersOf, showPipeline, showVersion } from "./view.ts";

const COMMIT = /\b[0-9a-f]{40}\b/; // In an address such as https://…/blob/<commit>/pipeline.py, or by itself.
const NEWEST_FIRST = { field: "createdMs", direction: "desc" } as const;

export function createDefinitions(
  { db, clock, lineage }: PipelinesDeps,
  gate: Gate,
  log: RunLog,
): PipelineDefinitions {
  return {
    create,
    upload,
    nameIn,
    addVersion,
    get,
    search,
    delete: remove,
    versions,
    version,
    deleteVersion,
  };

  async function create(
    actor: Actor,
    projectId: string,
    given: NewPipeline & { name: string },
  ): Promise<Pipeline> {
    await gate.require(actor, "pipeline:write", projectId);
    const row = pipelineRow(actor, projectId, given);
    await taken(given.name, () =>
      db.transaction(async (tx) => {
        await queries.addPipeline(tx, row);
        await gate.tell(tx, actor, { action: "pipeline.created", projectId, id: row.id, name: row.name });
      }),
    );
    return showPipeline(row);
  }

  async function upload(
    actor: Actor,
    projectId: string,
    given: { pipeline: NewPipeline; version: NewVersion },
  ): Promise<{ pipeline: Pipeline; version: PipelineVersion }> {
    await gate.require(actor, "pipeline:write", projectId);
    const plan = await log.plan(given.version.spec);
    const name = given.pipeline.name ?? plan.name;
    const pipeline = pipelineRow(actor, projectId, {
      ...given.pipeline,
      name,
      description: given.pipeline.description || plan.description,
    });
    const version = await versionRow(actor, pipeline, { name, ...given.version });
    await taken(name, () =>
      db.transaction(async (tx) => {
        await queries.addPipeline(tx, pipeline);
        await gate.tell(tx, actor, { action: "pipeline.created", projectId, id: pipeline.id, name });
        await store(tx, actor, version, given.version.spec);
      }),
    );
    return { pipeline: showPipeline({ ...pipeline, versions: 1 }), version: showVersion(version) };
  }

  async function nameIn(actor: Actor, projectId: string, spec: string): Promise<string> {
    await gate.require(actor, "pipeline:write", projectId);
    return (await log.plan(spec)).name;
  }

  async function addVersion(
    actor: Actor,
    projectId: string,
    pipelineId: string,
    given: NewVersion,
  ): Promise<PipelineVersion> {
    await gate.require(actor, "pipeline:write", projectId);
    const pipeline = await found(projectId, pipelineId);
    const version = await versionRow(actor, pipeline, given);
    await taken(version.name, () => db.transaction((tx) => store(tx, actor, version, given.spec)));
    return showVersion(version);
  }

  async function store(tx: Tx, actor: Actor, row: VersionRow, spec: string): Promise<void> {
    const { project_id: projectId, digest, created_ms } = row;
    if (!(await queries.countVersions(tx, row.pipeline_id, 1))) throw noPipeline(row.pipeline_id);
    await queries.keepSpec(tx, { project_id: projectId, digest, spec, created_ms });
    await queries.addVersion(tx, row);
    const [commit] = COMMIT.exec(row.code_source) ?? [];
    if (commit !== undefined) {
      const from = { type: "pipeline-version", id: row.pipeline_id, version: row.id };
      await lineage.link(tx, { projectId, from, relation: "derived", to: { type: "commit", id: commit } });
    }
    await gate.tell(tx, actor, {
      action: "pipeline-version.created",
      projectId,
      id: row.id,
      name: row.name,
      details: { pipelineId: row.pipeline_id, digest },
    });
  }

  async function get(actor: Actor, projectId: string, idOrName: string): Promise<Pipeline> {
    const row = await read(actor, projectId, idOrName);
    return showPipeline(row);
  }

  async function search(actor: Actor, projectId: string, asked: PipelineSearch): Promise<Page<Pipeline>> {
    await gate.requireList(actor, projectId);
    const { pageSize, pageToken, sort = NEWEST_FIRST, ...question } = asked;
    return keysetPage({
      ...{ pageSize, pageToken, question: ["pipelines", projectId, question, sort] },
      kinds: queries.namedKeys(sort).map(({ kind }) => kind),
      rows: (after, limit) => queries.pipelinePage(db.reader, { projectId, ...question, sort, after, limit }),
      // Few carry tags; a page may be shorter than asked for.
      show: (rows) => rows.map(showPipeline).filter((one) => hasTags(one.tags, question.tags)),
      position: (row) => queries.namedPosition(row, sort),
    });
  }

  async function remove(actor: Actor, projectId: string, idOrName: string): Promise<void> {
    await gate.require(actor, "pipeline:delete", projectId);
    const row = await found(projectId, idOrName);
    await db.transaction(async (tx) => {
      const digests = await queries.digestsOf(tx, row.id);
      if (!(await queries.removePipeline(tx, row.id))) throw noPipeline(idOrName);
      for (const digest of digests) await queries.dropSpec(tx, projectId, digest);
      await gate.tell(tx, actor, { action: "pipeline.deleted", projectId, id: row.id, name: row.name });
    });
  }

  async function versions(
    actor: Actor,
    projectId: string,
    asked: Parameters<PipelineDefinitions["versions"]>[2],
  ): Promise<Page<PipelineVersion>> {
    const { id: pipelineId } = await read(actor, projectId, asked.pipelineId);
    const { pageSize, pageToken, name, sort = NEWEST_FIRST } = asked;
    return keysetPage({
      ...{ pageSize, pageToken, question: ["pipeline-versions", pipelineId, name ?? null, sort] },
      kinds: queries.namedKeys(sort).map(({ kind }) => kind),
      rows: (after, limit) => queries.versionPage(db.reader, { pipelineId, name, sort, after, limit }),
      show: (rows) => rows.map(showVersion),
      position: (row) => queries.namedPosition(row, sort),
    });
  }

  async function version(
    actor: Actor,
    projectId: string,
    of: { pipelineId: string; versionId: string },
  ): Promise<{ version: PipelineVersion; spec: string; graph: VersionStep[] }> {
    const pipeline = await read(actor, projectId, of.pipelineId);
    const row = await versionIn(pipeline, of.versionId);
    const spec = await queries.specOf(db.reader, projectId, row.digest);
    if (spec === undefined) throw noVersion(of.versionId);
    return { version: showVersion(row), spec, graph: graphOf(await log.plan(spec)) };
  }

  async function deleteVersion(
    actor: Actor,
    projectId: string,
    of: { pipelineId: string; versionId: string },
  ): Promise<void> {
    await gate.require(actor, "pipeline:delete", projectId);
    const row = await versionIn(await found(projectId, of.pipelineId), of.versionId);
    await db.transaction(async (tx) => {
      if (!(await queries.removeVersion(tx, row.id))) throw noVersion(of.versionId);
      await queries.countVersions(tx, row.pipeline_id, -1);
      await queries.dropSpec(tx, projectId, row.digest);
      await gate.tell(tx, actor, {
        action: "pipeline-version.deleted",
        projectId,
        id: row.id,
        name: row.name,
        details: { pipelineId: row.pipeline_id },
      });
    });
  }

  async function read(actor: Actor, projectId: string, idOrName: string): Promise<PipelineRow> {
    await gate.require(actor, "pipeline:read", projectId);
    const row = await found(projectId, idOrName);
    await gate.recordRead(actor, { type: "pipeline", projectId, id: row.id, name: row.name });
    return row;
  }

  async function found(projectId: string, idOrName: string): Promise<PipelineRow> {
    const row = await queries.pipelineBy(db.reader, projectId, idOrName);
    if (row === undefined) throw noPipeline(idOrName);
    return row;
  }

  async function versionIn(pipeline: PipelineRow, versionId: string): Promise<VersionRow> {
    const row = await queries.versionById(db.reader, pipeline.project_id, versionId);
    if (row?.pipeline_id !== pipeline.id) throw noVersion(versionId);
    return row;
  }

  function pipelineRow(actor: Actor, projectId: string, given: NewPipeline & { name: string }): PipelineRow {
    return {
      id: newId(),
      project_id: projectId,
      name: given.name,
      display_name: given.displayName || given.name,
      description: given.description ?? "",
      tags: JSON.stringify(given.tags ?? {}),
      versions: 0,
      created_by: actor.name,
      created_ms: clock.now(),
    };
  }

  /** @throws AppError `invalid` when its spec cannot run here */
  async function versionRow(actor: Actor, pipeline: PipelineRow, given: NewVersion): Promise<VersionRow> {
    const plan = await log.plan(given.spec);
    const id = newId();
    const name = given.name || `${pipeline.name.slice(0, 90)} ${id}`;
    return {
      id,
      pipeline_id: pipeline.id,
      project_id: pipeline.project_id,
      name,
      display_name: given.displayName || name,
      description: given.description || plan.description,
      digest: log.digest(given.spec),
      parameters: JSON.stringify(parametersOf(plan)),
      code_source: given.codeSource ?? "",
      tags: JSON.stringify(given.tags ?? {}),
      created_by: actor.name,
      created_ms: clock.now(),
    };
  }
}

async function taken(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    if (!isUniqueViolation(thrown)) throw thrown;
    throw new AppError("conflict", `The name ${name} is taken already; choose another one.`, {
      at: "name",
      reason: "already_exists",
    });
  }
}

export function noPipeline(id: string): AppError {
  return new AppError("not_found", `There is no pipeline ${id}.`);
}

export function noVersion(id: string): AppError {
  return new AppError("not_found", `The pipeline has no version ${id}.`);
}
