import type { MetricValues, NewAlertRule } from "@atrium/contract/monitoring";

export type RuleSettings = Omit<NewAlertRule, "monitorId">;

export interface WindowValue {
  startMs: number;
  value: number;
}

/** `breach`: open an incident. `clear`: resolve it. `hold`: leave everything as it is. */
export type Verdict = "breach" | "clear" | "hold";

type Limits = Pick<RuleSettings, "comparison" | "threshold" | "clearThreshold" | "windows">;

/**
 * What a rule says to the newest windows that have a number, newest first. Between the two thresholds nothing changes, so
 * that a value which trembles at one of them opens one incident and not ten.
 */
export function judge(rule: Limits, values: readonly WindowValue[]): Verdict {
  const newest = values.slice(0, rule.windows);
  if (newest.length < rule.windows) return "hold";
  if (newest.every(({ value }) => isBeyond(rule, value))) return "breach";
  return newest.every(({ value }) => isBack(rule, value)) ? "clear" : "hold";
}

function isBeyond({ comparison, threshold }: Limits, value: number): boolean {
  return comparison === "above" ? value > threshold : value < threshold;
}

function isBack({ comparison, threshold, clearThreshold = threshold }: Limits, value: number): boolean {
  return comparison === "above" ? value <= clearThreshold : value >= clearThreshold;
}

/** The value that a rule looks at in each window: of several columns the worst. Windows without a number are left out. */
export function valuesFor(
  rule: Pick<RuleSettings, "metric" | "comparison">,
  results: readonly { startMs: number; values: MetricValues }[],
): WindowValue[] {
  const worst = new Map<number, number>();
  for (const { startMs, values } of results) {
    const value = values[rule.metric];
    if (value === undefined) continue;
    const before = worst.get(startMs);
    const isWorse = before === undefined || (rule.comparison === "above" ? value > before : value < before);
    if (isWorse) worst.set(startMs, value);
  }
  return [...worst].map(([startMs, value]) => ({ startMs, value })).sort((a, b) => b.startMs - a.startMs);
}

/** The other side of a threshold would make every window both a breach and clear. */
export function hysteresisHolds({ comparison, threshold, clearThreshold }: Limits): boolean {
  if (clearThreshold === undefined) return true;
  return comparison === "above" ? clearThreshold <= threshold : clearThreshold >= threshold;
}
