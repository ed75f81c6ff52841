import type { Job } from "#lib/jobs";
import { SYSTEM } from "#modules/identity";
import { refreshColdTables } from "./cold-refresh.ts";
import type { ServingDeps } from "./deps.ts";
import { createGate } from "./gate.ts";
import * as logQueries from "./log-queries.ts";
import * as queries from "./queries.ts";

const DAY_MS = 24 * 3600 * 1000;
const HOUR_MS = 3600 * 1000;
const KEPT_MS = 90 * DAY_MS; // A quarter: what monitoring compares with, and the longest that labels usually take.
const STEP = 100;
const COOL_EVERY_MS = 30_000;
const REFRESH_EVERY_MS = 5000; // How late a new chain or dataset version is; nothing new costs one question a step.

/** What the worker does for serving. */
export function servingJobs(deps: ServingDeps & { projectIds(): Promise<readonly string[]> }): Job[] {
  return [
    { name: "serving-cooling", everyMs: COOL_EVERY_MS, run: (signal) => coolDown(deps, signal) },
    {
      name: "serving-cold-start",
      everyMs: REFRESH_EVERY_MS,
      run: (signal) => refreshColdTables(deps, signal),
    },
    { name: "serving-retention", everyMs: HOUR_MS, run: (signal) => forgetOld(deps, signal) },
    { name: "serving-purge", everyMs: HOUR_MS, run: (signal) => purge(deps, signal) },
  ];
}

/** Ends deployments that lost their traffic long enough ago. */
async function coolDown(deps: ServingDeps, signal: AbortSignal): Promise<void> {
  const { db, clock } = deps;
  const gate = createGate(deps);
  for (const { id } of await queries.cooledDown(db.reader, clock.now(), STEP)) {
    if (signal.aborted) return;
    await db.transaction(async (tx) => {
      const row = await queries.deploymentById(tx, id);
      const endpoint = row && (await queries.endpointToChange(tx, row.endpoint_id));
      // Asked again under the endpoint's lock: a rollback may have come first.
      const standing = endpoint && (await queries.deploymentById(tx, id));
      if (endpoint === undefined || standing?.state !== "ready") return;
      if (standing.warm_until_ms === null || standing.warm_until_ms > clock.now()) return;
      await queries.saveDeployment(tx, id, { state: "retired", reason: "It had no traffic any more." });
      const details = { deploymentId: id, number: standing.number };
      await gate.tell(tx, SYSTEM, { action: "endpoint.deployment-retired", endpoint, details });
    });
  }
}

async function forgetOld(deps: ServingDeps, signal: AbortSignal): Promise<void> {
  const { db, clock, segments } = deps;
  const endMs = clock.now() - KEPT_MS;
  for (const find of [
    () => logQueries.segmentsEndedBefore(db.longReader, endMs, STEP),
    () => logQueries.orphanedSegments(db.longReader, STEP),
  ]) {
    for (let rows = await find(); rows.length > 0 && !signal.aborted; rows = await find()) {
      for (const row of rows) {
        // The object first: a row without its object is found again, an object without its row never.
        await segments.remove(row.project_id, row.object_id);
        await db.transaction((tx) => logQueries.removeSegment(tx, row));
      }
    }
  }
  await db.transaction(async (tx) => {
    await logQueries.removeMinutesBefore(tx, endMs);
    await logQueries.removeLabelsBefore(tx, endMs);
  });
}

/** Removes what purged projects have left; their log's objects go with the next round of retention. */
async function purge(
  { db, projectIds }: ServingDeps & { projectIds(): Promise<readonly string[]> },
  signal: AbortSignal,
): Promise<void> {
  // Ours first: a project made between the two questions must not look like a purged one.
  const ours = await queries.allEndpoints(db.longReader);
  const standing = new Set(await projectIds());
  for (const { id, project_id } of ours) {
    if (signal.aborted) return;
    if (!standing.has(project_id)) await db.transaction((tx) => queries.removeEndpoint(tx, id));
  }
}
