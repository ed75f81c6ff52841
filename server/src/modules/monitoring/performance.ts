import type { MetricValues } from "@atrium/contract/monitoring";
import type { Performance } from "./plan.ts";
import { classScores } from "./statistics/classification.ts";
import { brierScore, calibration, calibrationError, logLoss, rocAuc } from "./statistics/probability.ts";
import { regressionScores } from "./statistics/regression.ts";

const CALIBRATION_BINS = 10; // Deciles of the score: what reliability diagrams show.

const OTHER = "\0other"; // Of two classes the one that has no name; no label is called so.

/** A prediction with its label, as text and as numbers where they are numbers. */
export interface Judged {
  predicted: string;
  actual: string;
  predictedNumber: number | undefined;
  actualNumber: number | undefined;
  score: number | undefined;
}

/** How right predictions were. Nothing for what the labels do not tell. @param judged those that have a label */
export function performanceMetrics(performance: Performance, judged: readonly Judged[]): MetricValues {
  if (performance.task === "regression") return regression(judged);
  if (judged.length === 0) return {};
  const positive = performance.positive === undefined ? undefined : classOf(performance.positive);
  const { threshold } = performance;
  const pairs =
    threshold === undefined || positive === undefined
      ? judged.map(({ predicted, actual }) => ({ predicted: classOf(predicted), actual: classOf(actual) }))
      : judged.map(({ predictedNumber = 0, actual }) => ({
          predicted: predictedNumber >= threshold ? positive : OTHER,
          actual: classOf(actual) === positive ? positive : OTHER,
        }));
  return { ...defined({ ...classScores(pairs, positive) }), ...probabilities(judged, positive) };
}

function regression(judged: readonly Judged[]): MetricValues {
  const pairs = judged.flatMap(({ predictedNumber, actualNumber }) =>
    predictedNumber === undefined || actualNumber === undefined
      ? []
      : [{ predicted: predictedNumber, actual: actualNumber }],
  );
  return pairs.length === 0 ? {} : defined({ ...regressionScores(pairs) });
}

function probabilities(judged: readonly Judged[], positive: string | undefined): MetricValues {
  if (positive === undefined) return {};
  const scored = judged.flatMap(({ score, actual }) =>
    score === undefined || score < 0 || score > 1
      ? []
      : [{ score, actual: classOf(actual) === positive ? (1 as const) : (0 as const) }],
  );
  if (scored.length === 0) return {};
  return defined({
    logLoss: logLoss(scored),
    brier: brierScore(scored),
    rocAuc: rocAuc(scored),
    calibrationError: calibrationError(calibration(scored, CALIBRATION_BINS)),
  });
}

/** One text for a class, however it was written: a model answers 1.0 where a label says 1. */
function classOf(text: string): string {
  const number = Number(text);
  return text.trim() !== "" && Number.isFinite(number) ? String(number) : text;
}

function defined(values: Record<string, number | undefined>): MetricValues {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && Number.isFinite(value)),
  );
}
