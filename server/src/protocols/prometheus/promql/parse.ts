import { compileWhole } from "#lib/linear-regex";
import { AGGREGATIONS, FUNCTIONS, REFUSED } from "./catalogue.ts";
import { badData, unsupported } from "./fault.ts";
import type { Binary, Expression, Grouping, Matcher, Matching, Selector } from "./syntax.ts";
import { durationMs, type Token, tokensOf, unquote } from "./tokens.ts";
import { checkTypes, isComparison } from "./types.ts";

const CHARACTERS_MAX = 10_000; // A panel's longest query has some hundred.
const DEPTH_MAX = 100; // The parser and the engine call themselves for each level.
const PRECEDENCE: Record<string, number> = {
  or: 1,
  ...{ and: 2, unless: 2 },
  ...{ "==": 3, "!=": 3, "<": 3, ">": 3, "<=": 3, ">=": 3 },
  ...{ "+": 4, "-": 4 },
  ...{ "*": 5, "/": 5, "%": 5, atan2: 5 },
  "^": 6,
};
const SIGN = 5.5; // -2^2 is -(2^2), and -2*3 is (-2)*3.

interface Reader {
  peek(): Token;
  next(): Token;
  /** Takes a token if it is this one. */
  takes(text: string): boolean;
  must(text: string): void;
}

/** A query as a tree whose parts fit together. @throws PromError that names what is wrong or not supported */
export function parseQuery(text: string): Expression {
  if (text.length > CHARACTERS_MAX) throw badData(`the query is longer than ${CHARACTERS_MAX} characters`);
  const reader = readerOf(text);
  const expression = parseBinary(reader, 0, 0);
  const left = reader.peek();
  if (left.kind !== "end") throw unexpected(left);
  checkTypes(expression);
  return expression;
}

/** A selector alone, as `match[]` holds it. @throws PromError */
export function parseSelector(text: string): Selector {
  const expression = parseQuery(text);
  if (expression.kind !== "selector" || expression.rangeMs !== undefined || expression.offsetMs !== 0)
    throw badData(`invalid parameter "match[]": ${text.slice(0, 200)} is no selector of series`);
  return expression;
}

function readerOf(text: string): Reader {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = (): Token => tokens[at] ?? { kind: "end", text: "", at: text.length };
  const next = (): Token => {
    const token = peek();
    at += 1;
    return token;
  };
  const takes = (wanted: string): boolean => {
    const token = peek();
    const isIt = token.kind !== "string" && token.text.toLowerCase() === wanted;
    if (isIt) at += 1;
    return isIt;
  };
  return {
    peek,
    next,
    takes,
    must: (wanted) => {
      if (!takes(wanted)) throw unexpected(peek(), `, expected "${wanted}"`);
    },
  };
}

function parseBinary(reader: Reader, above: number, depth: number): Expression {
  if (depth > DEPTH_MAX) throw badData("the query's parts stand in one another too deep");
  let left = parseUnary(reader, depth);
  for (;;) {
    const op = operatorOf(reader.peek());
    const precedence = PRECEDENCE[op ?? ""];
    if (op === undefined || precedence === undefined || precedence <= above) return left;
    reader.next();
    const result = reader.takes("bool") ? "bool" : "filter";
    if (result === "bool" && !isComparison(op))
      throw badData("bool modifier can only be used on comparison operators");
    const matching = parseMatching(reader);
    // A power is taken from the right: 2^3^2 is 2^9.
    const right = parseBinary(reader, op === "^" ? precedence - 0.1 : precedence, depth + 1);
    left = { kind: "binary", op, left, right, result, matching };
  }
}

function operatorOf({ kind, text }: Token): Binary["op"] | undefined {
  if (kind !== "mark" && kind !== "name") return undefined;
  const lower = text.toLowerCase();
  return Object.hasOwn(PRECEDENCE, lower) ? (lower as Binary["op"]) : undefined;
}

function parseMatching(reader: Reader): Binary["matching"] {
  const kind = reader.takes("on") ? "on" : reader.takes("ignoring") ? "ignoring" : undefined;
  if (kind === undefined) return { kind: "ignoring", labels: [] };
  const labels = parseLabels(reader);
  const { text } = reader.peek();
  if (/^group_(left|right)$/i.test(text)) throw unsupported(`${text}: many-to-one matching of vectors`);
  return { kind, labels };
}

function parseLabels(reader: Reader): string[] {
  const labels: string[] = [];
  reader.must("(");
  while (!reader.takes(")")) {
    const token = reader.next();
    if (token.kind !== "name" || token.text.includes(":")) throw unexpected(token, ", expected a label");
    labels.push(token.text);
    if (!reader.takes(",") && reader.peek().text !== ")") throw unexpected(reader.peek());
  }
  return labels;
}

function parseUnary(reader: Reader, depth: number): Expression {
  if (reader.takes("-")) return { kind: "negate", of: parseBinary(reader, SIGN, depth + 1) };
  if (reader.takes("+")) return parseBinary(reader, SIGN, depth + 1);
  return parseSuffixes(reader, parseAtom(reader, depth));
}

function parseAtom(reader: Reader, depth: number): Expression {
  const token = reader.peek();
  if (token.kind === "number") return { kind: "number", value: Number(reader.next().text) };
  if (token.kind === "string") throw unsupported("texts as values");
  if (token.text === "{") return parseBraces(reader, undefined);
  if (reader.takes("(")) {
    const inner = parseBinary(reader, 0, depth + 1);
    reader.must(")");
    return inner;
  }
  if (token.kind !== "name") throw unexpected(token);
  reader.next();
  const lower = token.text.toLowerCase();
  const follows = reader.peek().text.toLowerCase();
  if (lower === "nan" || lower === "inf")
    return { kind: "number", value: lower === "nan" ? Number.NaN : Infinity };
  if (Object.hasOwn(AGGREGATIONS, lower) && ["(", "by", "without"].includes(follows))
    return parseAggregate(reader, lower, depth);
  if (follows === "(") return parseCall(reader, token, depth);
  return parseBraces(reader, token.text);
}

function parseAggregate(reader: Reader, op: string, depth: number): Expression {
  const before = parseGrouping(reader);
  const args = parseArguments(reader, depth);
  const grouping = before ?? parseGrouping(reader) ?? { kind: "by", labels: [] };
  const [first, second] = args;
  const wanted = AGGREGATIONS[op] === "parameter" ? 2 : 1;
  if (args.length !== wanted || first === undefined)
    throw badData(
      `wrong number of arguments for aggregate expression ${op}, expected ${wanted}, got ${args.length}`,
    );
  return { kind: "aggregate", op, grouping, parameter: second && first, of: second ?? first };
}

function parseGrouping(reader: Reader): Grouping | undefined {
  if (reader.takes("by")) return { kind: "by", labels: parseLabels(reader) };
  return reader.takes("without") ? { kind: "without", labels: parseLabels(reader) } : undefined;
}

function parseCall(reader: Reader, { text: name, at }: Token, depth: number): Expression {
  if (REFUSED.has(name)) throw unsupported(`function ${name}()`);
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (known === undefined)
    throw badData(`invalid parameter "query": ${at + 1}: unknown function with name "${name}"`);
  const args = parseArguments(reader, depth);
  const least = known.takes.filter((type) => !type.endsWith("?")).length;
  if (args.length < least || args.length > known.takes.length)
    throw badData(`expected ${known.takes.length} argument(s) in call to "${name}", got ${args.length}`);
  return { kind: "call", name, args };
}

function parseArguments(reader: Reader, depth: number): Expression[] {
  const args: Expression[] = [];
  reader.must("(");
  while (!reader.takes(")")) {
    args.push(parseBinary(reader, 0, depth + 1));
    if (!reader.takes(",") && reader.peek().text !== ")") throw unexpected(reader.peek());
  }
  return args;
}

function parseBraces(reader: Reader, name: string | undefined): Selector {
  const matchers: Matcher[] = [];
  if (name !== undefined) matchers.push(matcherOf("__name__", "=", name));
  if (reader.takes("{")) {
    while (!reader.takes("}")) {
      matchers.push(parseMatcher(reader));
      if (!reader.takes(",") && reader.peek().text !== "}") throw unexpected(reader.peek());
    }
  }
  if (matchers.every((matcher) => matcher.holds("")))
    throw badData("vector selector must contain at least one non-empty matcher");
  const named = matchers.find((matcher) => matcher.name === "__name__" && matcher.op === "=")?.value;
  return { kind: "selector", name: named, matchers, rangeMs: undefined, offsetMs: 0 };
}

function parseMatcher(reader: Reader): Matcher {
  const label = reader.next();
  if (label.kind === "string") throw unsupported("quoted names in selectors");
  if (label.kind !== "name") throw unexpected(label, ", expected a label");
  const op = reader.next();
  if (!["=", "!=", "=~", "!~"].includes(op.text)) throw unexpected(op, ", expected one of = != =~ !~");
  const value = reader.next();
  if (value.kind !== "string") throw unexpected(value, ", expected a quoted text");
  return matcherOf(label.text, op.text as Matching, unquote(value.text));
}

/** Patterns hold of whole values, and a label that is not there is an empty one. */
function matcherOf(name: string, op: Matching, value: string): Matcher {
  if (op === "=" || op === "!=")
    return { name, op, value, holds: (given) => (given === value) === (op === "=") };
  try {
    const whole = compileWhole(value, "matches newlines");
    const known = new Map<string, boolean>();
    const holds = (given: string): boolean => {
      const answer = known.get(given) ?? whole(given) === (op === "=~");
      known.set(given, answer);
      return answer;
    };
    return { name, op, value, holds };
  } catch (thrown) {
    if (thrown instanceof SyntaxError) throw badData(thrown.message);
    throw thrown;
  }
}

/** A range and an offset behind a selector. */
function parseSuffixes(reader: Reader, expression: Expression): Expression {
  let of = expression;
  for (;;) {
    if (reader.takes("[")) of = ranged(reader, of);
    else if (reader.takes("offset")) of = moved(reader, of);
    else if (reader.peek().text === "@") throw unsupported("the @ modifier");
    else return of;
  }
}

function ranged(reader: Reader, of: Expression): Expression {
  const rangeMs = lengthMs(reader.next());
  if (reader.peek().text.startsWith(":")) throw unsupported("subqueries such as [5m:1m]");
  reader.must("]");
  if (of.kind !== "selector" || of.rangeMs !== undefined || of.offsetMs !== 0)
    throw badData("ranges only allowed for vector selectors");
  if (rangeMs <= 0) throw badData("duration must be greater than 0");
  return { ...of, rangeMs };
}

function moved(reader: Reader, of: Expression): Expression {
  const sign = reader.takes("-") ? -1 : 1;
  const offsetMs = sign * lengthMs(reader.next());
  if (of.kind !== "selector") throw badData("offset modifier must be preceded by a selector");
  if (of.offsetMs !== 0) throw badData("offset may not be set multiple times");
  return { ...of, offsetMs };
}

function lengthMs(token: Token): number {
  const ms = token.kind === "number" ? Number(token.text) * 1000 : durationMs(token.text);
  if (token.kind !== "duration" && token.kind !== "number") throw unexpected(token, ", expected a duration");
  if (!Number.isSafeInteger(ms)) throw badData("duration out of range");
  return ms;
}

function unexpected({ kind, text, at }: Token, more = ""): Error {
  const what = kind === "end" ? "end of input" : JSON.stringify(text.slice(0, 50));
  return badData(`invalid parameter "query": ${at + 1}: parse error: unexpected ${what}${more}`);
}
