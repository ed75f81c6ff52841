import type { LogEntry } from "./door.ts";
import { type PreparedLine, textOf } from "./log-block.ts";
import { isLabelName } from "./log-filter.ts";

const LABELS_MAX = 16; // More, and labels stop being few values known beforehand.
const LABEL_CHARACTERS_MAX = 256;
const TEXT_CHARACTERS_MAX = 64 * 1024; // A line is read by people; what is larger is a file and belongs to artifacts.
const MESSAGE_CHARACTERS_MAX = 32 * 1024;
const AHEAD_MS = 10 * 60 * 1000; // Clocks of other machines may be ahead; lines from further on would never grow old.
const NO_LABELS = "{}";

/** Makes a line ready for storing: bounded, and never refused. */
export function prepare(entry: LogEntry, nowMs: number): PreparedLine {
  const { labelsText, left } = splitLabels(entry.labels);
  const fields = left === undefined ? (entry.fields ?? {}) : { ...left, ...entry.fields };
  return {
    atMs: boundedTime(entry.atMs, nowMs),
    level: entry.level,
    labelsText,
    text: boundedText(entry.message, fields),
  };
}

function boundedTime(atMs: number | undefined, nowMs: number): number {
  if (atMs === undefined || !Number.isFinite(atMs) || atMs < 0) return nowMs;
  return Math.min(Math.trunc(atMs), nowMs + AHEAD_MS);
}

/** Labels in the order of their names; what cannot be a label stays with the line as a field. */
function splitLabels(labels: LogEntry["labels"]): { labelsText: string; left?: Record<string, string> } {
  if (labels === undefined) return { labelsText: NO_LABELS };
  const kept: [string, string][] = [];
  let left: Record<string, string> | undefined;
  for (const name of Object.keys(labels).sort()) {
    const value = String(labels[name]);
    const fits = isLabelName(name) && name !== "level" && name !== "project" && value !== "";
    if (fits && kept.length < LABELS_MAX && value.length <= LABEL_CHARACTERS_MAX) kept.push([name, value]);
    else left = { ...left, [name]: value };
  }
  const labelsText = JSON.stringify(Object.fromEntries(kept));
  return left === undefined ? { labelsText } : { labelsText, left };
}

function boundedText(message: string, fields: Readonly<Record<string, unknown>>): string {
  const text = textOf(message, fields);
  if (text.length <= TEXT_CHARACTERS_MAX) return text;
  const said = message.slice(0, MESSAGE_CHARACTERS_MAX);
  const kept: Record<string, unknown> = { cut: `[${text.length} characters; the rest was cut]` };
  // Escapes take up to six characters for one, so the message's own text may need another cut.
  const room = TEXT_CHARACTERS_MAX - JSON.stringify(said).length - JSON.stringify(kept).length;
  return room < 0
    ? textOf(said.slice(0, MESSAGE_CHARACTERS_MAX / 6), kept)
    : textOf(said, fill(kept, fields, room));
}

function fill(
  kept: Record<string, unknown>,
  fields: Readonly<Record<string, unknown>>,
  room: number,
): Record<string, unknown> {
  let left = room;
  for (const [name, value] of Object.entries(fields)) {
    left -= JSON.stringify({ [name]: value }).length;
    if (left < 0) break;
    kept[name] = value;
  }
  return kept;
}
