import { createHash } from "node:crypto";
import { PassThrough } from "node:stream";
import type { ProjectSettings } from "@atrium/contract/projects";
import { AppError } from "#lib/errors";
import { createLog } from "#lib/log";
import { createMetrics } from "#lib/metrics";
import type { AccessControl, Actor } from "#modules/identity";
import { createTelemetry, type TelemetryDeps, telemetryJobs } from "#modules/telemetry";
import { openTestDatabase } from "./database.ts";

export const DAY_MS = 24 * 3600 * 1000;

export const ada: Actor = {
  kind: "user",
  id: "ada",
  name: "Ada",
  via: { kind: "session", id: "s" },
  request: { id: "r", ip: "", userAgent: "" },
};
export const eve: Actor = { ...ada, id: "eve" };

/** Telemetry over a real database; time moves by hand, neighbours keep what they were told. */
export async function openTelemetry() {
  const db = await openTestDatabase();
  const time = { nowMs: 1_000_000_000_000 };
  const read: string[] = [];
  const quota = { used: 0, maximum: Number.POSITIVE_INFINITY };
  const settings: Record<string, ProjectSettings> = { p1: {}, p2: {} };
  /** Ada may read everything, Eve nothing; Bob only the project p1. */
  const access: AccessControl = {
    can: async () => true,
    require: async (actor, permission, place) => {
      if (actor.id === "ada") return;
      if (
        actor.id === "bob" &&
        permission === "telemetry:read" &&
        "projectId" in place &&
        place.projectId === "p1"
      )
        return;
      throw new AppError("not_found", "There is nothing here.");
    },
    visible: async () => ({ all: true }),
    visibleProjects: async () => [],
  };
  const refOf = (id: string) => ({ id, slug: `slug-${id}`, organisationId: "o", state: "active" as const });
  const metrics = createMetrics();
  const deps: TelemetryDeps = {
    db,
    clock: { now: () => time.nowMs },
    access,
    audit: {
      recordAccess: async (actor, entry) => {
        read.push(`${actor.id} ${entry.action} ${entry.resource.id}`);
      },
    },
    projects: {
      resolve: async (name) => {
        const id = Object.keys(settings).find((known) => name === known || name === `slug-${known}`);
        return id === undefined ? undefined : refOf(id);
      },
      byId: async (id) => (id in settings ? refOf(id) : undefined),
      all: async () => Object.keys(settings).map(refOf),
      get: async (_actor, id) => ({
        ...refOf(id),
        name: id,
        description: "",
        settings: settings[id] ?? {},
        createdMs: 0,
        updatedMs: 0,
      }),
      checkQuota: async (_tx, _projectId, _resource, adding) => {
        if (adding > 0 && quota.used + adding > quota.maximum) throw new AppError("exhausted", "Full.");
        quota.used += adding;
      },
      keys: {
        keyOf: async (projectId) => {
          if (!(projectId in settings)) throw new AppError("not_found", "No key.");
          return createHash("sha256").update(projectId).digest();
        },
      },
    },
    instanceKey: async () => Buffer.alloc(32, 7),
    metrics,
    log: createLog({
      format: "json",
      level: "info",
      stream: new PassThrough().resume(),
      clock: { now: () => 0 },
    }),
  };
  const telemetry = createTelemetry(deps);
  const runJob = async (name: string) => {
    await telemetryJobs(telemetry)
      .find((job) => job.name === name)
      ?.run(new AbortController().signal);
  };
  return { telemetry, deps, db, time, read, quota, settings, metrics, runJob, close };

  async function close(): Promise<void> {
    await telemetry.stop();
    await db.close();
  }
}
