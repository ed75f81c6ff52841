import type { CanaryVerdict, EndpointStats } from "@atrium/contract/serving";
import { AppError } from "#lib/errors";
import type { Actor } from "#modules/identity";
import { judge, type Side } from "./canary.ts";
import type { ServingDeps } from "./deps.ts";
import type { Serving } from "./door.ts";
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
const COMPARED_MS = 24 * 3600 * 1000; // What is older says little about a model that is compared today.

/** Numbers about an endpoint, from the minutes that were counted with its log. */
export function createStats(
  deps: ServingDeps,
  predictionLog: Pick<PredictionLog, "withOpenMinutes" | "notLogged">,
): Pick<Serving, "stats" | "canary"> {
  const { db, clock } = deps;
  const gate = createGate(deps);
  return { stats, canary };

  async function stats(
    actor: Actor,
    at: EndpointAt,
    asked: { fromMs: number; toMs: number; buckets: number },
  ): Promise<EndpointStats> {
    const { fromMs, toMs } = asked;
    if (toMs <= fromMs || toMs - fromMs > RANGE_MS_MAX)
      throw new AppError("invalid", "Ask for a time that ends after it begins, of at most 31 days.", {
        at: "query.toMs",
      });
    const { id } = await gate.admit(actor, "endpoint:read", at);
    const numbers = await numbersOf(id);
    const stepMs = Math.max(1, Math.ceil((toMs - fromMs) / asked.buckets / MINUTE_MS)) * MINUTE_MS;
    const rows = await minutesOf(id, { fromMs, toMs });
    const steps = Map.groupBy(rows, (row) => Math.floor(row.minute_ms / stepMs) * stepMs);
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
      return addMinutes(stored, own);
    });
  }

  async function numbersOf(endpointId: string): Promise<Map<string, number>> {
    return new Map(
      (await queries.allDeploymentNumbers(db.reader, endpointId)).map(({ id, number }) => [id, number]),
    );
  }
}

function byDeployment(
  rows: readonly MinuteRow[],
  numbers: ReadonlyMap<string, number>,
): EndpointStats["total"] {
  return [...Map.groupBy(rows, (row) => row.deployment_id)].map(([id, own]) => {
    const { predictions, errors, latencies } = sumOf(own);
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => quantile(latencies, share));
    const known = p50 !== undefined && p95 !== undefined && p99 !== undefined;
    const deployment = String(numbers.get(id) ?? "?");
    return { deployment, predictions, errors, ...(known ? { latencyMs: { p50, p95, p99 } } : {}) };
  });
}

function sumOf(rows: readonly MinuteRow[]): Omit<Side, "deployment"> {
  return {
    predictions: rows.reduce((sum, row) => sum + row.predictions, 0),
    errors: rows.reduce((sum, row) => sum + row.errors, 0),
    latencies: addUp(rows.map((row) => JSON.parse(row.latencies) as Latencies)),
  };
}
