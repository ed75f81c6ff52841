import type { Permission } from "@atrium/contract/permissions";
import { AppError } from "#lib/errors";
import type { Actor, Place, Visible } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { RegistryDeps } from "./deps.ts";
import type { ModelAt, VersionAt } from "./door.ts";
import * as queries from "./queries.ts";
import type { ModelRow } from "./tables.ts";

type ModelPermission = Extract<Permission, `model:${string}`>;

/** Lets an actor at a model, and tells of what they did to it; of reading once a minute. */
export interface Gate {
  /**
   * The model, if the actor may do this with it. One that they may not read looks like one that does not exist.
   * @throws AppError `not_found`, `forbidden`
   */
  admit(actor: Actor, permission: ModelPermission, at: ModelAt | VersionAt): Promise<ModelRow>;
  /** Which models a search may show; the searching is recorded. */
  visible(actor: Actor, projectId: string): Promise<Visible>;
  /** Announces and records one change of a model, in its transaction. */
  tell(tx: Tx, actor: Actor, news: ModelNews): Promise<void>;
}

export interface ModelNews {
  /** Both the event's kind and the record's action. */
  action: string;
  model: Pick<ModelRow, "id" | "project_id" | "name">;
  version?: number;
  /** Small facts; none of them a user's data. */
  details?: Record<string, unknown>;
}

export function createGate({
  db,
  access,
  audit,
  events,
}: Pick<RegistryDeps, "db" | "access" | "audit" | "events">): Gate {
  return { admit, visible, tell };

  async function admit(
    actor: Actor,
    permission: ModelPermission,
    at: ModelAt | VersionAt,
  ): Promise<ModelRow> {
    const missing = () => ("version" in at ? missingVersion(at) : missingModel(at));
    const model = await queries.modelByName(db.reader, at.projectId, at.name);
    if (model === undefined) throw missing();
    try {
      await access.require(actor, permission, placeOf(model));
    } catch (thrown) {
      throw thrown instanceof AppError && thrown.code === "not_found" ? missing() : thrown;
    }
    if (permission === "model:read") {
      const resource = { type: "model", id: model.id, name: model.name };
      await audit.recordAccess(actor, { action: "model.read", resource, projectId: at.projectId });
    }
    return model;
  }

  async function visible(actor: Actor, projectId: string): Promise<Visible> {
    const seen = await access.visible(actor, "model:read", projectId, "model");
    const resource = { type: "project", id: projectId };
    await audit.recordAccess(actor, { action: "model.searched", resource, projectId });
    return seen;
  }

  async function tell(tx: Tx, actor: Actor, news: ModelNews): Promise<void> {
    const { action, model, version, details = {} } = news;
    const about = { modelId: model.id, name: model.name, ...(version === undefined ? {} : { version }) };
    await events.announce(tx, {
      kind: action,
      projectId: model.project_id,
      key: model.id,
      body: { ...about, ...details },
    });
    const resource =
      version === undefined
        ? { type: "model", id: model.id, name: model.name }
        : { type: "model-version", id: `${model.id}/${version}`, name: `${model.name} ${version}` };
    await audit.record(tx, actor, { action, resource, projectId: model.project_id, details });
  }
}

/** Where a grant on one model holds: its id outlives every rename. */
function placeOf(model: Pick<ModelRow, "id" | "project_id">): Place {
  return { kind: "resource", projectId: model.project_id, type: "model", id: model.id };
}

export function missingModel({ name }: ModelAt): AppError {
  return new AppError("not_found", `Registered Model with name=${name} not found`);
}

export function missingVersion({ name, version }: Omit<VersionAt, "projectId">): AppError {
  return new AppError("not_found", `Model Version (name=${name}, version=${version}) not found`);
}
