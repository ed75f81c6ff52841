import { sumOf } from "./sum.ts";

export interface RegressionScores {
  /** Mean of |predicted - actual|. */
  mae: number;
  /** Square root of the mean of (predicted - actual)². */
  rmse: number;
  /** 1 - Σ(actual - predicted)²/Σ(actual - mean)²; of one row undefined; of a constant truth 1 if met exactly, else 0. */
  r2: number | undefined;
  /** Mean of predicted - actual: above 0 the model says too much. */
  bias: number;
}

/** @param pairs not empty, finite @remarks Equal to sklearn.metrics' mean_absolute_error, root_mean_squared_error and r2_score. */
export function regressionScores(pairs: readonly { predicted: number; actual: number }[]): RegressionScores {
  const n = pairs.length;
  const over = (term: (predicted: number, actual: number) => number) =>
    sumOf(n, (i) => term(pairs[i]?.predicted ?? 0, pairs[i]?.actual ?? 0));
  const squares = over((predicted, actual) => (predicted - actual) ** 2);
  const centre = over((_, actual) => actual) / n;
  const spread = over((_, actual) => (actual - centre) ** 2);
  return {
    mae: over((predicted, actual) => Math.abs(predicted - actual)) / n,
    rmse: Math.sqrt(squares / n),
    r2: n < 2 ? undefined : determination(squares, spread),
    bias: over((predicted, actual) => predicted - actual) / n,
  };
}

function determination(squares: number, spread: number): number {
  if (spread > 0) return 1 - squares / spread;
  return squares === 0 ? 1 : 0;
}
