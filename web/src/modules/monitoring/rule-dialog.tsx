import type { AlertRule, Monitor, RuleTest } from "@atrium/contract/monitoring";
import { FlaskConical } from "lucide-react";
import { useState } from "react";
import { Dialog } from "../../lib/dialog.tsx";
import { FormError, useSubmit } from "../../lib/form.tsx";
import { useFresh } from "../../lib/fresh.ts";
import { toastError } from "../../lib/toast.tsx";
import { createRule, MONITORING_READS, replaceRule, testRule } from "./monitoring-api.ts";
import { draftOf, type RuleStart, ruleOf } from "./rule-draft.ts";
import { RuleCondition, RuleConsequences } from "./rule-fields.tsx";
import { RuleTrial } from "./rule-trial.tsx";

const USUAL: RuleStart = { metric: "psi", segment: "all" };

/** Says what a rule is, and shows what it would have done in the windows that there are. */
export function RuleDialog({
  project,
  monitor,
  rule,
  start = USUAL,
  onClose,
}: {
  project: string;
  monitor: Monitor;
  rule?: AlertRule;
  start?: RuleStart;
  onClose: () => void;
}) {
  const fresh = useFresh(MONITORING_READS);
  const [draft, setDraft] = useState(() => draftOf(rule, start));
  const [trial, setTrial] = useState<RuleTest | undefined>();
  const [trying, setTrying] = useState(false);
  const form = useSubmit(async () => {
    const { monitorId, ...settings } = ruleOf(draft, monitor);
    await fresh(() =>
      rule
        ? replaceRule({ project, params: { rule: rule.id }, body: settings })
        : createRule({ project, body: { monitorId, ...settings } }),
    );
    onClose();
  });
  const tryIt = async () => {
    setTrying(true);
    try {
      setTrial(await testRule({ project, body: ruleOf(draft, monitor) }));
    } catch (error) {
      toastError(error);
    }
    setTrying(false);
  };
  const change = (part: Partial<typeof draft>) => {
    setTrial(undefined);
    setDraft({ ...draft, ...part });
  };
  return (
    <Dialog title={rule ? `Edit ${rule.name}` : "New rule"} wide="wide" onClose={onClose}>
      <form className="flex flex-col gap-4" onSubmit={form.onSubmit}>
        <div className="grid gap-4 sm:grid-cols-2">
          <RuleCondition monitor={monitor} draft={draft} onChange={change} errorAt={form.errorAt} />
          <RuleConsequences project={project} draft={draft} onChange={change} errorAt={form.errorAt} />
        </div>
        {trial && <RuleTrial monitor={monitor} draft={draft} trial={trial} />}
        <FormError error={form.error} />
        <div className="flex justify-end gap-2">
          <button type="button" className="button" disabled={trying} onClick={() => void tryIt()}>
            <FlaskConical size={14} /> {trying ? "Trying" : "Try on the windows so far"}
          </button>
          <button type="submit" className="button button-primary" disabled={form.busy}>
            {rule ? "Save" : "Add the rule"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
