import { sum } from "./sum.ts";

/** Shares from 0 to 1; undefined where there is nothing to divide by. */
export interface ClassScores {
  accuracy: number;
  precision: number | undefined;
  recall: number | undefined;
  f1: number | undefined;
}

/**
 * How often predicted classes are the true ones. Precision is the share of a class's predictions that are right, recall
 * the share of its members that are found, F1 = 2·right/(predicted + members).
 * @param pairs not empty @param positive the class that the three are about; without one they are means over all classes
 *   that occur, each counting once and those where it is undefined left out
 * @remarks Equal to sklearn.metrics.precision_score, recall_score and f1_score with zero_division=nan, average "binary" or
 *   "macro".
 */
export function classScores(
  pairs: readonly { predicted: string; actual: string }[],
  positive?: string,
): ClassScores {
  const predicted = new Map<string, number>();
  const members = new Map<string, number>();
  const right = new Map<string, number>();
  for (const pair of pairs) {
    add(predicted, pair.predicted);
    add(members, pair.actual);
    if (pair.predicted === pair.actual) add(right, pair.actual);
  }
  const accuracy = sum(right.values()) / pairs.length;
  const classes =
    positive === undefined ? [...new Set([...predicted.keys(), ...members.keys()])].sort() : [positive];
  const over = (bottom: (name: string) => number, factor = 1) =>
    meanOfDefined(classes.map((name) => ratio(factor * (right.get(name) ?? 0), bottom(name))));
  return {
    accuracy,
    precision: over((name) => predicted.get(name) ?? 0),
    recall: over((name) => members.get(name) ?? 0),
    f1: over((name) => (predicted.get(name) ?? 0) + (members.get(name) ?? 0), 2),
  };
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function ratio(top: number, bottom: number): number | undefined {
  return bottom === 0 ? undefined : top / bottom;
}

function meanOfDefined(values: readonly (number | undefined)[]): number | undefined {
  const defined = values.filter((value) => value !== undefined);
  return defined.length === 0 ? undefined : sum(defined) / defined.length;
}
