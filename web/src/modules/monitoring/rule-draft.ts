import type { AlertRule, Monitor, MonitorMetric, NewAlertRule } from "@atrium/contract/monitoring";
import {
  DRIFT_METRICS,
  PERFORMANCE_METRICS,
  QUALITY_METRICS,
  TRAFFIC_METRICS,
} from "@atrium/contract/monitoring/metric-names";
import { proposed } from "./metric-words.ts";
import { ruleWords, subjectWords } from "./rule-words.ts";

/** What the form holds: texts as they are typed. */
export interface RuleDraft {
  name: string;
  metric: MonitorMetric;
  /** Empty for any feature. */
  column: string;
  segment: string;
  comparison: "above" | "below";
  threshold: string;
  /** Empty when it clears at the threshold. */
  clearThreshold: string;
  windows: string;
  severity: AlertRule["severity"];
  channels: readonly string[];
  pipeline: string;
  /** JSON of the pipeline's parameters. */
  parameters: string;
  enabled: boolean;
}

export interface RuleStart {
  metric: MonitorMetric;
  column?: string;
  segment: string;
}

/** The groups that a chooser of metrics shows. */
export const METRIC_GROUPS: readonly {
  title: string;
  of: "column" | "segment";
  metrics: readonly MonitorMetric[];
}[] = [
  {
    title: "Drift of a feature",
    of: "column",
    metrics: DRIFT_METRICS.filter((name) => name !== "psiNoise"),
  },
  {
    title: "Quality of a feature",
    of: "column",
    metrics: QUALITY_METRICS,
  },
  {
    title: "Traffic",
    of: "segment",
    metrics: TRAFFIC_METRICS,
  },
  {
    title: "Performance",
    of: "segment",
    metrics: PERFORMANCE_METRICS,
  },
];

export function isOfColumn(metric: MonitorMetric): boolean {
  return METRIC_GROUPS.some(({ of, metrics }) => of === "column" && metrics.includes(metric));
}

export function draftOf(rule: AlertRule | undefined, start: RuleStart): RuleDraft {
  if (rule)
    return {
      ...rule,
      column: rule.column ?? "",
      threshold: String(rule.threshold),
      clearThreshold: rule.clearThreshold === undefined ? "" : String(rule.clearThreshold),
      windows: String(rule.windows),
      pipeline: rule.action?.pipeline ?? "",
      parameters: JSON.stringify(rule.action?.parameters ?? {}),
    };
  const { comparison, threshold } = proposed(start.metric, undefined);
  return {
    name: "",
    metric: start.metric,
    column: start.column ?? "",
    segment: start.segment,
    comparison,
    threshold: String(threshold),
    clearThreshold: "",
    windows: "1",
    severity: "warning",
    channels: [],
    pipeline: "",
    parameters: "{}",
    enabled: true,
  };
}

/** What the server is asked for. A rule without a name of its own is named by what it says. */
export function ruleOf(draft: RuleDraft, monitor: Monitor): NewAlertRule {
  const { metric, segment, comparison, severity, channels, enabled } = draft;
  const column = isOfColumn(metric) && draft.column !== "" ? { column: draft.column } : {};
  const threshold = Number(draft.threshold);
  const windows = Number(draft.windows);
  const said = { metric, ...column, segment, comparison, threshold, windows };
  return {
    ...said,
    monitorId: monitor.id,
    name: draft.name.trim() || ruleWords(said).slice(0, 120),
    severity,
    channels: [...channels],
    enabled,
    ...(draft.clearThreshold.trim() === "" ? {} : { clearThreshold: Number(draft.clearThreshold) }),
    ...(draft.pipeline === ""
      ? {}
      : { action: { pipeline: draft.pipeline, parameters: parametersOf(draft.parameters) } }),
  };
}

type Parameters = NonNullable<NewAlertRule["action"]>["parameters"];

/** @throws Error in words for the form, when the text is no JSON object */
function parametersOf(text: string): Parameters {
  try {
    const value: unknown = JSON.parse(text.trim() === "" ? "{}" : text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Parameters;
  } catch {
    // Said below, together with what is JSON and no object.
  }
  throw new Error('Parameters are a JSON object, such as {"days": 30}.');
}

/** What stands in the name's place while it is empty. */
export function namePlaceholder(draft: RuleDraft): string {
  const column = isOfColumn(draft.metric) && draft.column !== "" ? { column: draft.column } : {};
  return `${subjectWords({ metric: draft.metric, segment: draft.segment, ...column })} ${draft.comparison} ${draft.threshold}`;
}
