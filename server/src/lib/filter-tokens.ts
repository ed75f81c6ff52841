import { AppError } from "./errors.ts";

/** A name as it stands in a filter, cut at its dots: `` params."a b" `` has the segments `params` and `a b`. */
export interface Segment {
  text: string;
  quote: "" | '"' | "`";
}

/** One token; `start` and `end` say where in the text it stands, for messages. */
export type Token = { start: number; end: number } & (
  | { kind: "name"; segments: Segment[] }
  | { kind: "text"; text: string }
  | { kind: "number"; number: number }
  | { kind: "operator"; operator: string }
  | { kind: "mark"; mark: "(" | ")" | "," }
  | { kind: "unknown" }
);

// Each matches one kind of character over and over, so every token costs time in proportion to its length.
const SPACE = /\s+/y;
const WORD = /[\p{L}\p{N}\p{M}_]+/uy;
const NUMBER = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_.])/uy;
const OPERATOR = /[<>=!~]+/y;
const SHOWN_MAX = 200; // Of a caller's text in a message.

/**
 * Cuts a filter or an order into tokens, in time linear in its length. Whatever fits no kind becomes an `unknown` token
 * that reaches to the end. @throws AppError `invalid` for text that no database can hold
 */
export function tokenize(text: string): Token[] {
  if (text.includes("\0") || !text.isWellFormed()) {
    throw new AppError("invalid", "The text has a character that is not Unicode, or NUL; take it out.");
  }
  const tokens: Token[] = [];
  let at = endOf(SPACE, text, 0);
  while (at < text.length) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at = endOf(SPACE, text, token.end);
  }
  return tokens;
}

/** Text of a caller, cut for a message. */
export function shown(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX).toWellFormed()}…` : text;
}

function tokenAt(text: string, start: number): Token {
  const first = text[start] ?? "";
  if (first === "(" || first === ")" || first === ",")
    return { kind: "mark", mark: first, start, end: start + 1 };
  if (first === "'") {
    const quoted = quotedAt(text, start, first);
    return quoted ? { kind: "text", start, ...quoted } : { kind: "unknown", start, end: text.length };
  }
  const operatorEnd = endOf(OPERATOR, text, start);
  if (operatorEnd > start)
    return { kind: "operator", operator: text.slice(start, operatorEnd), start, end: operatorEnd };
  const numberEnd = endOf(NUMBER, text, start);
  if (numberEnd > start)
    return { kind: "number", number: Number(text.slice(start, numberEnd)), start, end: numberEnd };
  return nameAt(text, start) ?? { kind: "unknown", start, end: text.length };
}

function nameAt(text: string, start: number): Token | undefined {
  const segments: Segment[] = [];
  let at = start;
  for (;;) {
    const segment = segmentAt(text, at);
    if (segment === undefined) return undefined;
    segments.push({ text: segment.text, quote: segment.quote });
    at = segment.end;
    if (text[at] !== ".") return { kind: "name", segments, start, end: at };
    at += 1;
  }
}

function segmentAt(text: string, start: number): (Segment & { end: number }) | undefined {
  const quote = text[start];
  if (quote === '"' || quote === "`") {
    const quoted = quotedAt(text, start, quote);
    return quoted && { ...quoted, quote };
  }
  const end = endOf(WORD, text, start);
  return end === start ? undefined : { text: text.slice(start, end), quote: "", end };
}

/**
 * Reads what stands between quotes. A quote inside is written twice, or in a value with a backslash before it; a backslash
 * before anything else is itself, and so is one before the last quote of all: `'C:\models\'` is a path.
 */
function quotedAt(text: string, start: number, quote: string): { text: string; end: number } | undefined {
  let value = "";
  let from = start + 1;
  for (;;) {
    const found = text.indexOf(quote, from);
    if (found < 0) return undefined;
    const escaped =
      quote !== "`" && found > from && text[found - 1] === "\\" && text.includes(quote, found + 1);
    const doubled = text[found + 1] === quote;
    if (!escaped && !doubled) return { text: value + text.slice(from, found), end: found + 1 };
    value += text.slice(from, escaped ? found - 1 : found) + quote;
    from = found + (escaped ? 1 : 2);
  }
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
