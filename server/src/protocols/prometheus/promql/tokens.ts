import { badData } from "./fault.ts";

export interface Token {
  kind: "name" | "number" | "duration" | "string" | "mark" | "end";
  text: string;
  at: number;
}

const SPACE = /(?:\s+|#[^\n]*)*/y;
const DURATION = /(?:\d+(?:ms|[smhdwy]))+(?![A-Za-z0-9_])/y;
const NUMBER = /(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![A-Za-z0-9_.])/y;
const NAME = /[A-Za-z_:][A-Za-z0-9_:]*/y;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`/y;
const MARK = /=~|!~|!=|==|<=|>=|[-+*/%^<>=(){}[\],@:]/y;
const KINDS: [Token["kind"], RegExp][] = [
  ["duration", DURATION],
  ["number", NUMBER],
  ["name", NAME],
  ["string", STRING],
  ["mark", MARK],
];
const UNIT_MS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
  y: 365 * 86_400_000,
};
const ESCAPES: Record<string, string> = { a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** @throws PromError */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let at = skipSpace(text, 0);
  while (at < text.length) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at = skipSpace(text, at + token.text.length);
  }
  return [...tokens, { kind: "end", text: "", at: text.length }];
}

function tokenAt(text: string, at: number): Token {
  for (const [kind, pattern] of KINDS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) return { kind, text: found[0], at };
  }
  throw badData(
    `invalid parameter "query": ${at + 1}: unexpected ${JSON.stringify(text.slice(at, at + 10))}`,
  );
}

function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  return at + (SPACE.exec(text)?.[0].length ?? 0);
}

/** `1h30m` in milliseconds. */
export function durationMs(text: string): number {
  let sum = 0;
  for (const [, count, unit = ""] of text.matchAll(/(\d+)(ms|[smhdwy])/g))
    sum += Number(count) * (UNIT_MS[unit] ?? 0);
  return sum;
}

/** A quoted text as it is meant. */
export function unquote(text: string): string {
  const inner = text.slice(1, -1);
  if (text.startsWith("`")) return inner;
  return inner.replace(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs,
    (_, ...groups: (string | undefined)[]) => {
      const [hex, short, long, octal, char = ""] = groups;
      const digits = hex ?? short ?? long;
      if (digits !== undefined) return codePoint(Number.parseInt(digits, 16));
      if (octal !== undefined) return codePoint(Number.parseInt(octal, 8));
      if (ESCAPES[char] !== undefined) return ESCAPES[char];
      if (char === "\\" || char === '"' || char === "'") return char;
      throw badData(`invalid parameter "query": the escape \\${char} means nothing`);
    },
  );
}

function codePoint(code: number): string {
  if (code > 0x10ffff) throw badData('invalid parameter "query": an escape is no character');
  return String.fromCodePoint(code);
}
