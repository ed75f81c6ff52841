import type { LogLevel } from "@atrium/contract/telemetry";
import { type BlockHead, LEVELS, readText } from "./log-block.ts";
import type { LabelCondition } from "./log-filter.ts";
import { isSpan, type SpanConditions } from "./span-match.ts";

/** Which lines of one block are asked for. Numbers of lines are those of the stream, beginning with the block's own first. */
export interface Wanted {
  fromMs: number;
  /** Exclusive. */
  toMs: number;
  /** Lines before this place in the order of time and number: where the page before ended. */
  before?: { atMs: number; line: number };
  /** Of a block that has grown since it was looked up, only these lines: first inclusive, last exclusive. */
  lines: { from: number; to: number };
  labels: readonly LabelCondition[];
  /** As `parseWords` makes them. */
  words: readonly string[];
  span?: SpanConditions;
}

/** A block opened far enough for the question: the body is needed for lines and words only. */
export interface Opened {
  firstLine: number;
  fromMs: number;
  head: BlockHead;
  body?: string;
}

export interface FoundLine {
  atMs: number;
  line: number;
  level: LogLevel;
  labels: Record<string, string>;
  message: string;
  fields: Record<string, unknown>;
}

/** Places in the block of the lines that match by time, level and labels, oldest number first. */
export function matchHead({ head, firstLine, fromMs }: Opened, wanted: Wanted): number[] {
  const levels = wanted.labels.filter(({ name }) => name === "level");
  const others = wanted.labels.filter(({ name }) => name !== "level");
  const goodLevels = LEVELS.map((level) => levels.every(({ values }) => values.includes(level)));
  const goodSets = head.labels.map((labels) =>
    others.every(({ name, values }) => values.includes(labels[name] ?? "")),
  );
  if (!goodSets.includes(true) || !goodLevels.includes(true)) return [];
  const begin = Math.max(0, wanted.lines.from - firstLine);
  const end = Math.min(head.times.length, wanted.lines.to - firstLine);
  const { before } = wanted;
  const found: number[] = [];
  for (let i = begin; i < end; i += 1) {
    const atMs = fromMs + (head.times[i] ?? 0);
    if (atMs < wanted.fromMs || atMs >= wanted.toMs) continue;
    if (!goodSets[head.sets[i] ?? 0] || !goodLevels[head.levels.charCodeAt(i) - 48]) continue;
    if (
      before !== undefined &&
      (atMs > before.atMs || (atMs === before.atMs && firstLine + i >= before.line))
    )
      continue;
    found.push(i);
  }
  return found;
}

/** The newest matching lines, newest first, at most `limit`. */
export function findLines(block: Opened & { body: string }, wanted: Wanted, limit: number): FoundLine[] {
  const { head, firstLine, fromMs } = block;
  const timeOf = (place: number): number => head.times[place] ?? 0;
  const places = matchHead(block, wanted).sort((a, b) => timeOf(b) - timeOf(a) || b - a);
  const texts = textsWith(block.body, wanted.words);
  if (texts === undefined) return [];
  const found: FoundLine[] = [];
  for (const place of places) {
    const text = texts[place] ?? '""';
    if (!hasWords(text, wanted.words)) continue;
    const read = readText(text);
    if (wanted.span !== undefined && !isSpan(read, wanted.span)) continue;
    found.push({
      atMs: fromMs + timeOf(place),
      line: firstLine + place,
      level: LEVELS[head.levels.charCodeAt(place) - 48] ?? "info",
      labels: head.labels[head.sets[place] ?? 0] ?? {},
      ...read,
    });
    if (found.length === limit) break;
  }
  return found;
}

/** How many matching lines fall into each bucket, by level: `counts[bucket * 4 + level]`. */
export function countLines(
  block: Opened,
  wanted: Wanted,
  into: { fromMs: number; stepMs: number; buckets: number },
): number[] {
  const counts: number[] = Array(into.buckets * LEVELS.length).fill(0);
  const texts = wanted.words.length === 0 ? [] : textsWith(block.body ?? "", wanted.words);
  if (texts === undefined) return counts;
  for (const place of matchHead(block, wanted)) {
    if (wanted.words.length > 0 && !hasWords(texts[place] ?? "", wanted.words)) continue;
    const atMs = block.fromMs + (block.head.times[place] ?? 0);
    const bucket = Math.floor((atMs - into.fromMs) / into.stepMs);
    const slot = bucket * LEVELS.length + (block.head.levels.charCodeAt(place) - 48);
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  return counts;
}

/** The values that a label has among the matching lines. */
export function labelValues(block: Opened, wanted: Wanted, label: string): string[] {
  const values = new Set<string>();
  const texts = wanted.words.length === 0 ? [] : textsWith(block.body ?? "", wanted.words);
  if (texts === undefined) return [];
  for (const place of matchHead(block, wanted)) {
    if (wanted.words.length > 0 && !hasWords(texts[place] ?? "", wanted.words)) continue;
    const value =
      label === "level"
        ? LEVELS[block.head.levels.charCodeAt(place) - 48]
        : block.head.labels[block.head.sets[place] ?? 0]?.[label];
    if (value !== undefined) values.add(value);
  }
  return [...values];
}

/** The block's texts, or nothing when some word is nowhere in it: one look at the whole spares a look at each line. */
function textsWith(body: string, words: readonly string[]): string[] | undefined {
  if (words.length > 0 && !hasWords(body, words)) return undefined;
  return body.split("\n");
}

function hasWords(text: string, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}
