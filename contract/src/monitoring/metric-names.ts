/** How far a column of a window is from the reference. Bins are fixed by the reference, so windows can be compared. */
export const DRIFT_METRICS = [
  /** Over the reference's deciles, with bins below, above, unseen and missing; natural logarithm. */
  "psi",
  /** What PSI stays under in 999 of 1000 windows of this size when nothing has changed: noise, drawn beside `psi`. */
  "psiNoise",
  /** Distance (the square root of the divergence), base 2: 0 is the same, 1 has nothing in common. Same bins as `psi`. */
  "jensenShannon",
  /** Two-sample statistic of numbers: the greatest gap between the two distribution functions. */
  "ks",
  "ksPValue",
  /** Wasserstein-1 of numbers, in the column's own unit, both sides cut to the reference's 0.1 % to 99.9 %. */
  "wasserstein",
  /** The same in standard deviations of the reference. */
  "wassersteinScaled",
  /** Two-sample test of categories; rare ones count as one. */
  "chiSquared",
  "chiSquaredPValue",
] as const;

/** What the values of a column are like, by themselves. Shares are from 0 to 1. */
export const QUALITY_METRICS = [
  "nullShare",
  /** Outside of what the reference had (numbers), of all values that are there. */
  "outOfRangeShare",
  /** Categories that the reference did not have, of all values that are there. */
  "unseenShare",
  /** Values that are not of the column's kind, NaN and infinities among them. */
  "typeErrorShare",
  "mean",
  "standardDeviation",
  "minimum",
  "median",
  "maximum",
  "distinct",
] as const;

/** What a segment of a window is like as a whole. */
export const TRAFFIC_METRICS = [
  "rows",
  "errorShare",
  /** Answered by something else than the model: a default, a segment's or a popularity's answer. */
  "defaultedShare",
  /** Of entities that were never seen before. */
  "newShare",
  "latencyP50Ms",
  "latencyP95Ms",
  "latencyP99Ms",
] as const;

/** How right the predictions were, of those that have a label by now. */
export const PERFORMANCE_METRICS = [
  "labelCoverage",
  "labelled",
  "accuracy",
  "precision",
  "recall",
  "f1",
  "logLoss",
  "brier",
  "rocAuc",
  "calibrationError",
  "mae",
  "rmse",
  "r2",
  "bias",
] as const;
