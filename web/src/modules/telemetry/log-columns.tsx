import type { LogLevel, LogLine } from "@atrium/contract/telemetry";
import { formatTime } from "../../lib/format.ts";
import type { Column } from "../../lib/table/column.ts";

const COLOURS: Record<LogLevel, string> = {
  debug: "text-ink-3",
  info: "text-ink-2",
  warn: "text-warn",
  error: "text-bad",
};

/** Columns of the log: when, how bad, what. */
export const LOG_COLUMNS: Column<LogLine>[] = [
  {
    id: "time",
    title: "Time",
    width: 130,
    fixed: "first",
    text: (line) => new Date(line.atMs).toISOString(),
    cell: (line) => (
      <time className="mono text-ink-3" title={formatTime(line.atMs)}>
        {clock(line.atMs)}
      </time>
    ),
  },
  {
    id: "level",
    title: "Level",
    width: 72,
    usual: "shown",
    text: (line) => line.level,
    cell: (line) => <span className={`mono ${COLOURS[line.level]}`}>{line.level}</span>,
  },
  {
    id: "message",
    title: "Message",
    width: 720,
    usual: "shown",
    text: (line) => line.message,
    cell: (line) => <span className="mono">{line.message}</span>,
  },
];

function clock(atMs: number): string {
  const at = new Date(atMs);
  return `${at.toLocaleTimeString(undefined, { hour12: false })}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}
