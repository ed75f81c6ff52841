import type { Permission } from "@atrium/contract/permissions";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { PipelinesDeps } from "./deps.ts";

type PipelinePermission = Extract<Permission, `pipeline:${string}`>;

/** Lets an actor at a project's pipelines, and tells of what they did; of reading once a minute. */
export interface Gate {
  /** @throws AppError `not_found`, `forbidden` */
  require(actor: Actor, permission: PipelinePermission, projectId: string): Promise<void>;
  requireList(actor: Actor, projectId: string): Promise<void>;
  recordRead(actor: Actor, of: Thing): Promise<void>;
  /** Announces and records one change, in its transaction. */
  tell(tx: Tx, actor: Actor, news: PipelineNews): Promise<void>;
}

interface Thing {
  type: "pipeline" | "pipeline-run";
  projectId: string;
  id: string;
  name: string;
}

export interface PipelineNews {
  /** Both the event's kind and the record's action, such as `pipeline.created`. */
  action: string;
  projectId: string;
  id: string;
  name: string;
  details?: Record<string, unknown>;
}

export function createGate({
  access,
  audit,
  events,
}: Pick<PipelinesDeps, "access" | "audit" | "events">): Gate {
  return {
    require: (actor, permission, projectId) =>
      access.require(actor, permission, { kind: "project", projectId }),

    async requireList(actor, projectId) {
      await access.require(actor, "pipeline:read", { kind: "project", projectId });
      const resource = { type: "project", id: projectId };
      await audit.recordAccess(actor, { action: "pipeline.searched", resource, projectId });
    },

    async recordRead(actor, { type, projectId, id, name }) {
      await audit.recordAccess(actor, { action: `${type}.read`, resource: { type, id, name }, projectId });
    },

    async tell(tx, actor, { action, projectId, id, name, details = {} }) {
      const [type = "pipeline"] = action.split(".");
      await audit.record(tx, actor, { action, resource: { type, id, name }, projectId, details });
      // A run's news is told by its log, in order with what its steps do.
      if (type === "pipeline-run") return;
      await events.announce(tx, { kind: action, projectId, key: id, body: { id, name, ...details } });
    },
  };
}
