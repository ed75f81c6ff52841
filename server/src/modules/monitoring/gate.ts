import type { Permission } from "@atrium/contract/permissions";
import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import type { Tx } from "#ports/database";
import type { MonitoringDeps } from "./deps.ts";

type MonitorPermission = Extract<Permission, `monitor:${string}`>;

/** One change of something of monitoring. */
export interface News {
  /** Both the event's kind and the record's action. */
  action: string;
  projectId: string;
  resource: { type: string; id: string; name: string };
  /** Small facts; none of them a user's data. */
  details?: Record<string, unknown>;
  /** What the event says and the record need not. */
  event?: Record<string, unknown>;
}

export interface Gate {
  /** Permission in a project; reading is recorded once a minute. @throws AppError `not_found`, `forbidden` */
  admit(actor: Actor, permission: MonitorPermission, projectId: string): Promise<void>;
  /** Announces and records one change, in its transaction; the last thing in it. */
  tell(tx: Tx, actor: Actor, news: News): Promise<void>;
}

export function createGate({
  access,
  audit,
  events,
}: Pick<MonitoringDeps, "access" | "audit" | "events">): Gate {
  return { admit, tell };

  async function admit(actor: Actor, permission: MonitorPermission, projectId: string): Promise<void> {
    await access.require(actor, permission, { kind: "project", projectId });
    if (permission !== "monitor:read") return;
    const resource = { type: "project", id: projectId };
    await audit.recordAccess(actor, { action: "monitor.read", resource, projectId });
  }

  async function tell(tx: Tx, actor: Actor, news: News): Promise<void> {
    const { action, projectId, resource, details = {}, event = {} } = news;
    const body = { id: resource.id, name: resource.name, ...details, ...event };
    await events.announce(tx, { kind: action, projectId, key: resource.id, body });
    await audit.record(tx, actor, { action, resource, projectId, details });
  }
}

/** Unwraps what was looked for. @throws AppError `not_found` */
export function found<T>(thing: T | undefined, words: string): T {
  if (thing === undefined)
    throw new AppError("not_found", `The project has no ${words}, or you may not see it.`);
  return thing;
}
