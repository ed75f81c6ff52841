import { chiSquared } from "../../server/src/modules/monitoring/statistics/chi-squared.ts";
import { classScores } from "../../server/src/modules/monitoring/statistics/classification.ts";
import {
  jensenShannon,
  populationStability,
} from "../../server/src/modules/monitoring/statistics/divergence.ts";
import { chiSquaredAbove, chiSquaredQuantile } from "../../server/src/modules/monitoring/statistics/gamma.ts";
import { kolmogorovAbove } from "../../server/src/modules/monitoring/statistics/kolmogorov.ts";
import { kolmogorovSmirnov } from "../../server/src/modules/monitoring/statistics/ks.ts";
import {
  brierScore,
  calibration,
  logLoss,
  rocAuc,
} from "../../server/src/modules/monitoring/statistics/probability.ts";
import { regressionScores } from "../../server/src/modules/monitoring/statistics/regression.ts";
import {
  mean,
  quantiles,
  sampleOf,
  standardDeviation,
} from "../../server/src/modules/monitoring/statistics/sample.ts";
import { wasserstein } from "../../server/src/modules/monitoring/statistics/wasserstein.ts";

export type StatisticsCase =
  | {
      kind: "numbers";
      a: number[];
      b: number[];
      ks: number;
      ksExact: number;
      /** Not given where they have no answer: for one value against one. */
      ksAsymptotic: number | null;
      wasserstein: number;
      mean: number;
      std: number;
      quantiles: number[];
    }
  | { kind: "kolmogorov"; n: number; x: number; above: number }
  | {
      kind: "counts";
      p: number[];
      q: number[];
      psi: number;
      js: number;
      js2: number;
      plain: [number, number, number];
      yates: [number, number, number];
    }
  | { kind: "chi2"; df: number; x: number; above: number; share: number }
  | {
      kind: "classes";
      actual: string[];
      predicted: string[];
      accuracy: number;
      macro: (number | null)[];
      a: (number | null)[];
    }
  | {
      kind: "probabilities";
      score: number[];
      actual: (0 | 1)[];
      logLoss: number;
      brier: number;
      rocAuc: number | null;
      observed: number[];
      predicted: number[];
    }
  | {
      kind: "regression";
      actual: number[];
      predicted: number[];
      mae: number;
      rmse: number;
      r2: number | null;
      bias: number;
    };

const RELATIVE = 1e-9;
/** Numbers that are differences of others carry the rounding of those: 16 digits of about one. */
const ABSOLUTE = 1e-14;
/** The expansion for large samples is itself right to about so much, theirs and ours. */
const RELATIVE_OF_SERIES = 1e-7;
const SHARES = [0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999, 1];

type Check = [name: string, ours: number | undefined, theirs: number | null | undefined, tolerance?: number];

/** What differs, in words; nothing when all is equal. */
export function compareCase(given: StatisticsCase): string[] {
  return checksOf(given)
    .filter(([, ours, theirs, tolerance]) => !isClose(ours, theirs ?? undefined, tolerance))
    .map(([name, ours, theirs]) => `${given.kind}.${name}: ours ${ours}, theirs ${theirs}`);
}

function checksOf(given: StatisticsCase): Check[] {
  switch (given.kind) {
    case "numbers":
      return numbers(given);
    case "kolmogorov":
      return [["above", kolmogorovAbove(given.n, given.x), given.above]];
    case "counts":
      return counts(given);
    case "chi2":
      return [
        ["above", chiSquaredAbove(given.x, given.df), given.above],
        ["quantile", chiSquaredQuantile(given.share, given.df), given.x],
      ];
    case "classes":
      return classes(given);
    case "probabilities":
      return probabilities(given);
    case "regression":
      return regression(given);
  }
}

function numbers(given: Extract<StatisticsCase, { kind: "numbers" }>): Check[] {
  const [a, b] = [sampleOf(given.a), sampleOf(given.b)];
  const exact = kolmogorovSmirnov(a, b, "exact");
  const spread = Math.max(Number.MIN_VALUE, ...given.a.map(Math.abs));
  const { pValue } = kolmogorovSmirnov(a, b, "asymptotic");
  const asymptotic: Check = ["ksAsymptotic", pValue, given.ksAsymptotic, RELATIVE_OF_SERIES];
  return [
    ["ks", exact.statistic, given.ks],
    ["ksExact", exact.pValue, given.ksExact],
    ...(given.ksAsymptotic === null ? [] : [asymptotic]),
    ["wasserstein", wasserstein(a, b), given.wasserstein],
    ["mean", mean(a) / spread, given.mean / spread],
    ["std", standardDeviation(a) / spread, given.std / spread],
    ...quantiles(a, SHARES).map((value, i): Check => [`quantile${i}`, value, given.quantiles[i]]),
  ];
}

function counts(given: Extract<StatisticsCase, { kind: "counts" }>): Check[] {
  const { p, q } = given;
  const both = [...p.keys()].filter((i) => (p[i] ?? 0) > 0 || (q[i] ?? 0) > 0);
  const table = [p, q].map((side) => both.map((i) => side[i] ?? 0));
  const plain = chiSquared(table);
  const yates = chiSquared(table, "yates");
  return [
    ["psi", populationStability(p, q), given.psi],
    // A distance is a square root: what rounds in its square shows larger in it.
    ["js", jensenShannon(p, q) ** 2, given.js ** 2],
    ["js2", jensenShannon(p, q, 2) ** 2, given.js2 ** 2],
    ["chi2", plain.statistic, given.plain[0]],
    ["chi2 p", plain.pValue, given.plain[1]],
    ["chi2 df", plain.degreesOfFreedom, given.plain[2]],
    ["yates", yates.statistic, given.yates[0]],
    ["yates p", yates.pValue, given.yates[1]],
  ];
}

function classes(given: Extract<StatisticsCase, { kind: "classes" }>): Check[] {
  const pairs = given.actual.map((actual, i) => ({ actual, predicted: given.predicted[i] ?? "" }));
  const macro = classScores(pairs);
  const a = classScores(pairs, "a");
  return [
    ["accuracy", macro.accuracy, given.accuracy],
    ...[macro.precision, macro.recall, macro.f1].map(
      (ours, i): Check => [`macro ${i}`, ours, given.macro[i]],
    ),
    ...[a.precision, a.recall, a.f1].map((ours, i): Check => [`a ${i}`, ours, given.a[i]]),
  ];
}

function probabilities(given: Extract<StatisticsCase, { kind: "probabilities" }>): Check[] {
  const scored = given.actual.map((actual, i) => ({ actual, score: given.score[i] ?? 0 }));
  const bins = calibration(scored, 10);
  return [
    ["logLoss", logLoss(scored), given.logLoss],
    ["brier", brierScore(scored), given.brier],
    ["rocAuc", rocAuc(scored), given.rocAuc],
    ["bins", bins.length, given.observed.length],
    ...bins.map((bin, i): Check => [`observed ${i}`, bin.observed, given.observed[i]]),
    ...bins.map((bin, i): Check => [`predicted ${i}`, bin.predicted, given.predicted[i]]),
  ];
}

function regression(given: Extract<StatisticsCase, { kind: "regression" }>): Check[] {
  const pairs = given.actual.map((actual, i) => ({ actual, predicted: given.predicted[i] ?? 0 }));
  const ours = regressionScores(pairs);
  return [
    ["mae", ours.mae, given.mae],
    ["rmse", ours.rmse, given.rmse],
    ["r2", ours.r2, given.r2],
    ["bias", ours.bias, given.bias],
  ];
}

function isClose(ours: number | undefined, theirs: number | undefined, tolerance = RELATIVE): boolean {
  if (ours === undefined || theirs === undefined) return ours === theirs;
  return Math.abs(ours - theirs) <= Math.max(ABSOLUTE, tolerance * Math.abs(theirs));
}
