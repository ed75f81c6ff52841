import type { Monitor, RuleTest } from "@atrium/contract/monitoring";
import { useMemo } from "react";
import { plural } from "../../lib/format.ts";
import { MetricChart, type Threshold } from "./metric-chart.tsx";
import { metricText } from "./metric-words.ts";
import type { RuleDraft } from "./rule-draft.ts";
import { windowWords } from "./window-words.ts";

const INCIDENTS_SHOWN = 5;

/** What a rule would have done: its value in each window with the threshold, and the incidents it would have opened. */
export function RuleTrial({
  monitor,
  draft,
  trial,
}: {
  monitor: Monitor;
  draft: RuleDraft;
  trial: RuleTest;
}) {
  const { metric, severity } = draft;
  const threshold = Number(draft.threshold);
  const series = useMemo(
    () => seriesOf(trial, { metric, rule: draft.name, threshold, severity }, monitor.windowMs),
    [trial, metric, draft.name, threshold, severity, monitor.windowMs],
  );
  if (trial.points.length === 0)
    return <p className="rounded-md bg-warn-soft px-3 py-2">No window has a number for this yet.</p>;
  return (
    <section aria-label="What it would have done" className="card flex flex-col gap-2 p-3">
      <p className="font-medium">
        {trial.incidents.length === 0
          ? `No incident in ${plural(trial.points.length, "window")}`
          : `${plural(trial.incidents.length, "incident")} in ${plural(trial.points.length, "window")}`}
      </p>
      <MetricChart
        monitor={monitor}
        metric={metric}
        series={series}
        says={(startMs) => trial.points.find((point) => point.startMs === startMs)?.column}
        height={140}
      />
      <ul className="text-ink-2 text-xs">
        {trial.incidents.slice(-INCIDENTS_SHOWN).map(({ openedMs, resolvedMs, worst }) => (
          <li key={openedMs}>
            {windowWords({ startMs: openedMs, endMs: openedMs + monitor.windowMs })}: at worst{" "}
            {metricText(metric, worst)},{" "}
            {resolvedMs === undefined
              ? "not resolved since"
              : `resolved at ${windowWords({ startMs: resolvedMs, endMs: resolvedMs + monitor.windowMs })}`}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A trial's values as a chart takes them: the worst of the features in each window, with the threshold. */
export function seriesOf({ points }: RuleTest, line: Threshold, windowMs: number) {
  return {
    points: points.map(({ startMs, value }) => ({
      startMs,
      endMs: startMs + windowMs,
      state: "final" as const,
      rows: 0,
      insufficient: false,
      values: { [line.metric]: value },
    })),
    thresholds: [line],
  };
}
