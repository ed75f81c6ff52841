import type { Permission } from "@atrium/contract/permissions";
import type { Actor, Place } from "#modules/identity";
import type { TrackingDeps } from "./deps.ts";
import { DEFAULT_EXPERIMENT, makeExperiment } from "./experiment.ts";
import { addExperiment, experimentById } from "./queries/experiments.ts";
import { runById } from "./queries/runs.ts";
import { noRun } from "./run.ts";

const PLACES_MAX = 50_000; // Runs being written to at the same time, and then some: about 8 MiB.

/** Where things lie, and who may be there. Whoever is let in to read is recorded, once a minute for the same thing. */
export interface Places {
  /** Makes the experiment that every project has, when somebody looks for the first time. */
  ensureDefault(projectId: string): Promise<void>;
  /** Asks for a permission where the experiment's grants hold; `runId` says that one run is meant, not all. */
  requireAt(
    actor: Actor,
    permission: Permission,
    at: { projectId: string; experimentId: number; runId?: string },
  ): Promise<void>;
  /** Asks for a permission at a run, and says in which experiment it is. @throws AppError `not_found` */
  requireAtRun(
    actor: Actor,
    permission: Permission,
    at: { projectId: string; runId: string },
  ): Promise<number>;
  /** Which of these experiments, or of all, the actor may see; undefined for all of the project. */
  visible(
    actor: Actor,
    permission: Permission,
    at: { projectId: string; experimentIds?: readonly number[] | undefined },
  ): Promise<readonly number[] | undefined>;
}

export function placeOf(projectId: string, experimentId: number | string): Place {
  return { kind: "resource", projectId, type: "experiment", id: String(experimentId) };
}

export function createPlaces({ db, clock, access, audit }: TrackingDeps): Places {
  const withDefault = new Set<string>();
  // A run never leaves its experiment, so what was found once holds.
  const experimentOf = new Map<string, number>();

  return { ensureDefault, requireAt, requireAtRun, visible };

  async function ensureDefault(projectId: string): Promise<void> {
    if (withDefault.has(projectId)) return;
    if ((await experimentById(db.reader, projectId, DEFAULT_EXPERIMENT.id)) === undefined) {
      const row = makeExperiment(projectId, DEFAULT_EXPERIMENT, clock.now());
      await db.transaction((tx) => addExperiment(tx, row));
    }
    withDefault.add(projectId);
  }

  async function requireAt(
    actor: Actor,
    permission: Permission,
    at: { projectId: string; experimentId: number; runId?: string },
  ): Promise<void> {
    await access.require(actor, permission, placeOf(at.projectId, at.experimentId));
    const { projectId, experimentId, runId } = at;
    const resource =
      runId === undefined ? { type: "experiment", id: String(experimentId) } : { type: "run", id: runId };
    await noteReading(actor, permission, { projectId, resource });
  }

  async function noteReading(
    actor: Actor,
    permission: Permission,
    { projectId, resource }: { projectId: string; resource: { type: string; id: string } },
  ): Promise<void> {
    if (!permission.endsWith(":read")) return;
    const noun = permission.slice(0, -":read".length);
    const verb = resource.type === "project" ? "searched" : "read";
    await audit.recordAccess(actor, { action: `${noun}.${verb}`, resource, projectId });
  }

  async function requireAtRun(
    actor: Actor,
    permission: Permission,
    { projectId, runId }: { projectId: string; runId: string },
  ): Promise<number> {
    const name = `${projectId}/${runId}`;
    const known = experimentOf.get(name) ?? (await runById(db.reader, projectId, runId))?.experiment_id;
    if (known === undefined) throw noRun(runId);
    if (experimentOf.size >= PLACES_MAX) experimentOf.clear();
    experimentOf.set(name, known);
    await requireAt(actor, permission, { projectId, experimentId: known, runId });
    return known;
  }

  async function visible(
    actor: Actor,
    permission: Permission,
    at: { projectId: string; experimentIds?: readonly number[] | undefined },
  ): Promise<readonly number[] | undefined> {
    const seen = await access.visible(actor, permission, at.projectId, "experiment");
    const resource = { type: "project", id: at.projectId };
    await noteReading(actor, permission, { projectId: at.projectId, resource });
    if (seen.all) return at.experimentIds;
    const ids = seen.ids.map(Number);
    return at.experimentIds === undefined ? ids : at.experimentIds.filter((id) => ids.includes(id));
  }
}
