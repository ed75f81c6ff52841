import { availableParallelism, totalmem } from "node:os";
import type { Deployment, Revision, Route, ServingEndpoint } from "@atrium/contract/serving";
import { AppError } from "#lib/errors";
import { newId } from "#lib/ids";
import { keysetPage, type Page } from "#lib/paging";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { ServingDeps } from "./deps.ts";
import type { EndpointsDoor, NewDeployment, PageAsked } from "./door.ts";
import type { EndpointUseCases } from "./endpoints.ts";
import { createGate, type EndpointAt, missingEndpoint } from "./gate.ts";
import { readModelFolder } from "./model-folder.ts";
import { readModelAddress } from "./model-name.ts";
import * as queries from "./queries.ts";
import { checkRoutes } from "./routing.ts";
import type { Supervisor } from "./supervisor.ts";
import { switchRoutes } from "./switch.ts";
import type { DeploymentRow, EndpointRow, RevisionRow } from "./tables.ts";
import { routesOf, showDeployment, showRevision } from "./view.ts";

const STANDING_MAX = 20; // Of one endpoint: each holds processes and memory.
const LOOKED_BACK = 200; // Revisions that a rollback looks through.
const MIB = 1024 * 1024;

type Parts = Pick<EndpointsDoor, "deploy" | "retire" | "setTraffic" | "rollBack" | "revisions">;

/** What an endpoint routes to: new deployments, shares of traffic, the way back. */
export function createReleases(
  deps: ServingDeps,
  { supervisor, show }: { supervisor: Pick<Supervisor, "sync"> } & Pick<EndpointUseCases, "show">,
): Parts {
  const { db, clock } = deps;
  const gate = createGate(deps);
  return { deploy, retire, setTraffic, rollBack, revisions };

  async function deploy(actor: Actor, at: EndpointAt, given: NewDeployment): Promise<Deployment> {
    const { id: endpointId } = await gate.admit(actor, "endpoint:write", at);
    const row = await chooseModel(deps, actor, { ...given, projectId: at.projectId });
    const deployed = await db.transaction(async (tx) => {
      const endpoint = await queries.endpointToChange(tx, endpointId);
      if (endpoint === undefined) throw missingEndpoint(at.endpoint);
      if ((await queries.countStanding(tx, endpointId)) >= STANDING_MAX)
        throw new AppError("invalid", `An endpoint has at most ${STANDING_MAX} deployments; end some first.`);
      const number = endpoint.last_deployment + 1;
      const made = { ...row, endpoint_id: endpointId, number };
      await queries.addDeployment(tx, made);
      await queries.saveEndpoint(tx, endpointId, { last_deployment: number, updated_ms: clock.now() });
      const { model_name: model, model_version: version, engine, weight } = made;
      const details = { deploymentId: made.id, model, version, engine, weight };
      await gate.tell(tx, actor, { action: "endpoint.deployed", endpoint, details });
      return made;
    });
    await supervisor.sync(endpointId);
    return showDeployment(deployed, []);
  }

  async function retire(actor: Actor, at: EndpointAt, deploymentId: string): Promise<void> {
    const { id } = await gate.admit(actor, "endpoint:write", at);
    await db.transaction(async (tx) => {
      const endpoint = await locked(tx, id, at);
      const deployment = await ofEndpoint(tx, id, deploymentId);
      if (deployment.state === "retired") return;
      const routes = await currentRoutes(tx, endpoint);
      if (routes.some((route) => route.deployment === deploymentId)) {
        throw new AppError(
          "conflict",
          `Deployment ${deployment.number} has traffic; give its share to another first.`,
        );
      }
      await queries.saveDeployment(tx, deploymentId, { state: "retired", reason: `Ended by ${actor.name}.` });
      const details = { deploymentId, number: deployment.number };
      await gate.tell(tx, actor, { action: "endpoint.deployment-retired", endpoint, details });
    });
    await supervisor.sync(id);
  }

  async function setTraffic(
    actor: Actor,
    at: EndpointAt,
    routes: readonly Route[],
  ): Promise<ServingEndpoint> {
    const { id } = await gate.admit(actor, "endpoint:write", at);
    const wanted = checkRoutes(routes);
    return change(actor, at, { id, why: "traffic", action: "endpoint.switched", choose: async () => wanted });
  }

  async function rollBack(actor: Actor, at: EndpointAt, revision?: number): Promise<ServingEndpoint> {
    const { id } = await gate.admit(actor, "endpoint:write", at);
    return change(actor, at, {
      id,
      why: "rolled-back",
      action: "endpoint.rolled-back",
      choose: async (tx, endpoint) => {
        if (revision !== undefined) {
          const named = await queries.revisionOf(tx, id, revision);
          if (named !== undefined) return routesOf(named);
          throw new AppError("not_found", `Endpoint ${at.endpoint} has no revision ${revision}.`);
        }
        const past = await queries.revisionsPage(tx, id, { before: undefined, limit: LOOKED_BACK });
        const before = revisionBefore(past);
        if (before !== undefined) return routesOf(before);
        throw new AppError("conflict", `Endpoint ${endpoint.name} had no other routing before this one.`);
      },
    });
  }

  interface Change {
    id: string;
    why: Revision["why"];
    action: string;
    choose(tx: Tx, endpoint: EndpointRow): Promise<Route[]>;
  }

  async function change(actor: Actor, at: EndpointAt, given: Change): Promise<ServingEndpoint> {
    const { id, why, action } = given;
    const row = await db.transaction(async (tx) => {
      const endpoint = await locked(tx, id, at);
      const routes = await given.choose(tx, endpoint);
      for (const { deployment } of routes) {
        const found = await ofEndpoint(tx, id, deployment);
        if (found.state === "ready") continue;
        throw new AppError(
          "conflict",
          `Deployment ${found.number} is ${found.state} and takes no traffic${found.state === "retired" ? "; deploy its model again" : ""}.`,
        );
      }
      const changed = await switchRoutes(deps, tx, { endpoint, routes, why, by: actor.name });
      const details = { revision: changed.revision, routes };
      await gate.tell(tx, actor, { action, endpoint, details });
      return changed;
    });
    await supervisor.sync(id);
    return show(row);
  }

  async function revisions(actor: Actor, at: EndpointAt, asked: PageAsked): Promise<Page<Revision>> {
    const { id } = await gate.admit(actor, "endpoint:read", at);
    const all = await queries.allDeploymentNumbers(db.reader, id);
    const deployments = new Map(all.map((one) => [one.id, one]));
    return keysetPage({
      pageSize: asked.pageSize,
      pageToken: asked.pageToken,
      question: ["revisions of", id],
      kinds: ["whole"],
      rows: (after, limit) => {
        const before = after?.[0];
        const part = { before: before === undefined ? undefined : Number(before), limit };
        return queries.revisionsPage(db.reader, id, part);
      },
      show: (rows) => rows.map((row) => showRevision(row, deployments)),
      position: (row) => [row.number],
    });
  }

  async function locked(tx: Tx, id: string, at: EndpointAt): Promise<EndpointRow> {
    const endpoint = await queries.endpointToChange(tx, id);
    if (endpoint === undefined) throw missingEndpoint(at.endpoint);
    return endpoint;
  }

  async function ofEndpoint(tx: Tx, endpointId: string, deploymentId: string): Promise<DeploymentRow> {
    const found = await queries.deploymentById(tx, deploymentId);
    if (found?.endpoint_id === endpointId) return found;
    throw new AppError("not_found", `The endpoint has no deployment ${deploymentId.slice(0, 100)}.`);
  }

  async function currentRoutes(tx: Tx, endpoint: EndpointRow): Promise<Route[]> {
    return routesOf(await queries.revisionOf(tx, endpoint.id, endpoint.revision));
  }
}

/**
 * The newest routing that differs from the current one and was not left by a rollback: rolling back twice goes two steps
 * back, not forth again. `past` is newest first.
 */
export function revisionBefore(past: readonly RevisionRow[]): RevisionRow | undefined {
  const [current] = past;
  if (current === undefined) return undefined;
  let origin = 0;
  while (past[origin]?.why === "rolled-back") {
    const next = past.findIndex((one, i) => i > origin && one.routes === current.routes);
    if (next < 0) break;
    origin = next;
  }
  return past.find((one, i) => i > origin && one.routes !== current.routes);
}

/** Resolves the model and the engine for it. @throws AppError `invalid`, `not_found` */
async function chooseModel(
  deps: ServingDeps,
  actor: Actor,
  given: NewDeployment & { projectId: string },
): Promise<DeploymentRow> {
  const { projectId, settings } = given;
  const address = readModelAddress(given.model);
  const found =
    "alias" in address
      ? await deps.registry.versionByAlias(actor, { projectId, name: address.name, alias: address.alias })
      : await deps.registry.versions.get(actor, { projectId, name: address.name, version: address.version });
  if (found.artifactPath === undefined) {
    throw new AppError(
      "invalid",
      `The files of ${given.model} lie elsewhere; log the model here to deploy it.`,
      {
        at: "body.model",
      },
    );
  }
  checkSettings(settings);
  const folder = await readModelFolder(deps, { projectId, path: found.artifactPath });
  const [preferred] = folder.kinds;
  const engine = given.engine ?? preferred;
  if (engine === undefined || !folder.kinds.includes(engine)) {
    throw new AppError(
      "invalid",
      `${given.model} cannot run as ${engine}; it has: ${folder.kinds.join(", ")}.`,
      {
        at: "body.engine",
      },
    );
  }
  return {
    id: newId(),
    endpoint_id: "",
    project_id: projectId,
    number: 0,
    model_name: found.name,
    model_version: found.version,
    model_alias: "alias" in address ? address.alias : "",
    artifact_path: found.artifactPath,
    engine,
    settings: JSON.stringify(settings),
    weight: given.weight,
    state: "pending",
    reason: "Waits for its engine.",
    signature: "",
    created_by: actor.name,
    created_ms: deps.clock.now(),
    ready_ms: null,
    warm_until_ms: null,
  };
}

/** What this machine cannot give is refused now, not when it is missed. */
function checkSettings({ threads, memoryMiB, copies }: NewDeployment["settings"]): void {
  const cores = availableParallelism();
  if (threads > cores) {
    throw new AppError("invalid", `${threads} threads were asked for; this machine has ${cores}.`, {
      at: "body.settings.threads",
    });
  }
  const total = Math.floor(totalmem() / MIB);
  if (memoryMiB !== undefined && memoryMiB * copies > total) {
    throw new AppError("invalid", `${copies} × ${memoryMiB} MiB do not fit this machine's ${total} MiB.`, {
      at: "body.settings.memoryMiB",
    });
  }
}
