import type { ColdStart, EndpointInput, ServingEndpoint } from "@atrium/contract/serving";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import { isUniqueViolation } from "#ports/database";
import { plainName } from "./cold-start.ts";
import type { ServingDeps } from "./deps.ts";
import type { EndpointChanges, EndpointsDoor, NewEndpoint, PageAsked } from "./door.ts";
import { createGate, type EndpointAt, missingEndpoint } from "./gate.ts";
import * as queries from "./queries.ts";
import type { Supervisor } from "./supervisor.ts";
import type { EndpointRow } from "./tables.ts";
import { routesOf, showEndpoint } from "./view.ts";

type Parts = Pick<EndpointsDoor, "list" | "create" | "get" | "update" | "delete">;

export interface EndpointUseCases extends Parts {
  /** As it is shown now. */
  show(row: EndpointRow): Promise<ServingEndpoint>;
}

/** Endpoints themselves: names, how they are asked, what answers for new entities. */
export function createEndpoints(
  deps: ServingDeps,
  supervisor: Pick<Supervisor, "sync" | "local">,
): EndpointUseCases {
  const { db, clock, access, lineage } = deps;
  const gate = createGate(deps);
  return { list, create, get, update, delete: remove, show };

  async function show(row: EndpointRow): Promise<ServingEndpoint> {
    const [deployments, revision, coldTables] = await Promise.all([
      queries.deploymentsOf(db.reader, row.id),
      queries.revisionOf(db.reader, row.id, row.revision),
      queries.coldTablesOf(db.reader, row.id),
    ]);
    return showEndpoint(row, {
      deployments,
      routes: routesOf(revision),
      coldTables,
      local: supervisor.local,
    });
  }

  async function list(actor: Actor, projectId: string, asked: PageAsked): Promise<Page<ServingEndpoint>> {
    await access.require(actor, "endpoint:read", { kind: "project", projectId });
    const resource = { type: "project", id: projectId };
    await deps.audit.recordAccess(actor, { action: "endpoint.searched", resource, projectId });
    return keysetPage({
      pageSize: asked.pageSize,
      pageToken: asked.pageToken,
      question: ["endpoints of", projectId],
      kinds: ["text"],
      rows: (after, limit) => {
        const name = after?.[0];
        return queries.endpointsPage(db.reader, projectId, {
          after: name === undefined ? undefined : String(name),
          limit,
        });
      },
      show: (rows) => Promise.all(rows.map(show)),
      position: (row) => [row.name],
    });
  }

  async function create(actor: Actor, projectId: string, given: NewEndpoint): Promise<ServingEndpoint> {
    await access.require(actor, "endpoint:write", { kind: "project", projectId });
    await checkInput(deps, actor, { projectId, input: given.input });
    const row: EndpointRow = {
      id: newId(),
      project_id: projectId,
      name: given.name,
      description: given.description ?? "",
      input: JSON.stringify(given.input),
      revision: 0,
      last_deployment: 0,
      example: given.example === undefined ? "" : JSON.stringify(given.example),
      created_by: actor.name,
      created_ms: clock.now(),
      updated_ms: clock.now(),
    };
    try {
      await db.transaction(async (tx) => {
        await queries.addEndpoint(tx, row);
        await gate.tell(tx, actor, { action: "endpoint.created", endpoint: row });
      });
    } catch (thrown) {
      if (!isUniqueViolation(thrown)) throw thrown;
      throw new AppError("conflict", `There is an endpoint ${given.name} already; choose another name.`, {
        reason: "already_exists",
        at: "body.name",
      });
    }
    await supervisor.sync(row.id);
    return show(row);
  }

  async function get(actor: Actor, at: EndpointAt): Promise<ServingEndpoint> {
    return show(await gate.admit(actor, "endpoint:read", at));
  }

  async function update(actor: Actor, at: EndpointAt, changes: EndpointChanges): Promise<ServingEndpoint> {
    const { id } = await gate.admit(actor, "endpoint:write", at);
    const { coldStart } = changes;
    if (coldStart) {
      const standing = await queries.endpointById(db.reader, id);
      const input = withColdStart(JSON.parse(standing?.input ?? "{}") as EndpointInput, coldStart);
      await checkInput(deps, actor, { projectId: at.projectId, input });
    }
    const row = await db.transaction(async (tx) => {
      const endpoint = await queries.endpointToChange(tx, id);
      if (endpoint === undefined) throw missingEndpoint(at.endpoint);
      const before = JSON.parse(endpoint.input) as EndpointInput;
      const input = coldStart === undefined ? before : withColdStart(before, coldStart ?? undefined);
      const { description = endpoint.description } = changes;
      const example = changes.example === undefined ? endpoint.example : JSON.stringify(changes.example);
      const fresh = { description, example, input: JSON.stringify(input), updated_ms: clock.now() };
      const changed = { ...endpoint, ...fresh };
      await queries.saveEndpoint(tx, id, changed);
      // What the old chain looked up answers no question of the new one.
      if (coldStart !== undefined) await queries.removeColdTables(tx, id);
      const details = { changed: Object.keys(changes).join(" ") };
      await gate.tell(tx, actor, { action: "endpoint.updated", endpoint, details });
      return changed;
    });
    await supervisor.sync(id);
    return show(row);
  }

  async function remove(actor: Actor, at: EndpointAt): Promise<void> {
    const { id } = await gate.admit(actor, "endpoint:delete", at);
    await db.transaction(async (tx) => {
      const endpoint = await queries.endpointToChange(tx, id);
      if (endpoint === undefined) throw missingEndpoint(at.endpoint);
      await queries.removeEndpoint(tx, id);
      await lineage.unlink(tx, at.projectId, { type: "endpoint", id: endpoint.name });
      await gate.tell(tx, actor, { action: "endpoint.deleted", endpoint });
    });
    await supervisor.sync(id);
  }
}

function withColdStart(input: EndpointInput, coldStart: ColdStart | undefined): EndpointInput {
  if (input.kind === "entities") {
    const { coldStart: _before, ...rest } = input;
    return coldStart === undefined ? rest : { ...rest, coldStart };
  }
  if (coldStart === undefined) return input;
  throw new AppError("invalid", "Only an endpoint that is asked by entities has a cold start.", {
    at: "body.coldStart",
  });
}

/** That what is declared can be honoured. @throws AppError `invalid`, `not_found` */
async function checkInput(
  { features, datasets }: ServingDeps,
  actor: Actor,
  { projectId, input }: { projectId: string; input: EndpointInput },
): Promise<void> {
  if (input.kind === "direct") return;
  const service = features.service(projectId, input.featureService);
  if (service === undefined) {
    throw new AppError("invalid", `There is no feature service ${input.featureService}.`, {
      at: "body.input.featureService",
    });
  }
  const named = [...service.joinKeys, ...input.requestValues].map(({ name }) => name);
  const twice = named.find((name, i) => named.indexOf(name) !== i);
  if (twice !== undefined) throw bad(`${twice} is a join key and a request value; name it once.`);
  const views = new Set(service.features.map(({ view }) => view));
  const stranger = input.coldStart?.knownBy?.find((view) => !views.has(view));
  if (stranger !== undefined) throw bad(`The feature service has no view ${stranger}.`);
  const known = new Set(service.features.flatMap(({ name }) => [name, plainName(name)]));
  for (const step of input.coldStart?.chain ?? []) {
    if (step.kind === "constant") continue;
    if (step.kind === "defaults") {
      const unknown = Object.keys(step.values).find((name) => !known.has(name));
      if (unknown !== undefined)
        throw bad(`The feature service has no feature ${unknown} to give a default.`);
      continue;
    }
    const { columns } = await datasets.table(actor, { projectId, name: step.dataset, version: step.version });
    const wanted =
      step.kind === "segment"
        ? [step.column, ...step.by]
        : [step.column, ...(step.decay ? [step.decay.column] : [])];
    const missing = wanted.find((name) => !columns.some((column) => column.name === name));
    if (missing !== undefined) throw bad(`Dataset ${step.dataset} has no column ${missing}.`);
    const unasked = step.kind === "segment" ? step.by.find((name) => !named.includes(name)) : undefined;
    if (unasked !== undefined)
      throw bad(`A request does not bring ${unasked}: it is neither a join key nor a request value.`);
  }
}

function bad(message: string): AppError {
  return new AppError("invalid", message, { at: "body.coldStart" });
}
