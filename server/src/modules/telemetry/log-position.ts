import { AppError } from "#lib/errors";
import { decodePageToken, encodePageToken } from "#lib/paging";

/** A line's place in the order of time, stream and number. It stays when rows are joined. */
export interface LinePosition {
  atMs: number;
  stream: string;
  line: number;
}

const AFTER_ALL_STREAMS = "~"; // Streams are base-32 letters, which sort before it.

/** Just before every line of a millisecond, seen from the newest. */
export function beforeAllOf(atMs: number): LinePosition {
  return { atMs, stream: AFTER_ALL_STREAMS, line: 0 };
}

/** What a line is called: `<time>.<stream>.<number>`. */
export function lineId({ atMs, stream, line }: LinePosition): string {
  return `${atMs}.${stream}.${line}`;
}

/** Negative when `a` comes first in an answer: newest first. */
export function compareNewestFirst(a: LinePosition, b: LinePosition): number {
  if (a.atMs !== b.atMs) return b.atMs - a.atMs;
  if (a.stream !== b.stream) return a.stream > b.stream ? -1 : 1;
  return b.line - a.line;
}

export function encodePosition({ atMs, stream, line }: LinePosition): string {
  return encodePageToken([atMs, stream, line]);
}

/** @throws AppError `invalid` */
export function decodePosition(token: string): LinePosition {
  const [atMs, stream, line] = decodePageToken(token, 3);
  if (typeof atMs !== "number" || typeof stream !== "string" || typeof line !== "number")
    throw new AppError("invalid", "The page token is not one of ours; start again from the first page.", {
      at: "query.pageToken",
    });
  return { atMs: Math.trunc(atMs), stream, line };
}

/** What of a stream lies behind a position: lines of earlier milliseconds, and of the same one those with lower numbers. */
export function limitIn(stream: string, position: LinePosition): { atMs: number; line: number } {
  if (stream === position.stream) return position;
  return { atMs: position.atMs, line: stream < position.stream ? Number.POSITIVE_INFINITY : 0 };
}
