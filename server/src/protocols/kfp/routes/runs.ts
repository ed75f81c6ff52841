import type { FastifyInstance } from "fastify";
import { AppError } from "#lib/errors";
import type { NewPipelineRun } from "#modules/pipelines";
import type { KfpDeps } from "../deps.ts";
import { readFilter, readSort } from "../filter.ts";
import { toRunConditions, toRunDetails, toWireRun } from "../translate.ts";
import { checkNamespace, createRunBody, createRunQuery, listRunsQuery, read } from "../wire.ts";
import { idOf, pageOf, targetOf } from "./paging.ts";
import { specObject } from "./pipelines.ts";

const READ = { config: { permission: "pipeline:read", scope: "project" } } as const;
const WRITE = { config: { permission: "pipeline:write", scope: "project" } } as const;
const DELETE = { config: { permission: "pipeline:delete", scope: "project" } } as const;
const SORTS = { created_at: "createdMs", name: "name", display_name: "name" } as const;

/** Runs. @remarks Wire format: backend/api/v2beta1/run.proto. */
export function mountRuns(scope: FastifyInstance, { pipelines }: KfpDeps): void {
  const { runs } = pipelines;

  scope.post("/runs", WRITE, async ({ actor, projectId, body, query }) => {
    const { experiment_id: experimentId } = read(createRunQuery, query);
    const given = newRun(read(createRunBody, body));
    const made = await runs.start(actor, projectId, {
      ...given,
      experimentId: given.experimentId || experimentId,
    });
    return toWireRun(made);
  });
  scope.get("/runs", READ, async ({ actor, projectId, query }) => {
    const asked = read(listRunsQuery, query);
    checkNamespace(asked.namespace);
    const conditions = toRunConditions(readFilter(asked.filter));
    const { experiment_id: experimentId = "" } = asked;
    const found = await runs.search(actor, projectId, {
      ...pageOf(asked),
      conditions:
        experimentId === ""
          ? conditions
          : [...conditions, { field: "experimentId", operation: "=", value: experimentId }],
      sort: readSort(asked.sort_by, SORTS),
    });
    return { runs: found.items.map(toWireRun), next_page_token: found.nextToken ?? "" };
  });
  scope.get("/runs/:id", READ, async ({ actor, projectId, params }) => {
    const id = idOf(params);
    const run = await runs.get(actor, projectId, id);
    const steps = await runs.steps(actor, projectId, id);
    const spec = run.pipelineId === undefined ? await runs.spec(actor, projectId, id) : undefined;
    return {
      ...toWireRun(run),
      ...(spec === undefined ? {} : { pipeline_spec: specObject(spec) }),
      run_details: toRunDetails(run, steps),
    };
  });
  scope.delete("/runs/:id", DELETE, async ({ actor, projectId, params }) => {
    await runs.delete(actor, projectId, idOf(params));
    return {};
  });
  scope.post("/runs/:target", WRITE, async ({ actor, projectId, params }) => {
    const { id, verb } = targetOf(params);
    switch (verb) {
      case "terminate":
        await runs.cancel(actor, projectId, id);
        return {};
      case "retry":
        await runs.retry(actor, projectId, id);
        return {};
      case "archive":
      case "unarchive":
        await runs.setArchived(actor, projectId, { id, archived: verb === "archive" });
        return {};
      default:
        throw new AppError("not_found", `A run can be told to terminate, retry, archive or unarchive.`);
    }
  });
}

function newRun(given: ReturnType<typeof read<typeof createRunBody>>): NewPipelineRun {
  const { runtime_config: config, pipeline_version_reference: reference } = given;
  if (config?.pipeline_root !== undefined && config.pipeline_root !== "")
    throw new AppError(
      "invalid",
      "This server keeps artifacts in its own encrypted store, so pipeline_root cannot name another place.",
      { at: "runtime_config.pipeline_root" },
    );
  if (given.service_account !== undefined && given.service_account !== "")
    throw new AppError(
      "invalid",
      "Steps act for whoever starts the run; there are no service accounts of a cluster.",
      {
        at: "service_account",
      },
    );
  return {
    name: given.display_name,
    description: given.description,
    pipeline: reference?.pipeline_id,
    versionId: reference?.pipeline_version_id ?? given.pipeline_version_id,
    spec: given.pipeline_spec === undefined ? undefined : JSON.stringify(given.pipeline_spec),
    experimentId: given.experiment_id,
    parameters: config?.parameters as NewPipelineRun["parameters"],
  };
}
