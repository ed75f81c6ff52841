import type { Permission } from "@atrium/contract/permissions";
import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { ServingDeps } from "./deps.ts";
import * as queries from "./queries.ts";
import type { EndpointRow } from "./tables.ts";

export interface EndpointAt {
  projectId: string;
  endpoint: string;
}

/** Lets an actor at an endpoint, and tells of what they did to it; of reading once a minute. */
export interface Gate {
  /** @throws AppError `not_found`, `forbidden` */
  admit(
    actor: Actor,
    permission: Extract<Permission, `endpoint:${string}`>,
    at: EndpointAt,
  ): Promise<EndpointRow>;
  /** Announces and records one change of an endpoint, in its transaction. */
  tell(tx: Tx, actor: Actor, news: EndpointNews): Promise<void>;
}

export interface EndpointNews {
  /** Both the event's kind and the record's action. */
  action: string;
  endpoint: Pick<EndpointRow, "id" | "project_id" | "name">;
  details?: Record<string, unknown>;
}

export function createGate({
  db,
  access,
  audit,
  events,
}: Pick<ServingDeps, "db" | "access" | "audit" | "events">): Gate {
  return {
    async admit(actor, permission, at) {
      await access.require(actor, permission, { kind: "project", projectId: at.projectId });
      const row = await queries.endpointByName(db.reader, at.projectId, at.endpoint);
      if (row === undefined) throw missingEndpoint(at.endpoint);
      if (permission === "endpoint:read") {
        const resource = { type: "endpoint", id: row.id, name: row.name };
        await audit.recordAccess(actor, { action: "endpoint.read", resource, projectId: at.projectId });
      }
      return row;
    },
    async tell(tx, actor, { action, endpoint, details = {} }) {
      const { id, name, project_id: projectId } = endpoint;
      const body = { endpointId: id, name, ...details };
      await events.announce(tx, { kind: action, projectId, key: id, body });
      const resource = { type: "endpoint", id, name };
      await audit.record(tx, actor, { action, resource, projectId, details });
    },
  };
}

export function missingEndpoint(name: string): AppError {
  return new AppError("not_found", `There is no endpoint ${name}.`);
}
