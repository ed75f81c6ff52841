import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import type { Actor } from "#modules/identity";
import { isUniqueViolation } from "#ports/database";
import { noPipeline, noVersion } from "./definitions.ts";
import type { PipelinesDeps } from "./deps.ts";
import type { NewPipelineRun } from "./door.ts";
import type { Gate } from "./gate.ts";
import { parametersFor } from "./parameters.ts";
import type { Plan } from "./plan.ts";
import { keepSpec, newestVersion, pipelineBy, specOf, versionById } from "./queries.ts";
import type { RunLog } from "./run-log.ts";
import { newsOfRun } from "./run-news.ts";
import * as queries from "./run-queries.ts";
import { probeJobs } from "./step-job.ts";
import type { RunRow } from "./tables.ts";

const DEFAULT_EXPERIMENT = "0"; // The one that every project has.

interface Source {
  spec: string;
  pipelineName: string | undefined;
  pipelineId: string;
  versionId: string;
}

/** Starts runs: everything that can be refused is refused here, before there is one. */
export function createStarting(
  { db, clock, access, jobs, lineage, tracking }: PipelinesDeps,
  gate: Gate,
  log: RunLog,
) {
  return { startRow };

  /** @returns the id of the run, or of the one that stands under the same key */
  async function startRow(actor: Actor, projectId: string, given: NewPipelineRun): Promise<string> {
    await gate.require(actor, "pipeline:write", projectId);
    await access.require(actor, "job:write", { kind: "project", projectId });
    const standing = await underKey(projectId, given.key);
    if (standing !== undefined) return standing;
    const source = await sourceOf(projectId, given);
    const plan = await log.plan(source.spec);
    const parameters = parametersFor(plan, given.parameters ?? {});
    await checkSteps(actor, projectId, plan);
    const experimentId = await experimentFor(actor, projectId, given);
    const row = newRow(actor, projectId, { given, source, plan, parameters, experimentId });
    try {
      await store(actor, { row, source, parameters });
    } catch (thrown) {
      const other = isUniqueViolation(thrown) ? await underKey(projectId, given.key) : undefined;
      if (other === undefined) throw thrown;
      return other;
    }
    return row.id;
  }

  async function underKey(projectId: string, key: string | undefined): Promise<string | undefined> {
    if (key === undefined) return undefined;
    return (await queries.runByKey(db.reader, projectId, key))?.id;
  }

  async function experimentFor(actor: Actor, projectId: string, given: NewPipelineRun): Promise<string> {
    const asked = given.experimentId || DEFAULT_EXPERIMENT;
    const { id, name, lifecycle } = await tracking.experiments.get(actor, projectId, asked);
    if (lifecycle === "active") return id;
    throw new AppError("invalid", `The experiment ${name} is deleted; restore it first.`, {
      at: "experimentId",
    });
  }

  function newRow(
    actor: Actor,
    projectId: string,
    of: {
      given: NewPipelineRun;
      source: Source;
      plan: Plan;
      parameters: RunParameters;
      experimentId: string;
    },
  ): RunRow {
    const { given, source, plan } = of;
    const createdMs = clock.now();
    return {
      id: newId(),
      project_id: projectId,
      name: given.name || `${plan.name} ${new Date(createdMs).toISOString()}`,
      description: given.description ?? "",
      pipeline_name: source.pipelineName ?? plan.name,
      pipeline_id: source.pipelineId,
      version_id: source.versionId,
      experiment_id: of.experimentId,
      digest: log.digest(source.spec),
      phase: "running",
      reason: "",
      archived: 0,
      cache: given.cache ?? "as-compiled",
      parameters: JSON.stringify(of.parameters),
      actor: JSON.stringify(actor),
      started_by: actor.name,
      sequence: 0,
      retries: 0,
      created_ms: createdMs,
      ended_ms: 0,
      origin_type: given.origin?.type ?? "",
      origin_id: given.origin?.id ?? "",
      start_key: given.key ?? "",
    };
  }

  async function store(
    actor: Actor,
    { row, source, parameters }: { row: RunRow; source: Source; parameters: RunParameters },
  ): Promise<void> {
    const { project_id: projectId, digest, created_ms } = row;
    const to = { type: "pipeline-run", id: row.id };
    await db.transaction(async (tx) => {
      await keepSpec(tx, { project_id: projectId, digest, spec: source.spec, created_ms });
      await queries.addRun(tx, row);
      await log.record(tx, row.id, { kind: "started", parameters });
      if (row.version_id !== "") {
        const from = { type: "pipeline-version", id: row.pipeline_id, version: row.version_id };
        await lineage.link(tx, { projectId, from, relation: "produced", to });
      }
      if (row.origin_type !== "") {
        const from = { type: row.origin_type, id: row.origin_id };
        await lineage.link(tx, { projectId, from, relation: "produced", to });
      }
      const origin = row.origin_type === "" ? {} : { origin: `${row.origin_type}/${row.origin_id}` };
      await gate.tell(
        tx,
        actor,
        newsOfRun(row, "started", { digest, pipelineId: row.pipeline_id, ...origin }),
      );
    });
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
}

type RunParameters = ReturnType<typeof parametersFor>;
