import { AppError } from "#lib/errors";
import type { OwnerOf } from "#modules/artifacts";
import type { Actor, Visible } from "#modules/identity";
import { openTestDatabase } from "../../testing/database.ts";
import type { TrackingDeps } from "./deps.ts";
import type { KeyValue, Point } from "./door.ts";
import { trackingJobs } from "./jobs.ts";
import { createTracking } from "./tracking.ts";

const clientTags = {
  runName: "client.runName",
  parentRunId: "client.parentRunId",
  gitCommit: "client.gitCommit",
  datasetContext: "client.context",
};

const request = { id: "r", ip: "192.0.2.1", userAgent: "test" };
export const ada: Actor = {
  kind: "user",
  id: "ada",
  name: "Ada",
  via: { kind: "session", id: "s" },
  request,
};
export const eve: Actor = { ...ada, id: "eve", name: "Eve" };

/** Tracking over a real database; time moves by hand, neighbours keep what they were told. Eve sees what `eveSees` says. */
export async function openTracking() {
  const db = await openTestDatabase();
  const told: { action: string; id: string }[] = [];
  const edges: string[] = [];
  const owners: { prefix: string; ownerOf: OwnerOf }[] = [];
  const quota = { runs: 0, experiments: 0, maximum: Number.POSITIVE_INFINITY };
  const time = { nowMs: 1_700_000_000_000 };
  const eveSees = { ids: [] as string[] };
  const projectIds = { standing: ["p1", "p2"] };
  const deps: TrackingDeps = {
    db,
    clock: { now: () => time.nowMs },
    clientTags,
    access: {
      require: async (actor, _permission, place) => {
        if (actor.id !== "eve") return;
        if (place.kind === "resource" && eveSees.ids.includes(place.id)) return;
        throw new AppError("not_found", "There is nothing here.");
      },
      can: async (actor, _permission, place) =>
        actor.id !== "eve" || (place.kind === "resource" && eveSees.ids.includes(place.id)),
      visible: async (actor): Promise<Visible> =>
        actor.id === "eve" ? { all: false, ids: eveSees.ids } : { all: true },
      visibleProjects: async () => [],
    },
    audit: {
      record: async (_tx, _actor, entry) => {
        told.push({ action: entry.action, id: entry.resource.id });
      },
      recordAccess: async (_actor, entry) => {
        told.push({ action: `access ${entry.action}`, id: entry.resource.id });
      },
    },
    events: {
      announce: async (_tx, event) => {
        told.push({ action: `event ${event.kind}`, id: event.key });
      },
    },
    projects: {
      checkQuota: async (_tx, _projectId, resource, adding) => {
        if (resource !== "runs" && resource !== "experiments") return;
        if (adding > 0 && quota[resource] + adding > quota.maximum)
          throw new AppError("exhausted", "The project is full.");
        quota[resource] += adding;
      },
    },
    lineage: {
      link: async (_tx, { from, relation, to }) => {
        edges.push(`${from.type} ${relation} ${to.type} ${to.id} ${to.version ?? ""}`.trim());
      },
    },
    artifacts: { registerOwner: (prefix, ownerOf) => void owners.push({ prefix, ownerOf }) },
  };
  const tracking = createTracking(deps);
  return {
    ...tracking,
    ...{ db, deps, told, edges, owners, quota, time, eveSees, projectIds },
    purge: async () => {
      const jobs = trackingJobs({ db, projectIds: async () => projectIds.standing });
      for (const job of jobs) await job.run(new AbortController().signal);
    },
    /** A run of Ada's in the experiment that every project has. */
    newRun: async (
      given: { tags?: KeyValue[]; startedMs?: number; experimentId?: string; name?: string } = {},
    ) => tracking.runs.create(ada, "p1", { experimentId: "0", tags: [], ...given }),
    log: (id: string, batch: { metrics?: Point[]; params?: KeyValue[]; tags?: KeyValue[] }) =>
      tracking.runs.log(ada, "p1", id, { metrics: [], params: [], tags: [], ...batch }),
    get: (id: string) => tracking.runs.get(ada, "p1", id),
  };
}
export type OpenTracking = Awaited<ReturnType<typeof openTracking>>;

export function point(key: string, value: number, at: { step?: number; timestampMs?: number } = {}): Point {
  return { key, value, step: at.step ?? 0, timestampMs: at.timestampMs ?? 1000 };
}
