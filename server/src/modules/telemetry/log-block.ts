import type { LogLevel } from "@atrium/contract/telemetry";

/** In the order of the digits that stand for them. The contract's own list would bring zod into the scanning thread. */
export const LEVELS = ["debug", "info", "warn", "error"] as const satisfies readonly LogLevel[];

/** A line as it waits for storing: its text is made, its labels are one text by which equal sets are found. */
export interface PreparedLine {
  atMs: number;
  level: LogLevel;
  labelsText: string;
  /** `"message"`, or `"message"<tab>{fields}`: JSON holds no raw tab and no raw line feed. */
  text: string;
}

/** What is known of a run of lines without their texts; one entry a line in `times`, `levels` and `sets`. */
export interface BlockHead {
  /** Distinct label sets; lines name theirs by its place. */
  labels: Record<string, string>[];
  /** Milliseconds after the block's earliest line. */
  times: number[];
  /** A digit a line: the place in `LEVELS`. */
  levels: string;
  sets: number[];
}

export interface Block {
  fromMs: number;
  toMs: number;
  head: BlockHead;
  /** Texts of the lines, one a line. */
  body: string;
}

export function textOf(message: string, fields: Readonly<Record<string, unknown>>): string {
  const said = JSON.stringify(message);
  const more = JSON.stringify(fields);
  return more === "{}" ? said : `${said}\t${more}`;
}

export function readText(text: string): { message: string; fields: Record<string, unknown> } {
  const tab = text.indexOf("\t");
  if (tab < 0) return { message: JSON.parse(text) as string, fields: {} };
  return {
    message: JSON.parse(text.slice(0, tab)) as string,
    fields: JSON.parse(text.slice(tab + 1)) as Record<string, unknown>,
  };
}

export function makeBlock(lines: readonly PreparedLine[]): Block {
  const places = new Map<string, number>();
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = Number.NEGATIVE_INFINITY;
  for (const { atMs } of lines) {
    if (atMs < fromMs) fromMs = atMs;
    if (atMs > toMs) toMs = atMs;
  }
  const head: BlockHead = { labels: [], times: [], levels: "", sets: [] };
  for (const line of lines) {
    let place = places.get(line.labelsText);
    if (place === undefined) {
      place = head.labels.length;
      places.set(line.labelsText, place);
      head.labels.push(JSON.parse(line.labelsText) as Record<string, string>);
    }
    head.times.push(line.atMs - fromMs);
    head.levels += LEVELS.indexOf(line.level);
    head.sets.push(place);
  }
  return { fromMs, toMs, head, body: lines.map((line) => line.text).join("\n") };
}

/** Blocks that follow each other in one stream as one; every line keeps its number. */
export function joinBlocks(blocks: readonly Block[]): Block {
  const fromMs = Math.min(...blocks.map((block) => block.fromMs));
  const places = new Map<string, number>();
  const head: BlockHead = { labels: [], times: [], levels: "", sets: [] };
  for (const block of blocks) {
    const moved = block.head.labels.map((labels) => {
      const key = JSON.stringify(labels);
      const place = places.get(key) ?? places.size;
      if (place === places.size) head.labels.push(labels);
      places.set(key, place);
      return place;
    });
    const later = block.fromMs - fromMs;
    for (const time of block.head.times) head.times.push(time + later);
    for (const set of block.head.sets) head.sets.push(moved[set] ?? 0);
    head.levels += block.head.levels;
  }
  const toMs = Math.max(...blocks.map((block) => block.toMs));
  return { fromMs, toMs, head, body: blocks.map((block) => block.body).join("\n") };
}

export function countLevels(levels: string): [debug: number, info: number, warn: number, error: number] {
  const counts: [number, number, number, number] = [0, 0, 0, 0];
  for (let i = 0; i < levels.length; i += 1) {
    const place = levels.charCodeAt(i) - 48; // The digit's value.
    if (place === 0) counts[0] += 1;
    else if (place === 1) counts[1] += 1;
    else if (place === 2) counts[2] += 1;
    else counts[3] += 1;
  }
  return counts;
}
