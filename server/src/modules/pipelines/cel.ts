import { AppError } from "#lib/errors";
import type { Json } from "./plan.ts";

/**
 * The part of the Common Expression Language that pipelines are compiled to: comparisons of inputs, joined by `&&`, `||`
 * and `!`, and the choice of a key in a JSON text.
 * @remarks Language: github.com/google/cel-spec; `parseJson` is an addition of Kubeflow Pipelines.
 */
export type Expression =
  | { kind: "literal"; value: Json }
  | { kind: "name"; name: string }
  | { kind: "member"; of: Expression; key: Expression }
  | { kind: "call"; name: FunctionName; argument: Expression }
  | { kind: "not"; of: Expression }
  | { kind: "logic"; operator: "&&" | "||"; left: Expression; right: Expression }
  | { kind: "compare"; operator: Operator; left: Expression; right: Expression };

type Operator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in";

const FUNCTIONS = {
  int: toInteger,
  double: toDouble,
  string: (value: Json) => (typeof value === "string" ? value : JSON.stringify(value)),
  bool: toBoolean,
  size: toSize,
  parseJson: fromJson,
} satisfies Record<string, (value: Json) => Json>;
type FunctionName = keyof typeof FUNCTIONS;

const CHARS_MAX = 10_000; // The SDK writes some 100 characters a comparison; a chain of 50 branches is half of this.
const DEPTH_MAX = 100; // Parentheses and negations in each other; each costs a few frames of the stack.
const OPERATORS = ["==", "!=", "<=", ">=", "<", ">", "in"];

const TOKEN =
  /\s*(?:(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?<word>[A-Za-z_][A-Za-z0-9_]*)|(?<sign>&&|\|\||[=!<>]=|[!<>()[\].]))/y;

interface Token {
  kind: "number" | "text" | "word" | "sign" | "end";
  text: string;
  at: number;
}

/** @throws AppError `invalid` naming the character at which it is no longer understood */
export function parseExpression(text: string): Expression {
  if (text.length > CHARS_MAX) throw refused(`is longer than ${CHARS_MAX} characters`);
  const tokens = tokenize(text);
  let position = 0;
  let depth = 0;
  const whole = either();
  if (peek().kind !== "end") throw unexpected();
  return whole;

  function either(): Expression {
    let left = both();
    while (takes("||")) left = { kind: "logic", operator: "||", left, right: both() };
    return left;
  }

  function both(): Expression {
    let left = comparison();
    while (takes("&&")) left = { kind: "logic", operator: "&&", left, right: comparison() };
    return left;
  }

  function comparison(): Expression {
    const left = unary();
    const operator = OPERATORS.find(takes) as Operator | undefined;
    return operator === undefined ? left : { kind: "compare", operator, left, right: unary() };
  }

  function unary(): Expression {
    depth += 1;
    if (depth > DEPTH_MAX) throw refused(`nests deeper than ${DEPTH_MAX}`);
    const made: Expression = takes("!") ? { kind: "not", of: unary() } : postfix();
    depth -= 1;
    return made;
  }

  function postfix(): Expression {
    let made = primary();
    for (;;) {
      if (takes("[")) {
        made = { kind: "member", of: made, key: either() };
        expect("]");
      } else if (takes(".")) {
        made = { kind: "member", of: made, key: { kind: "literal", value: word() } };
      } else return made;
    }
  }

  function primary(): Expression {
    const token = peek();
    if (takes("(")) {
      const inner = either();
      expect(")");
      return inner;
    }
    position += 1;
    if (token.kind === "number") return { kind: "literal", value: Number(token.text) };
    if (token.kind === "text") return { kind: "literal", value: unquoted(token.text) };
    if (token.kind !== "word") {
      position -= 1;
      throw unexpected();
    }
    const constant = CONSTANTS.get(token.text);
    if (constant !== undefined) return { kind: "literal", value: constant };
    if (token.text === "null") return { kind: "literal", value: null };
    if (!takes("(")) return { kind: "name", name: token.text };
    if (!isFunction(token.text)) throw refused(`calls ${token.text}, which does not exist here`);
    const argument = either();
    expect(")");
    return { kind: "call", name: token.text, argument };
  }

  function peek(): Token {
    return tokens[position] ?? { kind: "end", text: "", at: text.length };
  }
  function takes(sign: string): boolean {
    const { kind, text: found } = peek();
    if (found !== sign || (kind !== "sign" && !(kind === "word" && sign === "in"))) return false;
    position += 1;
    return true;
  }
  function word(): string {
    const token = peek();
    if (token.kind !== "word") throw unexpected();
    position += 1;
    return token.text;
  }
  function expect(sign: string): void {
    if (!takes(sign)) throw unexpected();
  }
  function unexpected(): AppError {
    const { kind, text: found, at } = peek();
    return refused(kind === "end" ? "ends too early" : `is not understood at character ${at + 1}: ${found}`);
  }
}

/** @throws AppError `invalid` when a name is missing or types do not go together */
export function evaluate(expression: Expression, names: Readonly<Record<string, Json>>): Json {
  switch (expression.kind) {
    case "literal":
      return expression.value;
    case "name":
      return memberOf(names, expression.name);
    case "member":
      return memberOf(evaluate(expression.of, names), evaluate(expression.key, names));
    case "call":
      return FUNCTIONS[expression.name](evaluate(expression.argument, names));
    case "not":
      return !truth(evaluate(expression.of, names));
    case "logic": {
      const left = truth(evaluate(expression.left, names));
      if (left === (expression.operator === "||")) return left;
      return truth(evaluate(expression.right, names));
    }
    case "compare":
      return compare(
        expression.operator,
        evaluate(expression.left, names),
        evaluate(expression.right, names),
      );
  }
}

/** A condition's answer. @throws AppError `invalid` also when it is neither true nor false */
export function holds(expression: Expression, parameters: Readonly<Record<string, Json>>): boolean {
  return truth(evaluate(expression, { inputs: { parameter_values: { ...parameters } } }));
}

const CONSTANTS = new Map([
  ["true", true],
  ["false", false],
]);

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    const found = Object.entries(groups ?? {}).find(([, part]) => part !== undefined);
    if (found === undefined)
      throw refused(`is not understood at character ${at + 1}: ${text.slice(at, at + 20)}`);
    tokens.push({ kind: found[0] as Token["kind"], text: found[1], at });
  }
  return tokens;
}

const ESCAPES = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
]);

function unquoted(text: string): string {
  return text
    .slice(1, -1)
    .replaceAll(/\\(u[0-9a-fA-F]{4}|.)/gs, (_, code: string) =>
      code.length === 5
        ? String.fromCharCode(Number.parseInt(code.slice(1), 16))
        : (ESCAPES.get(code) ?? code),
    );
}

function memberOf(of: Json | Readonly<Record<string, Json>>, key: Json): Json {
  if (Array.isArray(of) && typeof key === "number") {
    const item = of[key];
    if (item !== undefined) return item;
  } else if (typeof of === "object" && of !== null && typeof key === "string" && Object.hasOwn(of, key)) {
    return (of as Record<string, Json>)[key] ?? null;
  }
  throw refused(`asks for ${JSON.stringify(key)}, which is not there`);
}

function compare(operator: Operator, left: Json, right: Json): boolean {
  switch (operator) {
    case "==":
      return equal(left, right);
    case "!=":
      return !equal(left, right);
    case "in":
      if (Array.isArray(right)) return right.some((item) => equal(item, left));
      if (typeof right === "object" && right !== null) return Object.hasOwn(right, String(left));
      throw refused("looks into something that is neither a list nor an object");
    default:
      return ordered(operator, left, right);
  }
}

function ordered(operator: "<" | "<=" | ">" | ">=", left: Json, right: Json): boolean {
  const comparable = typeof left === typeof right && (typeof left === "number" || typeof left === "string");
  if (!comparable || left === null || right === null)
    throw refused(`cannot order ${JSON.stringify(left)} and ${JSON.stringify(right)}`);
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  return operator === ">" ? left > right : left >= right;
}

function equal(left: Json, right: Json): boolean {
  return left === right || (typeof left === "object" && JSON.stringify(left) === JSON.stringify(right));
}

function truth(value: Json): boolean {
  if (typeof value !== "boolean") throw refused(`is neither true nor false but ${JSON.stringify(value)}`);
  return value;
}

function toInteger(value: Json): number {
  return Math.trunc(toDouble(value));
}
function toDouble(value: Json): number {
  const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
  if (typeof value === "object" || Number.isNaN(number))
    throw refused(`reads ${JSON.stringify(value)} as a number`);
  return number;
}
function toBoolean(value: Json): boolean {
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "True" || value === "1") return true;
  if (value === "false" || value === "False" || value === "0") return false;
  throw refused(`reads ${JSON.stringify(value)} as a truth value`);
}
function toSize(value: Json): number {
  if (typeof value === "string" || Array.isArray(value)) return value.length;
  if (typeof value === "object" && value !== null) return Object.keys(value).length;
  throw refused(`asks for the size of ${JSON.stringify(value)}`);
}
function fromJson(value: Json): Json {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as Json;
  } catch (cause) {
    throw new AppError("invalid", "The expression reads a text as JSON that is none.", { cause });
  }
}

function isFunction(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name);
}

function refused(what: string): AppError {
  return new AppError("invalid", `The expression ${what}.`);
}
