import type { Incident, Monitor } from "@atrium/contract/monitoring";
import { BellOff, CircleAlert, CircleCheck, CircleDashed, CirclePause, TriangleAlert } from "lucide-react";
import { plural } from "../../lib/format.ts";

type Health = "problem" | "incident" | "paused" | "waiting" | "well";

/** What matters most about a monitor now. */
function healthOf({ state, problem, openIncidents, lastWindow }: Monitor): Health {
  if (problem !== undefined) return "problem";
  if (openIncidents > 0) return "incident";
  if (state === "paused") return "paused";
  return lastWindow === undefined ? "waiting" : "well";
}

const LOOKS = {
  problem: { icon: CircleAlert, colour: "text-bad" },
  incident: { icon: TriangleAlert, colour: "text-bad" },
  paused: { icon: CirclePause, colour: "text-warn" },
  waiting: { icon: CircleDashed, colour: "text-queued" },
  well: { icon: CircleCheck, colour: "text-good" },
} as const;

export function healthWords(monitor: Monitor): string {
  const words = {
    problem: "Cannot compute",
    incident: plural(monitor.openIncidents, "open incident"),
    paused: "Paused",
    waiting: "Waits for its first window",
    well: "No incident",
  };
  return words[healthOf(monitor)];
}

export function MonitorHealth({ monitor }: { monitor: Monitor }) {
  const { icon: Icon, colour } = LOOKS[healthOf(monitor)];
  return (
    <span className={`inline-flex items-center gap-1.5 whitespace-nowrap ${colour}`} title={monitor.problem}>
      <Icon size={14} aria-hidden /> {healthWords(monitor)}
    </span>
  );
}

const INCIDENTS = {
  open: { icon: CircleAlert, colour: "text-bad", words: "Open" },
  acknowledged: { icon: TriangleAlert, colour: "text-warn", words: "Acknowledged" },
  resolved: { icon: CircleCheck, colour: "text-good", words: "Resolved" },
} as const;

export function IncidentState({ incident }: { incident: Incident }) {
  const { icon: Icon, colour, words } = INCIDENTS[incident.state];
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap">
      <span className={`inline-flex items-center gap-1.5 ${colour}`}>
        <Icon size={14} aria-hidden /> {words}
      </span>
      {incident.silencedBy !== undefined && <Muted />}
    </span>
  );
}

export function Muted() {
  return (
    <span className="inline-flex items-center gap-1 text-ink-3" title="A silence keeps it from being told">
      <BellOff size={14} aria-hidden /> muted
    </span>
  );
}

const SEVERITIES = { info: "text-ink-2", warning: "text-warn", critical: "text-bad" } as const;

export function SeverityWord({ severity }: { severity: Incident["severity"] }) {
  return <span className={`font-medium ${SEVERITIES[severity]}`}>{severity}</span>;
}

/** A window, or a part of one, that is too small for drift to mean anything. */
export function Insufficient({ rows, rowsMin }: { rows: number; rowsMin: number }) {
  return (
    <span className="text-ink-3" title={`Below ${plural(rowsMin, "row")} a window says no drift`}>
      insufficient, n = {rows}
    </span>
  );
}
