import type { MetricValue } from "@atrium/contract/tracking";

/** One line of a side-by-side table: a name and a value a run, in the runs' order. */
export interface Difference {
  name: string;
  values: (string | undefined)[];
  differs: boolean;
}

/** Side by side, names sorted; a missing value differs from every other. */
export function compareValues(runs: readonly Readonly<Record<string, string>>[]): Difference[] {
  const names = [...new Set(runs.flatMap((run) => Object.keys(run)))].sort();
  return names.map((name) => {
    const values = runs.map((run) => run[name]);
    return { name, values, differs: new Set(values).size > 1 };
  });
}

/** Index of the best number, when a name says which way is better; the first of equals. */
export function bestIndex(name: string, given: readonly (MetricValue | undefined)[]): number | undefined {
  const way = betterWay(name);
  if (!way) return undefined;
  const values = given.map((value) => (value === undefined ? undefined : Number(value)));
  let best: number | undefined;
  values.forEach((value, index) => {
    if (value === undefined || !Number.isFinite(value)) return;
    const champion = best === undefined ? undefined : values[best];
    if (champion === undefined || (way === "up" ? value > champion : value < champion)) best = index;
  });
  return best;
}

const LESS_IS_BETTER =
  /(^|[_\W])(loss|error|err|rmse|mse|mae|mape|logloss|perplexity|latency|wer|cer)([_\W]|$)/i;
const MORE_IS_BETTER =
  /(^|[_\W])(acc|accuracy|auc|roc_auc|f1|f1_score|precision|recall|r2|r2_score|score|map|ndcg|bleu|throughput)([_\W]|$)/i;

/** Whether a metric's name says which way is better. Silence is better than a wrong arrow. */
export function betterWay(name: string): "up" | "down" | undefined {
  if (LESS_IS_BETTER.test(name)) return "down";
  if (MORE_IS_BETTER.test(name)) return "up";
  return undefined;
}
