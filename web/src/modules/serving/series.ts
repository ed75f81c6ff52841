import type { EndpointStats } from "@atrium/contract/serving";
import type { Line } from "../../lib/chart/lines.ts";
import { deploymentColour } from "./states.tsx";

export type Measure = "rate" | "latency" | "errors";
export const QUANTILES = ["p50", "p95", "p99"] as const;
export type Quantile = (typeof QUANTILES)[number];

type Bucket = EndpointStats["buckets"][number]["deployments"][number];

/**
 * A line a deployment, over every step of the range: a step without a request is a rate of zero, but no latency and no share
 * of errors.
 */
export function seriesOf(
  { stats, range }: { stats: EndpointStats; range: { fromMs: number; toMs: number } },
  measure: Measure,
  quantile: Quantile = "p95",
): Line[] {
  const { stepMs } = stats;
  const byStep = new Map(stats.buckets.map(({ atMs, deployments }) => [atMs, deployments]));
  const x: number[] = [];
  for (let at = Math.floor(range.fromMs / stepMs) * stepMs; at < range.toMs; at += stepMs) x.push(at);
  const numbers = stats.total.map(({ deployment }) => deployment).sort((a, b) => Number(a) - Number(b));
  return numbers.map((deployment) => ({
    id: deployment,
    label: `Deployment ${deployment}`,
    colour: deploymentColour(deployment),
    x,
    y: x.map((at) => {
      const own = byStep.get(at)?.find((one) => one.deployment === deployment);
      return measured(own, measure, { quantile, stepMs });
    }),
  }));
}

function measured(
  own: Bucket | undefined,
  measure: Measure,
  { quantile, stepMs }: { quantile: Quantile; stepMs: number },
): number | null {
  if (measure === "rate") return ((own?.predictions ?? 0) / stepMs) * 1000;
  if (own === undefined || own.predictions === 0) return null;
  return measure === "errors" ? (own.errors / own.predictions) * 100 : (own.latencyMs?.[quantile] ?? null);
}

// A minute that is counted may be up to this old when its news comes, so shorter would often say nothing.
const RATE_OVER_MS = 5 * 60_000;

/** Predictions a second of the last minutes: it falls to nothing by itself when no news comes any more. */
export function rateAt(
  buckets: readonly { atMs: number; predictions: number }[],
  { nowMs, stepMs }: { nowMs: number; stepMs: number },
): number {
  const recent = buckets.filter(({ atMs }) => atMs + stepMs > nowMs - RATE_OVER_MS && atMs <= nowMs);
  return (recent.reduce((sum, { predictions }) => sum + predictions, 0) / RATE_OVER_MS) * 1000;
}
