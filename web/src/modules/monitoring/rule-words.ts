import type { AlertRule, Incident } from "@atrium/contract/monitoring";
import { metricText, metricWords } from "./metric-words.ts";

type Judged = Pick<AlertRule, "metric" | "column" | "segment" | "comparison" | "threshold">;

/** `PSI of distance`, and in which part of the rows where it is not all of them. */
export function subjectWords({
  metric,
  column,
  segment,
}: Pick<Judged, "metric" | "column" | "segment">): string {
  const of = column === undefined ? "" : ` of ${column}`;
  return `${metricWords(metric).title}${of}${segment === "all" ? "" : ` in ${segment}`}`;
}

/** A rule as one would say it. */
export function ruleWords(rule: Judged & Pick<AlertRule, "windows">): string {
  const long = rule.windows === 1 ? "" : ` for ${rule.windows} windows`;
  return `${subjectWords(rule)} ${rule.comparison} ${metricText(rule.metric, rule.threshold)}${long}`;
}

/** What an incident saw, beside what its rule allows. */
export function firedWords(incident: Incident): string {
  const { metric, value, comparison, threshold } = incident;
  const allowed = `${comparison} ${metricText(metric, threshold)}`;
  return `${subjectWords(incident)} was ${metricText(metric, value)}, ${allowed}`;
}
