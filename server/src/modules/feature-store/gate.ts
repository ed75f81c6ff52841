import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { FeatureStoreDeps } from "./deps.ts";

/** A thing of the feature store, as records and events name it. */
export interface Thing {
  type: "entity" | "feature-view" | "feature-service" | "training-set" | "project";
  id: string;
  name: string;
}

/** Asks whether an actor may, and tells of what they did; of reading once a minute. */
export interface Gate {
  /** @throws AppError `forbidden`, `not_found` */
  admitReader(actor: Actor, projectId: string, thing: Thing): Promise<void>;
  admitWriter(actor: Actor, projectId: string): Promise<void>;
  /** Announces how far something is, in its transaction; nobody needs that on record. */
  announce(tx: Tx, news: News): Promise<void>;
  /** Announces and records one change, in its transaction. */
  tell(tx: Tx, actor: Actor, news: News): Promise<void>;
}

export interface News {
  /** Both the event's kind and the record's action. */
  action: string;
  projectId: string;
  thing: Thing;
  /** Small facts; none of them a user's data. */
  details?: Record<string, unknown>;
}

export function createGate({
  access,
  audit,
  events,
}: Pick<FeatureStoreDeps, "access" | "audit" | "events">): Gate {
  const announce: Gate["announce"] = (tx, { action, projectId, thing, details = {} }) => {
    const body = { type: thing.type, id: thing.id, name: thing.name, ...details };
    return events.announce(tx, { kind: action, projectId, key: thing.id, body });
  };
  return {
    announce,
    admitReader: async (actor, projectId, thing) => {
      await access.require(actor, "feature:read", { kind: "project", projectId });
      await audit.recordAccess(actor, { action: "feature.read", resource: thing, projectId });
    },
    admitWriter: (actor, projectId) => access.require(actor, "feature:write", { kind: "project", projectId }),
    tell: async (tx, actor, news) => {
      const { action, projectId, thing, details = {} } = news;
      await announce(tx, news);
      await audit.record(tx, actor, { action, resource: thing, projectId, details });
    },
  };
}
