import type { EndpointInput } from "@atrium/contract/serving";
import { toAppError } from "#lib/errors";
import { unseal } from "#lib/seal";
import type { Engine } from "#ports/engines";
import { type ColdTable, unpackTable } from "./cold-tables.ts";
import type { ServingDeps } from "./deps.ts";
import type { EndpointLog } from "./endpoint-log.ts";
import type { LiveDeployment, LiveEndpoint } from "./live.ts";
import { idKeyOf } from "./prediction-id.ts";
import * as queries from "./queries.ts";
import { createStarts } from "./starts.ts";
import type { DeploymentRow, EndpointRow } from "./tables.ts";
import { type LocalState, routesOf } from "./view.ts";

const DRAIN_MS = 30_000; // What a deployment without traffic still has to answer.
const RETRY_MS = 10_000; // Between tries to start again what had been ready before.
const REFRESH_MS = 60_000; // Should an event be late, this is how old a routing may get.

/** Holds the engines of this process and the routing that requests are answered by; both follow what is stored. */
export interface Supervisor {
  /** Loads everything and begins to follow changes. Engines start in the background. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Brings one endpoint to what is stored now; a process that does not serve does nothing. */
  sync(endpointId: string): Promise<void>;
  live(projectId: string, name: string): LiveEndpoint | undefined;
  names(projectId: string): string[];
  local(deploymentId: string): LocalState | undefined;
  /** All that are open or opening here. */
  deployments(): Iterable<{ projectId: string; name: string; deployment: LiveDeployment }>;
}

/** One endpoint here: what it answers by, and every deployment that is open or opening. */
interface Held {
  projectId: string;
  name: string;
  live: LiveEndpoint | undefined;
  deployments: Map<string, LiveDeployment>;
}

export function createSupervisor(
  deps: ServingDeps,
  endpointLog: Pick<EndpointLog, "deployment" | "routed">,
): Supervisor {
  const { db, events, log } = deps;
  const held = new Map<string, Held>();
  const byName = new Map<string, string>();
  const turns = new Map<string, Promise<void>>();
  const starts = createStarts(deps);
  let serving = false;
  let unfollow: (() => void) | undefined;
  let refresh: NodeJS.Timeout | undefined;

  return {
    start,
    stop,
    sync,
    live: (projectId, name) => held.get(byName.get(`${projectId}/${name}`) ?? "")?.live,
    names: (projectId) =>
      [...held.values()]
        .filter((one) => one.projectId === projectId)
        .map((one) => one.name)
        .sort(),
    local: (id) => findDeployment(id)?.local,
    deployments: () =>
      [...held.values()].flatMap(({ projectId, name, deployments }) =>
        [...deployments.values()].map((deployment) => ({ projectId, name, deployment })),
      ),
  };

  async function start(): Promise<void> {
    serving = true;
    unfollow = await events.follow(undefined, (event) => {
      if (!event.kind.startsWith("endpoint.")) return;
      const { endpointId } = event.body;
      if (typeof endpointId === "string") void sync(endpointId);
    });
    await syncAll();
    refresh = setInterval(() => void syncAll(), REFRESH_MS);
    refresh.unref();
  }

  async function stop(): Promise<void> {
    serving = false;
    clearInterval(refresh);
    unfollow?.();
    await Promise.all(turns.values());
    const engines = [...held.values()].flatMap((one) => [...one.deployments.values()]);
    await Promise.all(engines.map((one) => one.engine?.close()));
    await deps.engines.stop();
  }

  async function syncAll(): Promise<void> {
    const rows = await queries.allEndpoints(db.longReader).catch((thrown: unknown) => {
      log.warn("endpoints could not be read; what is held goes on", { error: thrown });
      return undefined;
    });
    if (rows === undefined) return;
    const ids = new Set([...rows.map(({ id }) => id), ...held.keys()]);
    for (const id of ids) await sync(id);
  }

  /** One at a time for each endpoint, in order; never throws, for what is held goes on while the database is away. */
  function sync(endpointId: string): Promise<void> {
    if (!serving) return Promise.resolve();
    const before = turns.get(endpointId) ?? Promise.resolve();
    const turn = before
      .then(() => (serving ? bring(endpointId) : undefined))
      .catch((thrown: unknown) => {
        log.warn("an endpoint could not be brought up to date", { endpoint: endpointId, error: thrown });
      });
    turns.set(endpointId, turn);
    return turn.finally(() => {
      if (turns.get(endpointId) === turn) turns.delete(endpointId);
    });
  }

  async function bring(endpointId: string): Promise<void> {
    const row = await queries.endpointById(db.reader, endpointId);
    if (row === undefined) return forget(endpointId);
    const wanted = (await queries.deploymentsOf(db.reader, endpointId)).filter(
      ({ state }) => state !== "failed",
    );
    const one = held.get(endpointId) ?? {
      projectId: row.project_id,
      name: row.name,
      live: undefined,
      deployments: new Map<string, LiveDeployment>(),
    };
    held.set(endpointId, one);
    byName.set(`${row.project_id}/${row.name}`, endpointId);
    for (const deployment of wanted) {
      if (!one.deployments.has(deployment.id)) open(one, { row, deployment });
    }
    await route(one, row);
    for (const [id, deployment] of one.deployments) {
      if (wanted.some((other) => other.id === id)) continue;
      one.deployments.delete(id);
      void end(deployment);
    }
  }

  /** The new routing holds at once when all it routes to is open here; else the old one goes on until it is. */
  async function route(one: Held, row: EndpointRow): Promise<void> {
    const stored = routesOf(await queries.revisionOf(db.reader, row.id, row.revision));
    const routes = stored.flatMap(({ deployment, weight }) => {
      const found = one.deployments.get(deployment);
      return found === undefined ? [] : [{ deployment: found, weight }];
    });
    const open = routes.every(({ deployment }) => deployment.engine !== undefined);
    const standing = one.live;
    const goesOn = standing?.routes.some(({ deployment }) => one.deployments.get(deployment.id)?.engine);
    const kept = !open && standing !== undefined && goesOn ? standing : undefined;
    one.live = {
      id: row.id,
      projectId: row.project_id,
      name: row.name,
      input: JSON.parse(row.input) as EndpointInput,
      revision: kept?.revision ?? row.revision,
      routes: kept?.routes ?? routes,
      coldTables: await coldTables(row),
      idKey: standing?.idKey ?? idKeyOf(await deps.projects.keys.keyOf(row.project_id)),
    };
    if (one.live.revision !== standing?.revision) endpointLog.routed(one.live);
  }

  async function coldTables(row: EndpointRow): Promise<Map<number, ColdTable>> {
    const tables = new Map<number, ColdTable>();
    for (const { step, sealed } of await queries.coldTablesOf(db.reader, row.id)) {
      if (sealed === null) continue;
      const key = await deps.projects.keys.keyOf(row.project_id);
      tables.set(step, unpackTable(unseal(key, sealed, coldContext(row.id, step))));
    }
    return tables;
  }

  function open(one: Held, at: { row: EndpointRow; deployment: DeploymentRow }): void {
    const { deployment: stored } = at;
    const deployment: LiveDeployment = {
      id: stored.id,
      number: stored.number,
      model: { name: stored.model_name, version: stored.model_version },
      engineKind: stored.engine,
      settings: JSON.parse(stored.settings) as LiveDeployment["settings"],
      columns: [],
      engine: undefined,
      opened: Promise.resolve(),
      local: { state: "starting", reason: "Its engine starts." },
      lastMs: 0,
    };
    one.deployments.set(stored.id, deployment);
    deployment.opened = tryOpen(deployment, at);
  }

  /** Never throws: what went wrong is in `local`, and stored where the deployment had never been ready. */
  async function tryOpen(
    deployment: LiveDeployment,
    { row, deployment: stored }: { row: EndpointRow; deployment: DeploymentRow },
  ): Promise<void> {
    try {
      const started = await starts.open(row, stored, (reason) => {
        deployment.local = { state: "starting", reason };
      });
      if (!serving || findDeployment(stored.id) !== deployment) return void started.engine.close();
      deployment.columns = started.folder.columns;
      attach(
        { projectId: row.project_id, name: row.name, deployment, tell: () => starts.progressed(row, stored) },
        started.engine,
      );
      await starts.becameReady(row, stored, started);
    } catch (thrown) {
      const { message, code } = toAppError(thrown);
      if (code === "internal")
        log.error("an engine could not be started", { deployment: stored.id, error: thrown });
      deployment.local = { state: "failed", reason: message };
      const of = { projectId: row.project_id, name: row.name, deployment };
      endpointLog.deployment(of, "warn", `It could not be started: ${message}`);
      await starts.failed(row, stored, message).catch((error: unknown) => {
        log.warn("a failed deployment could not be noted", { deployment: stored.id, error });
      });
      if (stored.state === "ready") startAgainLater(row.id, deployment);
    }
    // Not awaited: this runs inside nobody's turn, and the turn it asks for may wait behind others.
    void sync(row.id);
  }

  function attach(
    of: { projectId: string; name: string; deployment: LiveDeployment; tell(): Promise<void> },
    engine: Engine,
  ): void {
    const { deployment } = of;
    const tell = (): void =>
      void of.tell().catch((thrown: unknown) => {
        log.warn("the state of an engine could not be told", { deployment: deployment.id, error: thrown });
      });
    const ready = (): void => {
      deployment.local = { state: "ready", reason: "" };
      endpointLog.deployment(of, "info", "Its engine is ready.");
    };
    deployment.engine = engine;
    ready();
    engine.onState((state) => {
      if (state === "ready") {
        ready();
        tell();
      }
      if (state !== "restarting") return;
      const reason = engine.stats().lastDeath ?? "it is gone";
      deployment.local = { state: "restarting", reason };
      endpointLog.deployment(of, "warn", `Its engine starts again: ${reason}.`);
      tell();
    });
  }

  function startAgainLater(endpointId: string, deployment: LiveDeployment): void {
    setTimeout(() => {
      if (findDeployment(deployment.id) !== deployment) return;
      held.get(endpointId)?.deployments.delete(deployment.id);
      void sync(endpointId);
    }, RETRY_MS).unref();
  }

  function forget(endpointId: string): void {
    const one = held.get(endpointId);
    if (one === undefined) return;
    held.delete(endpointId);
    byName.delete(`${one.projectId}/${one.name}`);
    for (const deployment of one.deployments.values()) void end(deployment);
  }

  async function end(deployment: LiveDeployment): Promise<void> {
    await deployment.engine?.drain(DRAIN_MS).catch((thrown: unknown) => {
      log.warn("an engine could not be drained", { deployment: deployment.id, error: thrown });
    });
  }

  function findDeployment(id: string): LiveDeployment | undefined {
    for (const one of held.values()) {
      const found = one.deployments.get(id);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

export function coldContext(endpointId: string, step: number): string {
  return `serving cold table ${endpointId} ${step}`;
}
