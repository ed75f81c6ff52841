import type { MetricValues, NewAlertRule } from "@atrium/contract/monitoring";

export type RuleSettings = Omit<NewAlertRule, "monitorId">;

export interface WindowValue {
  startMs: number;
  value: number;
  /** The one that the value is of, where several were looked at. */
  column?: string | undefined;
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
  results: readonly { startMs: number; column?: string; values: MetricValues }[],
): WindowValue[] {
  const worst = new Map<number, WindowValue>();
  for (const { startMs, column, values } of results) {
    const value = values[rule.metric];
    if (value === undefined) continue;
    const before = worst.get(startMs)?.value;
    const isWorse = before === undefined || (rule.comparison === "above" ? value > before : value < before);
    if (isWorse) worst.set(startMs, { startMs, value, column });
  }
  return [...worst.values()].sort((a, b) => b.startMs - a.startMs);
}

/** An incident that a rule would have opened, by the windows that opened and resolved it. */
interface Replayed {
  openedMs: number;
  resolvedMs?: number;
  worst: number;
}

/** What a rule would have done as windows came, oldest first. */
export function replay(rule: Limits, values: readonly WindowValue[]): Replayed[] {
  const incidents: Replayed[] = [];
  let standing: Replayed | undefined;
  let settled = 0; // Windows up to a resolution cannot open the next incident.
  values.forEach(({ startMs, value }, at) => {
    const newest = values.slice(Math.max(settled, at + 1 - rule.windows), at + 1).reverse();
    const verdict = judge(rule, newest);
    if (standing === undefined && verdict === "breach") {
      standing = { openedMs: startMs, worst: value };
      incidents.push(standing);
    } else if (standing !== undefined) {
      standing.worst =
        rule.comparison === "above" ? Math.max(standing.worst, value) : Math.min(standing.worst, value);
      if (verdict !== "clear") return;
      standing.resolvedMs = startMs;
      standing = undefined;
      settled = at + 1;
    }
  });
  return incidents;
}

/** The other side of a threshold would make every window both a breach and clear. */
export function hysteresisHolds({ comparison, threshold, clearThreshold }: Limits): boolean {
  if (clearThreshold === undefined) return true;
  return comparison === "above" ? clearThreshold <= threshold : clearThreshold >= threshold;
}
