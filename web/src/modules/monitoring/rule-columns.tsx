import type { AlertRule } from "@atrium/contract/monitoring";
import type { ReactNode } from "react";
import { Link } from "../../lib/link.tsx";
import { MoreMenu } from "../../lib/menu.tsx";
import { paths } from "../../lib/paths.ts";
import type { Column } from "../../lib/table/column.ts";
import { Status } from "../../lib/words.tsx";
import { Muted, SeverityWord } from "./health.tsx";
import { ruleWords } from "./rule-words.ts";

interface Deeds {
  edit: (rule: AlertRule) => void;
  mute: (rule: AlertRule) => void;
  remove: (rule: AlertRule) => void;
  toggle: (rule: AlertRule) => void;
}

/** Columns of a monitor's rules. */
export function ruleColumns({
  project,
  channelNames,
  isMuted,
  deeds,
}: {
  project: string;
  channelNames: ReadonlyMap<string, string>;
  isMuted: (rule: AlertRule) => boolean;
  deeds: Deeds | undefined;
}): readonly Column<AlertRule>[] {
  const told = ({ channels }: AlertRule) => channels.map((id) => channelNames.get(id) ?? id).join(", ");
  return [
    {
      id: "name",
      title: "Rule",
      width: 190,
      fixed: "first",
      text: ({ name }) => name,
      cell: (rule) => <RuleName rule={rule} onEdit={deeds?.edit} />,
    },
    {
      id: "words",
      title: "Alarms when",
      width: 330,
      usual: "shown",
      text: ruleWords,
      cell: (rule) => <span title={ruleWords(rule)}>{ruleWords(rule)}</span>,
    },
    {
      id: "state",
      title: "State",
      width: 190,
      usual: "shown",
      text: ({ enabled }) => (enabled ? "on" : "off"),
      cell: (rule) => <RuleState rule={rule} muted={isMuted(rule) ? <Muted /> : undefined} />,
    },
    {
      id: "severity",
      title: "Severity",
      width: 90,
      usual: "shown",
      text: ({ severity }) => severity,
      cell: ({ severity }) => <SeverityWord severity={severity} />,
    },
    {
      id: "channels",
      title: "Tells",
      width: 150,
      usual: "shown",
      text: told,
      cell: (rule) => told(rule) || <span className="text-ink-3">nobody</span>,
    },
    {
      id: "action",
      title: "Starts",
      width: 150,
      usual: "shown",
      text: ({ action }) => action?.pipeline,
      cell: ({ action }) =>
        action && (
          <Link className="link" to={paths.pipeline(project, action.pipeline)}>
            {action.pipeline}
          </Link>
        ),
    },
    ...(deeds ? [deedsColumn(deeds)] : []),
  ];
}

function deedsColumn(deeds: Deeds): Column<AlertRule> {
  return {
    id: "deeds",
    title: "",
    width: 60,
    usual: "shown",
    text: () => "",
    cell: (rule) => <RuleMenu rule={rule} deeds={deeds} />,
  };
}

function RuleName({ rule, onEdit }: { rule: AlertRule; onEdit: Deeds["edit"] | undefined }) {
  if (!onEdit) return <span className="font-medium">{rule.name}</span>;
  return (
    <button
      type="button"
      className="max-w-full truncate font-medium hover:underline"
      onClick={() => onEdit(rule)}
    >
      {rule.name}
    </button>
  );
}

function RuleState({ rule, muted }: { rule: AlertRule; muted: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-2">
      <Status status={rule.enabled ? "active" : "cancelled"} word={rule.enabled ? "On" : "Switched off"} />
      {muted}
    </span>
  );
}

function RuleMenu({ rule, deeds }: { rule: AlertRule; deeds: Deeds }) {
  return (
    <MoreMenu
      items={[
        { title: "Edit and try", run: () => deeds.edit(rule) },
        { title: "Mute for a time", run: () => deeds.mute(rule) },
        { title: rule.enabled ? "Switch off" : "Switch on", run: () => deeds.toggle(rule) },
        "line",
        { title: "Delete", danger: "yes", run: () => deeds.remove(rule) },
      ]}
    />
  );
}
