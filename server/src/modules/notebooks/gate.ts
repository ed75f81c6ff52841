import type { Permission } from "@atrium/contract/permissions";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { NotebooksDeps } from "./deps.ts";

type NotebookPermission = Extract<Permission, `notebook:${string}`>;

/** Lets an actor at a project's notebooks, and tells of what they did; of reading once a minute. */
export interface Gate {
  /** @throws AppError `not_found`, `forbidden` */
  require(actor: Actor, permission: NotebookPermission, projectId: string): Promise<void>;
  recordRead(actor: Actor, of: Thing & { action: string }): Promise<void>;
  /** Announces and records one change, in its transaction. */
  tell(
    tx: Tx,
    actor: Actor,
    news: Thing & { action: string; details?: Record<string, unknown> },
  ): Promise<void>;
}

interface Thing {
  projectId: string;
  id: string;
  name: string;
}

export function createGate({
  access,
  audit,
  events,
}: Pick<NotebooksDeps, "access" | "audit" | "events">): Gate {
  return {
    require: (actor, permission, projectId) =>
      access.require(actor, permission, { kind: "project", projectId }),

    async recordRead(actor, { action, projectId, id, name }) {
      const [type = "notebook"] = action.split(".");
      await audit.recordAccess(actor, { action, resource: { type, id, name }, projectId });
    },

    async tell(tx, actor, { action, projectId, id, name, details = {} }) {
      const [type = "notebook"] = action.split(".");
      await events.announce(tx, { kind: action, projectId, key: id, body: { id, name, ...details } });
      await audit.record(tx, actor, { action, resource: { type, id, name }, projectId, details });
    },
  };
}
