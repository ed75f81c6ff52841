import { createHash } from "node:crypto";
import { AppError } from "#lib/errors";
import type { OfflineEngine } from "#ports/offline-engine";
import { actorNamed } from "../../testing/artifacts.ts";
import { openTestDatabase } from "../../testing/database.ts";
import type { MonitoringDeps } from "./deps.ts";
import { createMonitoring } from "./monitoring.ts";
import { type LabelledRow, type LoggedRow, labelTable, logTable } from "./testing.ts";

export const PROJECT = "p1";
export const SECRET = "a secret of the project";

/** Monitoring over a real database and the real engine; time moves by hand, and the log is what a test puts into it. */
export async function openMonitoring(engine: OfflineEngine) {
  const db = await openTestDatabase();
  const time = { nowMs: 0 };
  const told: { kind: string; body: Record<string, unknown> }[] = [];
  const recorded: string[] = [];
  const log: LoggedRow[] = [];
  const labels: LabelledRow[] = [];
  const settings: { privateWebhookHosts?: string[] } = {};
  const inside = (fromMs: number, toMs: number) =>
    log.filter((row) => row.at_ms >= fromMs && row.at_ms < toMs);
  const project = { id: PROJECT, organisationId: "o1", slug: PROJECT, state: "active" as const };
  const missing = async (): Promise<never> => {
    throw new AppError("not_found", "There is no such data.");
  };
  const deps: MonitoringDeps = {
    db,
    engine,
    clock: { now: () => time.nowMs },
    access: {
      require: async (actor) => {
        if (actor.id === "stranger") throw new AppError("not_found", "There is no such project.");
      },
      can: async () => true,
      visible: async () => ({ all: true }),
      visibleProjects: async () => [PROJECT],
    },
    audit: {
      record: async (_tx, _actor, entry) => void recorded.push(entry.action),
      recordAccess: async () => {},
    },
    events: { announce: async (_tx, { kind, body }) => void told.push({ kind, body }) },
    projects: {
      all: async () => [project],
      byId: async () => project,
      get: async () => ({ ...project, name: "", description: "", settings, createdMs: 0, updatedMs: 0 }),
      secretValues: async (_actor, _projectId, names) =>
        Object.fromEntries(names.map((name) => [name, SECRET])),
      keys: { keyOf: async (id) => createHash("sha256").update(id).digest() },
    },
    sources: {
      dataset: missing,
      trainingSet: missing,
      predictions: (_actor, { fromMs, toMs }) => logTable(engine, inside(fromMs, toMs)),
      labels: (_actor, { fromMs, toMs }) => {
        const ids = new Set(inside(fromMs, toMs).map((row) => row.prediction_id));
        return labelTable(
          engine,
          labels.filter((row) => ids.has(row.prediction_id)),
        );
      },
    },
  };
  const open = () => createMonitoring(deps);
  const monitoring = open();
  const runJob = (name: string) =>
    monitoring.jobs.find((job) => job.name === name)?.run(new AbortController().signal);
  return { db, time, told, recorded, log, labels, settings, monitoring, runJob, owner: actorNamed("owner") };
}
