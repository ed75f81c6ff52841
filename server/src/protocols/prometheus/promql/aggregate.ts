import { createChooser, keeping, type Labels, type Sample, without } from "./labels.ts";
import { extremeOf, meanOf, quantileOf, sumOf, varianceOf } from "./range-functions.ts";
import type { Grouping } from "./syntax.ts";

type Reduce = (values: readonly number[], parameter: number) => number;

const REDUCE: Record<string, Reduce> = {
  sum: sumOf,
  avg: meanOf,
  min: (values) => extremeOf(values, (a, b) => a < b),
  max: (values) => extremeOf(values, (a, b) => a > b),
  count: (values) => values.length,
  group: () => 1,
  stdvar: varianceOf,
  stddev: (values) => Math.sqrt(varianceOf(values)),
  quantile: (values, parameter) => quantileOf(parameter, values),
};

/** Makes one aggregation of a query: it learns the groups of labels on the way. */
export function createAggregation(
  op: string,
  { kind, labels: names }: Grouping,
): (samples: readonly Sample[], parameter: number) => Sample[] {
  const dropped = [...names, "__name__"];
  const chooser = createChooser((labels) =>
    kind === "by" ? keeping(labels, names) : without(labels, dropped),
  );
  return (samples, parameter) => {
    const groups = new Map<string, { labels: Labels; samples: Sample[] }>();
    for (const sample of samples) {
      const { labels, key } = chooser(sample.labels);
      const group = groups.get(key) ?? { labels, samples: [] };
      group.samples.push(sample);
      groups.set(key, group);
    }
    return [...groups.values()].flatMap((group) => {
      if (op === "topk" || op === "bottomk") return extremes(op, group.samples, parameter);
      const values = group.samples.map(({ value }) => value);
      return [{ labels: group.labels, value: REDUCE[op]?.(values, parameter) ?? Number.NaN }];
    });
  };
}

/** The largest or least so many, as they are; what is no number comes last. */
function extremes(op: "topk" | "bottomk", samples: readonly Sample[], parameter: number): Sample[] {
  const count = Number.isNaN(parameter) ? 0 : Math.max(0, Math.trunc(parameter));
  const sign = op === "topk" ? -1 : 1;
  return samples.toSorted((a, b) => compare(a.value, b.value, sign)).slice(0, count);
}

/** Ascending for 1, descending for -1; what is no number always last. */
export function compare(a: number, b: number, sign: 1 | -1): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return a === b ? 0 : a < b ? -sign : sign;
}
