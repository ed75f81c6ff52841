import type { MetricValue } from "@atrium/contract/tracking";
import type { SideGroup, SideLine } from "../../lib/side-by-side.tsx";
import { Num } from "../../lib/words.tsx";
import { bestIndex, betterWay, compareValues } from "./differences.ts";

/** What is compared of a run, or of whatever stands for one. */
export interface Compared {
  params: Readonly<Record<string, string>>;
  metrics: Readonly<Record<string, MetricValue>>;
  tags: Readonly<Record<string, string>>;
}

/** Metrics with the best marked, then parameters and tags; `only` leaves out what all have in common. */
export function differenceGroups(runs: readonly Compared[], shown: "only" | "all"): SideGroup[] {
  const metricNames = [...new Set(runs.flatMap((run) => Object.keys(run.metrics)))].sort();
  const metrics = metricNames
    .filter((name) => shown === "all" || new Set(runs.map((run) => run.metrics[name])).size > 1)
    .map((name) =>
      metricLine(
        name,
        runs.map((run) => run.metrics[name]),
      ),
    );
  const tags = runs.map((run) =>
    Object.fromEntries(Object.entries(run.tags).filter(([name]) => !name.startsWith("mlflow."))),
  );
  return [
    {
      title: "Metrics",
      lines: metrics,
      nothing: metricNames.length > 0 ? "All metrics are the same." : "None.",
    },
    {
      title: "Parameters",
      lines: textLines(
        runs.map((run) => run.params),
        shown,
      ),
      nothing: runs.some((run) => Object.keys(run.params).length > 0)
        ? "All parameters are the same."
        : "None.",
    },
    { title: "Tags", lines: textLines(tags, shown) },
  ];
}

export function textLines(
  values: readonly Readonly<Record<string, string>>[],
  shown: "only" | "all",
): SideLine[] {
  return compareValues(values)
    .filter((line) => line.differs || shown === "all")
    .map((line) => ({
      name: line.name,
      cells: line.values.map((value) =>
        value === undefined ? undefined : (
          <span title={value} className={line.differs ? "" : "text-ink-3"}>
            {value}
          </span>
        ),
      ),
    }));
}

function metricLine(name: string, values: readonly (MetricValue | undefined)[]): SideLine {
  const best = bestIndex(name, values);
  const way = betterWay(name);
  return {
    name: way ? `${name} ${way === "up" ? "↑" : "↓"}` : name,
    ...(way ? { hint: `${name}: ${way === "up" ? "more" : "less"} is better` } : {}),
    cells: values.map((value, index) =>
      value === undefined ? undefined : (
        <span className={best === index ? "font-semibold text-good" : ""}>
          <Num value={value} />
          {best === index && <span className="font-normal text-xs"> best</span>}
        </span>
      ),
    ),
  };
}
