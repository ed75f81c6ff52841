import type { FastifyInstance } from "fastify";
import { AppError } from "#lib/errors";
import type { KfpDeps } from "../deps.ts";
import { type Predicate, readFilter, readSort } from "../filter.ts";
import { experimentTags, isArchived, toWireExperiment, unknownKey } from "../translate.ts";
import { checkNamespace, createExperimentBody, pageQuery, read } from "../wire.ts";
import { idOf, pageOf, targetOf } from "./paging.ts";

const READ = { config: { permission: "experiment:read", scope: "project" } } as const;
const WRITE = { config: { permission: "experiment:write", scope: "project" } } as const;
const DELETE = { config: { permission: "experiment:delete", scope: "project" } } as const;
const SORTS = { created_at: "createdMs", name: "name", display_name: "name" } as const;

/**
 * Their experiments are the tracked ones: a pipeline's run and what its steps log lie in one place. Archiving is what
 * tracking calls deleting, from which it can be restored.
 * @remarks Wire format: backend/api/v2beta1/experiment.proto.
 */
export function mountExperiments(scope: FastifyInstance, { tracking }: KfpDeps): void {
  const { experiments } = tracking;

  scope.post("/experiments", WRITE, async ({ actor, projectId, body }) => {
    const given = read(createExperimentBody, body);
    checkNamespace(given.namespace);
    const tags = experimentTags(given.description);
    return toWireExperiment(await experiments.create(actor, projectId, { name: given.display_name, tags }));
  });
  scope.get("/experiments", READ, async ({ actor, projectId, query }) => {
    const asked = read(pageQuery, query);
    checkNamespace(asked.namespace);
    const predicates = readFilter(asked.filter);
    const sort = readSort(asked.sort_by, SORTS);
    const name = nameIn(predicates);
    if (name !== undefined) {
      const found = await experiments.getByName(actor, projectId, name).catch(noneIfMissing);
      return { experiments: found === undefined ? [] : [toWireExperiment(found)], next_page_token: "" };
    }
    const archived = predicates.find(({ key }) => key === "storage_state");
    const isDeleted = archived !== undefined && isArchived(archived.value) === (archived.operation === "=");
    const found = await experiments.search(actor, projectId, {
      ...pageOf(asked),
      view: isDeleted ? "deleted" : "active",
      ...(sort === undefined
        ? {}
        : {
            orderBy: [`${sort.field === "name" ? "name" : "creation_time"} ${sort.direction.toUpperCase()}`],
          }),
    });
    return { experiments: found.items.map(toWireExperiment), next_page_token: found.nextToken ?? "" };
  });
  scope.get("/experiments/:id", READ, async ({ actor, projectId, params }) =>
    toWireExperiment(await experiments.get(actor, projectId, idOf(params))),
  );
  scope.delete("/experiments/:id", DELETE, async ({ actor, projectId, params }) => {
    await experiments.delete(actor, projectId, idOf(params));
    return {};
  });
  scope.post("/experiments/:target", DELETE, async ({ actor, projectId, params }) => {
    const { id, verb } = targetOf(params);
    if (verb === "archive") await experiments.delete(actor, projectId, id);
    else if (verb === "unarchive") await experiments.restore(actor, projectId, id);
    else throw new AppError("not_found", "An experiment can be told to archive or unarchive.");
    return {};
  });
}

/** The name that is asked for; other keys are refused, but the state, which needs no search. */
function nameIn(predicates: readonly Predicate[]): string | undefined {
  for (const { key, operation } of predicates) {
    const isName = (key === "display_name" || key === "name") && operation === "=";
    const isState = key === "storage_state" && (operation === "=" || operation === "!=");
    if (!isName && !isState) throw unknownKey(`${key} ${operation}`, ["name = …", "storage_state = …"]);
  }
  const name = predicates.find(({ key }) => key === "display_name" || key === "name");
  return name === undefined ? undefined : String(name.value);
}

function noneIfMissing(thrown: unknown): undefined {
  if (thrown instanceof AppError && thrown.code === "not_found") return undefined;
  throw thrown;
}
