import type { Project } from "@atrium/contract/projects";
import { AppError } from "#lib/errors";
import type { AccessControl, Actor, Visible } from "#modules/identity";
import { createLineage } from "#modules/lineage";
import type { LoggedModel, Run } from "#modules/tracking";
import type { DomainEvent } from "#ports/events";
import { openTestDatabase } from "../../testing/database.ts";
import type { RegistryDeps } from "./deps.ts";
import { createRegistry } from "./registry.ts";

export const PROJECT = "p1";
export const PROMPT = "mlflow.prompt.is_prompt";
export const REGISTERED_AS = "mlflow.modelVersions";

const RUN: Run = {
  id: "",
  projectId: PROJECT,
  experimentId: "1",
  name: "run",
  status: "FINISHED",
  lifecycle: "active",
  owner: "owner",
  startedMs: 0,
  endedMs: 1,
  artifactPath: "",
  params: [],
  tags: [],
  metrics: [],
  datasets: [],
  modelInputs: [],
  modelOutputs: [],
};
const LOGGED_MODEL: LoggedModel = {
  id: "",
  projectId: PROJECT,
  experimentId: "1",
  name: "model",
  modelType: "",
  status: "READY",
  statusMessage: "",
  sourceRunId: undefined,
  createdMs: 0,
  updatedMs: 0,
  artifactPath: "",
  params: [],
  tags: [],
  metrics: [],
};

export function actorNamed(id: string): Actor {
  const request = { id: "r", ip: "192.0.2.1", userAgent: "test" };
  return { kind: "user", id, name: id, via: { kind: "session", id: "s" }, request };
}

/**
 * The registry over a real database and real lineage. What neighbours would say is set by the test: `rights` of others
 * than the owner, and the runs and logged models that there are.
 */
export async function openRegistry() {
  const db = await openTestDatabase();
  const time = { nowMs: 1000 };
  const clock = { now: () => time.nowMs };
  const told: DomainEvent[] = [];
  const recorded: string[] = [];
  const settings: { privateWebhookHosts?: string[] } = {};
  const quota = { used: 0, maximum: Number.POSITIVE_INFINITY };
  const runs = new Map<string, Run>();
  const loggedModels = new Map<string, LoggedModel>();
  const files = new Set<string>();
  const rights: Record<string, { permissions: readonly string[]; visible: Visible }> = {};

  const access: AccessControl = {
    can: async (actor, permission) => actor.id === "owner" || mayDo(actor, permission, undefined),
    require: async (actor, permission, place) => {
      if (actor.id === "owner") return;
      const id = place.kind === "resource" ? place.id : undefined;
      if (mayDo(actor, permission, id)) return;
      const reads = mayDo(actor, "model:read", id);
      throw reads ? new AppError("forbidden", "No.") : new AppError("not_found", "Nothing here.");
    },
    visible: async (actor) =>
      actor.id === "owner" ? { all: true } : (rights[actor.id]?.visible ?? { all: false, ids: [] }),
    visibleProjects: async () => [PROJECT],
  };
  function mayDo(actor: Actor, permission: string, id: string | undefined): boolean {
    const right = rights[actor.id];
    if (right === undefined || !right.permissions.includes(permission)) return false;
    return right.visible.all || (id !== undefined && right.visible.ids.includes(id));
  }
  function found<T extends { projectId: string }>(things: Map<string, T>, projectId: string, id: string): T {
    const thing = things.get(id);
    if (thing?.projectId !== projectId) throw new AppError("not_found", `There is no ${id}.`);
    return thing;
  }

  const lineage = createLineage({ db, clock, access });
  const deps: RegistryDeps = {
    db,
    clock,
    access,
    lineage,
    audit: {
      record: async (_tx, _actor, entry) => {
        recorded.push(entry.action);
      },
      recordAccess: async () => {},
    },
    events: {
      announce: async (_tx, event) => {
        told.push(event);
      },
    },
    projects: {
      checkQuota: async (_tx, _projectId, _resource, adding) => {
        if (quota.used + adding > quota.maximum) throw new AppError("exhausted", "Full.");
        quota.used += adding;
      },
      get: async () => ({ id: PROJECT, slug: "main", settings }) as Project,
      keys: { keyOf: async () => Buffer.alloc(32, 7) },
    },
    artifacts: {
      list: async (_actor, folder) => ({
        items: [...files]
          .filter((file) => file.startsWith(`${folder.path}/`))
          .map((path) => ({ kind: "folder", name: path, path })),
      }),
    },
    tracking: {
      runs: { get: async (_actor, projectId, id) => found(runs, projectId, id) },
      loggedModels: {
        get: async (_actor, projectId, id) => found(loggedModels, projectId, id),
        changeTag: async (_tx, { projectId, modelId, key }, change) => {
          const model = found(loggedModels, projectId, modelId);
          const before = model.tags.find((tag) => tag.key === key)?.value;
          const others = model.tags.filter((tag) => tag.key !== key);
          loggedModels.set(modelId, { ...model, tags: [...others, { key, value: change(before) }] });
        },
      },
    },
    webhookHeaders: {
      id: "x-mlflow-delivery-id",
      timestamp: "x-mlflow-timestamp",
      signature: "x-mlflow-signature",
    },
    clientTags: {
      ...{ prompt: PROMPT, promptText: "mlflow.prompt.text", promptType: "_mlflow_prompt_type" },
      registeredAs: REGISTERED_AS,
    },
  };
  return {
    db,
    deps,
    settings,
    time,
    told,
    recorded,
    quota,
    rights,
    files,
    lineage,
    loggedModels,
    registry: createRegistry(deps),
    owner: actorNamed("owner"),
    addRun: (id: string, projectId = PROJECT) => {
      runs.set(id, { ...RUN, id, projectId, artifactPath: `1/${id}/artifacts` });
    },
    addLoggedModel: (id: string, sourceRunId: string, projectId = PROJECT) => {
      const artifactPath = `1/models/${id}/artifacts`;
      loggedModels.set(id, { ...LOGGED_MODEL, id, projectId, artifactPath, sourceRunId });
    },
  };
}
