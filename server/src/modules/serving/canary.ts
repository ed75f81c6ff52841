import type { CanaryVerdict } from "@atrium/contract/serving";
import { bucketOf, type Latencies, quantile, slower } from "./latency-scale.ts";

/** What one deployment did while both had traffic. */
export interface Side {
  deployment: string;
  predictions: number;
  errors: number;
  latencies: Latencies;
}

const LEVEL = 0.05; // How often an innocent candidate may be blamed, however often one looks.
const MIXING = 0.05 ** 2; // Variance of the differences that the test is tuned to see: some percent of the requests.
const ERRORS_MORE = 0.01; // A percent more errors is what people begin to notice.
const SLOW_MORE = 0.05; // One request in twenty that became slow.
const SLOW_QUANTILE = 0.95;
const PREDICTIONS_MIN = 200; // Below that a share of some percent is a handful of requests.

/**
 * Compares by the mixture sequential probability ratio test, whose intervals hold at every moment at once, so that looking
 * often makes no mistake likelier.
 * @remarks Johari, Pekelis, Walsh: Always Valid Inference (2015); the interval is theirs, for two shares.
 */
export function judge(baseline: Side, candidate: Side): CanaryVerdict {
  const bound = bucketOf(quantile(baseline.latencies, SLOW_QUANTILE) ?? 0);
  const slow = (side: Side) => slower(side.latencies, bound);
  const measures = [
    compare("errors", { a: baseline, b: candidate, count: (side) => side.errors, tolerance: ERRORS_MORE }),
    compare("latency", { a: baseline, b: candidate, count: slow, tolerance: SLOW_MORE }),
  ];
  const worse = measures.filter(({ finding }) => finding === "worse");
  const open = measures.some(({ finding }) => finding === "open");
  const advice = worse.length > 0 ? "roll-back" : open ? "wait" : "promote";
  const shown = (side: Side) => ({
    deployment: side.deployment,
    predictions: side.predictions,
    errors: side.errors,
    slowShare: side.predictions === 0 ? 0 : slow(side) / side.predictions,
  });
  return {
    baseline: shown(baseline),
    candidate: shown(candidate),
    measures,
    advice,
    words: wordsOf({ baseline, candidate, measures, advice }),
  };
}

type Measure = CanaryVerdict["measures"][number];

function compare(
  measure: Measure["measure"],
  of: { a: Side; b: Side; count: (side: Side) => number; tolerance: number },
): Measure {
  const { a, b, count, tolerance } = of;
  const [na, nb] = [a.predictions, b.predictions];
  if (na === 0 || nb === 0) return { measure, difference: 0, low: -1, high: 1, tolerance, finding: "open" };
  // One more success and failure on each side: a share of nothing has no variance, and would convince too soon.
  const pa = (count(a) + 1) / (na + 2);
  const pb = (count(b) + 1) / (nb + 2);
  const variance = (pa * (1 - pa)) / na + (pb * (1 - pb)) / nb;
  const reach = Math.sqrt(
    ((variance * (variance + MIXING)) / MIXING) *
      (2 * Math.log(1 / LEVEL) + Math.log((variance + MIXING) / variance)),
  );
  const difference = pb - pa;
  const [low, high] = [difference - reach, difference + reach];
  const enough = Math.min(na, nb) >= PREDICTIONS_MIN;
  const finding = low > 0 ? "worse" : high < tolerance && enough ? "not-worse" : "open";
  return { measure, difference, low, high, tolerance, finding };
}

function wordsOf(of: {
  baseline: Side;
  candidate: Side;
  measures: readonly Measure[];
  advice: CanaryVerdict["advice"];
}): string {
  const { baseline, candidate, measures, advice } = of;
  const names = { errors: "errors", latency: "slow answers" };
  const sentences = measures.map(({ measure, difference, low, high, tolerance, finding }) => {
    const more = `${percent(difference)} more ${names[measure]} (between ${percent(low)} and ${percent(high)})`;
    if (finding === "worse")
      return `Deployment ${candidate.deployment} has ${more} than ${baseline.deployment}.`;
    if (finding === "not-worse")
      return `It has no more ${names[measure]} than ${percent(tolerance)} above ${baseline.deployment}.`;
    return `Of ${names[measure]} nothing can be said yet: ${more}.`;
  });
  const last = {
    promote: "It can take all the traffic.",
    "roll-back": "Take its traffic away.",
    wait: `Wait for more traffic: ${candidate.predictions} predictions so far.`,
  }[advice];
  return [...sentences, last].join(" ");
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
