import type { Silence } from "@atrium/contract/monitoring";
import type { RememberedRule } from "./view.ts";

/** True when every matcher holds for an incident of this rule. */
export function silences(
  silence: Pick<Silence, "matchers">,
  about: { rule: RememberedRule; ruleId: string; monitorId: string },
): boolean {
  const { rule, ruleId, monitorId } = about;
  const words: Record<Silence["matchers"][number]["name"], readonly (string | undefined)[]> = {
    monitor: [rule.monitor, monitorId],
    rule: [rule.name, ruleId],
    severity: [rule.severity],
    segment: [rule.segment],
    column: [rule.column],
    metric: [rule.metric],
  };
  return silence.matchers.every(({ name, value }) => words[name].includes(value));
}
