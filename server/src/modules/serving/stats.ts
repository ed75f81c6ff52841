import type { CanaryVerdict, EndpointStats, EndpointSummary } from "@atrium/contract/serving";
import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import { judge, type Side } from "./canary.ts";
import type { ServingDeps } from "./deps.ts";
import type { Serving, StatsAsked } from "./door.ts";
import { createGate, type EndpointAt } from "./gate.ts";
import { addUp, type Latencies, quantile } from "./latency-scale.ts";
import * as logQueries from "./log-queries.ts";
import { addMinutes } from "./minutes.ts";
import type { PredictionLog } from "./prediction-log.ts";
import * as queries from "./queries.ts";
import type { MinuteRow } from "./tables.ts";
import { routesOf } from "./view.ts";

const MINUTE_MS = 60_000;
const RANGE_MS_MAX = 31 * 24 * 3600 * 1000;
const LIST_RANGE_MS_MAX = 24 * 3600 * 1000; // All minutes of all endpoints are added up at once.
const LISTED_MAX = 1000; // Endpoints of a project; as many as one page of their list holds at most.
const COMPARED_MS = 24 * 3600 * 1000; // What is older says little about a model that is compared today.

/** Numbers about an endpoint, from the minutes that were counted with its log. */
export function createStats(
  deps: Pick<ServingDeps, "db" | "clock" | "access" | "audit" | "events">,
  predictionLog: Pick<PredictionLog, "withOpenMinutes" | "withAllOpenMinutes" | "notLogged">,
): Pick<Serving, "stats" | "allStats" | "canary"> {
  const { db, clock } = deps;
  const gate = createGate(deps);
  return { stats, allStats, canary };

  async function stats(actor: Actor, at: EndpointAt, asked: StatsAsked): Promise<EndpointStats> {
    const { fromMs, toMs } = asked;
    checkRange(asked, { rangeMsMax: RANGE_MS_MAX, words: "31 days" });
    const { id } = await gate.admit(actor, "endpoint:read", at);
    const numbers = await numbersOf(id);
    const stepMs = stepOf(asked);
    const rows = await minutesOf(id, { fromMs, toMs });
    const steps = byStep(rows, stepMs);
    const reasons = Map.groupBy(rows, (row) => `${row.served_by} ${row.cohort}`);
    return {
      stepMs,
      buckets: [...steps].map(([atMs, own]) => ({ atMs, deployments: byDeployment(own, numbers) })),
      total: byDeployment(rows, numbers),
      breakdown: [...reasons.values()].flatMap((own) => {
        const [first] = own;
        if (first === undefined) return [];
        return [
          {
            servedBy: first.served_by as EndpointStats["breakdown"][number]["servedBy"],
            cohort: first.cohort as "known" | "new",
            predictions: own.reduce((sum, row) => sum + row.predictions, 0),
          },
        ];
      }),
      notLogged: predictionLog.notLogged(id),
    };
  }

  async function allStats(
    actor: Actor,
    projectId: string,
    asked: StatsAsked,
  ): Promise<{ stepMs: number; items: EndpointSummary[] }> {
    checkRange(asked, { rangeMsMax: LIST_RANGE_MS_MAX, words: "a day" });
    await deps.access.require(actor, "endpoint:read", { kind: "project", projectId });
    const resource = { type: "project", id: projectId };
    await deps.audit.recordAccess(actor, { action: "endpoint.searched", resource, projectId });
    const stepMs = stepOf(asked);
    const first = { after: undefined, limit: LISTED_MAX };
    const endpoints = await queries.endpointsPage(db.reader, projectId, first);
    const minutes = await minutesOfAll(
      endpoints.map(({ id }) => id),
      asked,
    );
    const items = endpoints.flatMap(({ id, name }) => {
      const own = minutes.get(id);
      if (own === undefined) return [];
      const buckets = [...byStep(own, stepMs)].map(([atMs, part]) => {
        const { predictions, errors } = sumOf(part);
        return { atMs, predictions, errors };
      });
      return [{ endpoint: name, ...shownSum(own), buckets }];
    });
    return { stepMs, items };
  }

  async function canary(actor: Actor, at: EndpointAt): Promise<CanaryVerdict> {
    const endpoint = await gate.admit(actor, "endpoint:read", at);
    const revision = await queries.revisionOf(db.reader, endpoint.id, endpoint.revision);
    const routes = routesOf(revision);
    const numbers = await numbersOf(endpoint.id);
    const newest = [...routes].sort(
      (a, b) => (numbers.get(b.deployment) ?? 0) - (numbers.get(a.deployment) ?? 0),
    )[0];
    const main = routes.filter((one) => one !== newest).sort((a, b) => b.weight - a.weight)[0];
    if (newest === undefined || main === undefined || revision === undefined)
      throw new AppError("conflict", "There is nothing to compare: only one deployment has traffic.");
    const nowMs = clock.now();
    // Of both only what they did side by side: the hour of the day changes more than a model does.
    const fromMs = Math.max(Math.floor(revision.at_ms / MINUTE_MS) * MINUTE_MS, nowMs - COMPARED_MS);
    const rows = await minutesOf(endpoint.id, { fromMs, toMs: nowMs + MINUTE_MS });
    const side = (id: string): Side => {
      const own = rows.filter((row) => row.deployment_id === id);
      return { deployment: String(numbers.get(id) ?? "?"), ...sumOf(own) };
    };
    return judge(side(main.deployment), side(newest.deployment));
  }

  /** Of segments, and of what this process will make segments of: looking makes none. */
  function minutesOf(endpointId: string, range: { fromMs: number; toMs: number }): Promise<MinuteRow[]> {
    return predictionLog.withOpenMinutes(endpointId, async (open) => {
      const stored = await logQueries.minutesWithin(db.longReader, endpointId, range);
      const own = open.filter(({ minute_ms }) => minute_ms >= range.fromMs && minute_ms < range.toMs);
      return inOrder(addMinutes(stored, own));
    });
  }

  function minutesOfAll(
    ids: readonly string[],
    range: { fromMs: number; toMs: number },
  ): Promise<Map<string, MinuteRow[]>> {
    return predictionLog.withAllOpenMinutes(async (open) => {
      const stored = await logQueries.minutesOfEndpoints(db.longReader, ids, range);
      const own = open.filter(
        ({ endpoint_id, minute_ms }) =>
          ids.includes(endpoint_id) && minute_ms >= range.fromMs && minute_ms < range.toMs,
      );
      const byEndpoint = Map.groupBy([...stored, ...own], (row) => row.endpoint_id);
      return new Map([...byEndpoint].map(([id, rows]) => [id, inOrder(addMinutes([], rows))]));
    });
  }

  async function numbersOf(endpointId: string): Promise<Map<string, number>> {
    return new Map(
      (await queries.allDeploymentNumbers(db.reader, endpointId)).map(({ id, number }) => [id, number]),
    );
  }
}

function inOrder(rows: readonly MinuteRow[]): MinuteRow[] {
  return [...rows].sort((a, b) => a.minute_ms - b.minute_ms);
}

function checkRange({ fromMs, toMs }: StatsAsked, most: { rangeMsMax: number; words: string }): void {
  if (toMs > fromMs && toMs - fromMs <= most.rangeMsMax) return;
  throw new AppError("invalid", `Ask for a time that ends after it begins, of at most ${most.words}.`, {
    at: "query.toMs",
  });
}

/** Whole minutes, for these are what was counted. */
function stepOf({ fromMs, toMs, buckets }: StatsAsked): number {
  return Math.max(1, Math.ceil((toMs - fromMs) / buckets / MINUTE_MS)) * MINUTE_MS;
}

function byStep<Row extends MinuteRow>(rows: readonly Row[], stepMs: number): Map<number, Row[]> {
  return Map.groupBy(rows, (row) => Math.floor(row.minute_ms / stepMs) * stepMs);
}

function byDeployment(
  rows: readonly MinuteRow[],
  numbers: ReadonlyMap<string, number>,
): EndpointStats["total"] {
  return [...Map.groupBy(rows, (row) => row.deployment_id)].map(([id, own]) => ({
    deployment: String(numbers.get(id) ?? "?"),
    ...shownSum(own),
  }));
}

function shownSum(rows: readonly MinuteRow[]): Omit<EndpointStats["total"][number], "deployment"> {
  const { predictions, errors, latencies } = sumOf(rows);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(latencies, share));
  const known = p50 !== undefined && p95 !== undefined && p99 !== undefined;
  return { predictions, errors, ...(known ? { latencyMs: { p50, p95, p99 } } : {}) };
}

function sumOf(rows: readonly MinuteRow[]): Omit<Side, "deployment"> {
  return {
    predictions: rows.reduce((sum, row) => sum + row.predictions, 0),
    errors: rows.reduce((sum, row) => sum + row.errors, 0),
    latencies: addUp(rows.map((row) => JSON.parse(row.latencies) as Latencies)),
  };
}
