import type { MetricValues, MonitorMetric } from "@atrium/contract/monitoring";
import { formatCount, formatNumber, formatShare } from "../../lib/format.ts";

interface MetricWords {
  title: string;
  unit: "number" | "share" | "count" | "ms";
  /** Which way is worse; `neither` where only people can say. */
  worse: "up" | "down" | "neither";
  words: string;
}

const number = (title: string, worse: MetricWords["worse"], words: string): MetricWords => ({
  title,
  unit: "number",
  worse,
  words,
});
const share = (title: string, worse: MetricWords["worse"], words: string): MetricWords => ({
  title,
  unit: "share",
  worse,
  words,
});
const latency = (title: string, words: string): MetricWords => ({ title, unit: "ms", worse: "up", words });

/** Every metric as people call it. */
const METRICS: Record<MonitorMetric, MetricWords> = {
  psi: number("PSI", "up", "Population stability index over the reference's deciles or categories"),
  psiNoise: number("PSI noise", "neither", "What PSI stays under when nothing has changed"),
  jensenShannon: number("Jensen–Shannon", "up", "Distance from 0, the same, to 1, nothing in common"),
  ks: number("KS", "up", "The greatest gap between the two distribution functions"),
  ksPValue: number("KS p-value", "down", "How likely such a gap is when nothing has changed"),
  wasserstein: number("Wasserstein", "up", "How far values moved, in the column's own unit"),
  wassersteinScaled: number("Wasserstein, scaled", "up", "The same in standard deviations of the reference"),
  chiSquared: number("Chi²", "up", "Two-sample test of categories"),
  chiSquaredPValue: number(
    "Chi² p-value",
    "down",
    "How likely such a difference is when nothing has changed",
  ),
  nullShare: share("Nulls", "up", "Rows without a value"),
  outOfRangeShare: share("Out of range", "up", "Values outside of what the reference had"),
  unseenShare: share("Unseen", "up", "Categories that the reference did not have"),
  typeErrorShare: share("Wrong type", "up", "Values that are not of the column's kind"),
  mean: number("Mean", "neither", "Mean of the values"),
  standardDeviation: number("Standard deviation", "neither", "Spread of the values"),
  minimum: number("Minimum", "neither", "The least value"),
  median: number("Median", "neither", "Half of the values lie below"),
  maximum: number("Maximum", "neither", "The greatest value"),
  distinct: { title: "Distinct", unit: "count", worse: "neither", words: "Different values" },
  rows: { title: "Rows", unit: "count", worse: "neither", words: "Rows or predictions in the window" },
  errorShare: share("Errors", "up", "Requests that were answered with an error"),
  defaultedShare: share("Defaulted", "up", "Answered by something else than the model"),
  newShare: share("New entities", "neither", "Of entities that were never seen before"),
  latencyP50Ms: latency("Latency p50", "Half of the answers came faster"),
  latencyP95Ms: latency("Latency p95", "Nineteen of twenty answers came faster"),
  latencyP99Ms: latency("Latency p99", "99 of 100 answers came faster"),
  labelCoverage: share("Label coverage", "down", "Predictions whose label has come"),
  labelled: { title: "Labelled", unit: "count", worse: "neither", words: "Predictions whose label has come" },
  accuracy: share("Accuracy", "down", "Predictions that were right"),
  precision: share("Precision", "down", "Of those predicted positive, how many were"),
  recall: share("Recall", "down", "Of those that were positive, how many were found"),
  f1: number("F1", "down", "Harmonic mean of precision and recall"),
  logLoss: number("Log loss", "up", "Mean negative log likelihood of what came true"),
  brier: number("Brier score", "up", "Mean squared error of the probabilities"),
  rocAuc: number("ROC AUC", "down", "How often a positive scores above a negative"),
  calibrationError: number("Calibration error", "up", "How far probabilities are from what came true"),
  mae: number("MAE", "up", "Mean absolute error"),
  rmse: number("RMSE", "up", "Root mean squared error"),
  r2: number("R²", "down", "Share of the variance that predictions explain"),
  bias: number("Bias", "neither", "Mean of predicted less actual"),
};

export function metricWords(metric: string): MetricWords {
  return METRICS[metric as MonitorMetric] ?? number(metric, "neither", metric);
}

/** A metric's value in its unit; undefined where it could not be computed. */
export function metricText(metric: string, value: number | undefined): string {
  if (value === undefined) return "–";
  const { unit } = metricWords(metric);
  if (unit === "share") return formatShare(value);
  if (unit === "count") return formatCount(value);
  return unit === "ms" ? `${formatNumber(value)} ms` : formatNumber(value);
}

/** Distances that a chart of drift may show, the usual one first. */
export const DISTANCES = ["psi", "jensenShannon", "ks", "wassersteinScaled", "chiSquared"] as const;

// Where a rule's threshold usually stands; PSI's are those of the credit industry, the others of the same size of change.
const USUAL: Partial<Record<MonitorMetric, number>> = {
  psi: 0.25,
  jensenShannon: 0.3,
  ks: 0.2,
  wassersteinScaled: 0.3,
  ksPValue: 0.001,
  chiSquaredPValue: 0.001,
  nullShare: 0.05,
  outOfRangeShare: 0.01,
  unseenShare: 0.01,
  typeErrorShare: 0.001,
  errorShare: 0.01,
  defaultedShare: 0.2,
  labelCoverage: 0.5,
  accuracy: 0.8,
};

/** What a new rule proposes: the usual threshold, or the newest value moved by a fifth to the worse side. */
export function proposed(metric: MonitorMetric, newest: MetricValues | undefined) {
  const comparison = metricWords(metric).worse === "down" ? ("below" as const) : ("above" as const);
  const value = newest?.[metric];
  const moved = value === undefined ? 0 : value + Math.abs(value) * (comparison === "above" ? 0.2 : -0.2);
  return { comparison, threshold: USUAL[metric] ?? Number(moved.toPrecision(3)) };
}
