import type { AlertRule, Monitor } from "@atrium/contract/monitoring";
import { Plus } from "lucide-react";
import { useState } from "react";
import { ConfirmByTyping } from "../../lib/dialog.tsx";
import { useFresh, useUndoable } from "../../lib/fresh.ts";
import { Panel } from "../../lib/panel.tsx";
import { useSession } from "../../lib/session.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../lib/states.tsx";
import { Table } from "../../lib/table/table.tsx";
import { useNow } from "../../lib/words.tsx";
import {
  deleteRule,
  MONITORING_READS,
  replaceRule,
  useChannels,
  useRules,
  useSilences,
} from "./monitoring-api.ts";
import { ruleColumns } from "./rule-columns.tsx";
import { RuleDialog } from "./rule-dialog.tsx";
import { SilenceDialog } from "./silence-dialog.tsx";

type Over = "new" | { edit: AlertRule } | { mute: AlertRule } | { remove: AlertRule } | undefined;

/** When a monitor alarms, who hears of it, and what it starts. */
export function Rules({ project, monitor }: { project: string; monitor: Monitor }) {
  const { can } = useSession();
  const undoable = useUndoable(MONITORING_READS);
  const [over, setOver] = useState<Over>();
  const { rows, error, isPending, refetch } = useRules(project, monitor.id);
  const channels = useChannels(project);
  const muted = useMuted(project, monitor);
  const writes = can("monitor:write");
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (isPending) return <Skeleton />;
  const toggle = (rule: AlertRule) => {
    const set = (enabled: boolean) =>
      replaceRule({ project, params: { rule: rule.id }, body: { ...settingsOf(rule), enabled } });
    void undoable({
      act: () => set(!rule.enabled),
      said: rule.enabled ? `${rule.name} is switched off` : `${rule.name} is switched on`,
      undo: () => set(rule.enabled),
    });
  };
  const columns = ruleColumns({
    project,
    channelNames: new Map(channels.rows.map(({ id, name }) => [id, name])),
    isMuted: muted,
    deeds: writes
      ? {
          edit: (rule) => setOver({ edit: rule }),
          mute: (rule) => setOver({ mute: rule }),
          remove: (rule) => setOver({ remove: rule }),
          toggle,
        }
      : undefined,
  });
  return (
    <Panel
      words="A rule looks at every window that is computed; windows that cannot say, as they are too small, are left out."
      action={
        writes && (
          <button type="button" className="button button-primary" onClick={() => setOver("new")}>
            <Plus size={14} /> New rule
          </button>
        )
      }
    >
      <Table
        name="alert-rules"
        label="Rules"
        rows={rows}
        rowId={({ id }) => id}
        columns={columns}
        {...(writes ? { onOpen: (rule: AlertRule) => setOver({ edit: rule }) } : {})}
        empty={
          <EmptyState title="Nothing alarms yet" drawing="chart">
            A rule names a metric and a threshold, and can be tried on the windows that there are before it
            stands: such as PSI of any feature above 0.25 for two windows.
          </EmptyState>
        }
      />
      <RuleOver project={project} monitor={monitor} over={over} onClose={() => setOver(undefined)} />
    </Panel>
  );
}

/** The dialogue that stands over the rules. */
function RuleOver({
  project,
  monitor,
  over,
  onClose,
}: {
  project: string;
  monitor: Monitor;
  over: Over;
  onClose: () => void;
}) {
  const fresh = useFresh(MONITORING_READS);
  return (
    <>
      {over === "new" && <RuleDialog project={project} monitor={monitor} onClose={onClose} />}
      {typeof over === "object" && "edit" in over && (
        <RuleDialog project={project} monitor={monitor} rule={over.edit} onClose={onClose} />
      )}
      {typeof over === "object" && "mute" in over && (
        <SilenceDialog
          project={project}
          matchers={[
            { name: "monitor", value: monitor.name },
            { name: "rule", value: over.mute.name },
          ]}
          onClose={onClose}
        />
      )}
      {typeof over === "object" && "remove" in over && (
        <ConfirmByTyping
          title="Delete the rule"
          name={over.remove.name}
          verb="Delete"
          explains="Its incidents go with it. To keep them, switch it off instead."
          onConfirm={() => fresh(() => deleteRule({ project, params: { rule: over.remove.id } }))}
          onClose={onClose}
        />
      )}
    </>
  );
}

/** What is said of a rule when it is saved; who made it and when is the server's. */
function settingsOf(rule: AlertRule) {
  const { name, metric, column, segment, comparison, threshold, clearThreshold } = rule;
  const { windows, severity, channels, action, enabled } = rule;
  return {
    ...{ name, metric, segment, comparison, threshold, windows, severity, channels, enabled },
    ...(column === undefined ? {} : { column }),
    ...(clearThreshold === undefined ? {} : { clearThreshold }),
    ...(action === undefined ? {} : { action }),
  };
}

/** Whether a silence that holds now matches a rule, as the server would judge its incidents. */
function useMuted(project: string, monitor: Monitor): (rule: AlertRule) => boolean {
  const now = useNow();
  const { rows } = useSilences(project, "left out");
  const holding = rows.filter(({ startsMs, endsMs }) => startsMs <= now && endsMs > now);
  return (rule) => {
    const facts: Record<string, readonly (string | undefined)[]> = {
      monitor: [monitor.name, monitor.id],
      rule: [rule.name, rule.id],
      severity: [rule.severity],
      segment: [rule.segment],
      column: [rule.column],
      metric: [rule.metric],
    };
    return holding.some(({ matchers }) =>
      matchers.every(({ name, value }) => facts[name]?.includes(value) ?? false),
    );
  };
}
