import { sumOf } from "./sum.ts";

/** A predicted probability of the positive class, and whether it came true. */
export interface Scored {
  score: number;
  actual: 0 | 1;
}

const SCORE_LEAST = Number.EPSILON; // A sure prediction that was wrong costs 36, not infinity.

/**
 * Mean of -ln(probability of what came true), probabilities kept 2⁻⁵² away from 0 and 1.
 * @remarks Equal to sklearn.metrics.log_loss(actual, score, labels=[0, 1]).
 */
export function logLoss(scored: readonly Scored[]): number {
  const loss = ({ score, actual }: Scored) => {
    const kept = Math.min(Math.max(score, SCORE_LEAST), 1 - SCORE_LEAST);
    return -Math.log(actual === 1 ? kept : 1 - kept);
  };
  return meanOf(scored, loss);
}

/** Mean of (score - actual)². @remarks Equal to sklearn.metrics.brier_score_loss. */
export function brierScore(scored: readonly Scored[]): number {
  return meanOf(scored, ({ score, actual }) => (score - actual) ** 2);
}

/**
 * The chance that a positive has a higher score than a negative, ties counting half; undefined with one class only.
 * @remarks Mann-Whitney's U over n₊·n₋; equal to sklearn.metrics.roc_auc_score.
 */
export function rocAuc(scored: readonly Scored[]): number | undefined {
  const sorted = scored.toSorted((a, b) => a.score - b.score);
  let [negatives, wins] = [0, 0]; // `wins` counts halves.
  for (let i = 0; i < sorted.length; ) {
    let [tiedPositives, tiedNegatives] = [0, 0];
    const { score } = sorted[i] ?? { score: 0 };
    for (; i < sorted.length && sorted[i]?.score === score; i += 1) {
      if (sorted[i]?.actual === 1) tiedPositives += 1;
      else tiedNegatives += 1;
    }
    wins += tiedPositives * (2 * negatives + tiedNegatives);
    negatives += tiedNegatives;
  }
  const positives = sorted.length - negatives;
  return positives === 0 || negatives === 0 ? undefined : wins / (2 * positives * negatives);
}

export interface CalibrationBin {
  rows: number;
  /** Mean score and share of positives of the bin's rows. */
  predicted: number;
  observed: number;
}

/**
 * Rows by score in bins of equal width, of which bin i holds those above i/n up to (i + 1)/n; empty bins are left out.
 * @remarks Equal to sklearn.calibration.calibration_curve(actual, score, n_bins, strategy="uniform").
 */
export function calibration(scored: readonly Scored[], bins: number): CalibrationBin[] {
  const held: Scored[][] = Array.from({ length: bins }, () => []);
  for (const one of scored) {
    let at = 0;
    while (at < bins - 1 && one.score > (at + 1) / bins) at += 1;
    held[at]?.push(one);
  }
  return held
    .filter((rows) => rows.length > 0)
    .map((rows) => ({
      rows: rows.length,
      predicted: meanOf(rows, ({ score }) => score),
      observed: meanOf(rows, ({ actual }) => actual),
    }));
}

/** Expected calibration error: the mean gap between predicted and observed of the bins, by their rows. */
export function calibrationError(bins: readonly CalibrationBin[]): number {
  const rows = sumOf(bins.length, (i) => bins[i]?.rows ?? 0);
  return meanGap(bins) / rows;
}

function meanGap(bins: readonly CalibrationBin[]): number {
  return sumOf(bins.length, (i) => {
    const bin = bins[i];
    return bin === undefined ? 0 : bin.rows * Math.abs(bin.predicted - bin.observed);
  });
}

function meanOf<T>(items: readonly T[], value: (item: T) => number): number {
  return sumOf(items.length, (i) => value(items[i] as T)) / items.length;
}
