import { AppError } from "./errors.ts";
import { shown, type Token, tokenize } from "./filter-tokens.ts";

export type NumberOperator = "=" | "!=" | ">" | ">=" | "<" | "<=";
export type TextOperator = "=" | "!=" | "LIKE" | "ILIKE";
export type Operator = NumberOperator | TextOperator | "RLIKE" | "IN" | "NOT IN" | "IS NULL" | "IS NOT NULL";

export type FilterValue =
  | { kind: "text"; text: string }
  | { kind: "number"; number: number }
  /** Never empty. */
  | { kind: "list"; texts: readonly string[] }
  /** Of IS NULL and IS NOT NULL. */
  | { kind: "none" }
  /** A word without quotes: nothing takes it, and the message says which kind of value was expected. */
  | { kind: "word" };

/** One comparison of a filter: `metrics.rmse < 0.5`. */
export interface Comparison {
  /** What stands before the first dot, as it was written; empty for a bare key. */
  entity: string;
  key: string;
  operator: Operator;
  value: FilterValue;
  /** The value as it was written, for messages. */
  written: string;
}

/** One part of an order: `metrics.rmse DESC`. */
export interface Order {
  entity: string;
  key: string;
  direction: "ASC" | "DESC";
}

export const NUMBER_OPERATORS = [
  "=",
  "!=",
  ">",
  ">=",
  "<",
  "<=",
] as const satisfies readonly NumberOperator[];
export const TEXT_OPERATORS = ["=", "!=", "LIKE", "ILIKE"] as const satisfies readonly TextOperator[];

const FILTER_CHARS_MAX = 100_000; // A list of 2,000 ids of 32 characters fits well.
const COMPARISONS_MAX = 100; // Each costs a lookup for every row; people write five.
const LIST_MAX = 2000; // Each is a parameter of the query, and databases take 32,766.
const ORDER_CHARS_MAX = 2000; // A key has at most 250 characters.

/**
 * Reads comparisons joined by AND: `` metrics.rmse < 1e-3 and tags.`a b` LIKE 'x%' ``. Values are quoted with `'` or `"`,
 * keys with `` ` `` or `"`; words may be in any case. There is no OR, NOT or bracket. Empty text has no comparisons, and
 * nothing beside an AND is none either: programs join parts that may be empty.
 * @throws AppError `invalid`, in the words that clients of this language know
 */
export function parseFilter(text: string): Comparison[] {
  if (text.length > FILTER_CHARS_MAX) {
    throw invalid(`The filter has ${text.length} characters; at most ${FILTER_CHARS_MAX} are read.`);
  }
  const reader = readerOf(text);
  const comparisons: Comparison[] = [];
  for (;;) {
    while (wordOf(reader.peek()) === "AND") reader.next();
    if (reader.peek() === undefined) return comparisons;
    comparisons.push(comparisonFrom(reader));
    if (comparisons.length > COMPARISONS_MAX) {
      throw invalid(`The filter has more than ${COMPARISONS_MAX} comparisons; ask for less at once.`);
    }
    const and = reader.next();
    if (and !== undefined && wordOf(and) !== "AND") throw reader.invalidClause(and);
  }
}

/** Reads one part of an order: a key, and ASC or DESC in any case; ASC when nothing is said. @throws AppError `invalid` */
export function parseOrder(text: string): Order {
  const tokens = text.length > ORDER_CHARS_MAX ? [] : tokenize(text);
  const [name, direction] = tokens;
  if (name?.kind !== "name" || tokens.length > 2) {
    throw invalid(`Invalid order_by clause '${shown(text)}'. Could not be parsed.`, "order_by");
  }
  const word = direction === undefined ? "ASC" : wordOf(direction);
  if (word !== "ASC" && word !== "DESC") {
    throw invalid(`Invalid ordering key in order_by clause '${shown(text)}'.`, "order_by");
  }
  return { ...keyOf(name), direction: word };
}

/** The operator, which must be one of those that the compared thing knows. @throws AppError `invalid` */
export function requireOperator<T extends Operator>(comparison: Comparison, known: readonly T[]): T {
  const found = known.find((operator) => operator === comparison.operator);
  if (found !== undefined) return found;
  throw invalid(`Invalid comparator '${comparison.operator}' not one of '${known.join(", ")}'`);
}

/** The value, which must be text. `kind` is the compared thing's word: `tag`. @throws AppError `invalid` */
export function requireText({ value, written }: Comparison, kind: string): string {
  if (value.kind === "text") return value.text;
  if (value.kind === "word") {
    throw invalid(
      "Parameter value is either not quoted or unidentified quote types used for string value " +
        `${shown(written)}. Use either single or double quotes.`,
    );
  }
  throw invalid(`Expected a quoted string value for ${kind} (e.g. 'my-value'). Got value ${shown(written)}`);
}

/** The value, which must be a number. @throws AppError `invalid` */
export function requireNumber({ value, written }: Comparison, kind: string): number {
  if (value.kind === "number") return value.number;
  throw invalid(`Expected numeric value type for ${kind}. Found ${shown(written)}`);
}

/** The values of IN and NOT IN. @throws AppError `invalid` */
export function requireList({ value, written }: Comparison, kind: string): readonly string[] {
  if (value.kind === "list") return value.texts;
  throw invalid(`Expected a list of quoted string values for ${kind}. Got value ${shown(written)}`);
}

interface Reader {
  peek(): Token | undefined;
  next(): Token | undefined;
  written(token: Token): string;
  /** The text from a token to the one read last. */
  since(token: Token): string;
  /** Names the tokens from this one to the one read last. */
  invalidClause(from: Token | undefined): AppError;
}

function readerOf(text: string): Reader {
  const tokens = tokenize(text);
  let at = 0;
  const written = (token: Token) => text.slice(token.start, token.end);
  return {
    peek: () => tokens[at],
    next: () => (at < tokens.length ? tokens[at++] : undefined),
    written,
    since: (token) => text.slice(token.start, (tokens[at - 1] ?? token).end),
    invalidClause: (from) => {
      const wrong =
        from === undefined ? [] : tokens.slice(0, at).filter((token) => token.start >= from.start);
      const clauses = from?.kind === "mark" ? [text.slice(from.start)] : wrong.map(written);
      return invalid(`Invalid clause(s) in filter string: ${shown(clauses.map((c) => `'${c}'`).join(", "))}`);
    },
  };
}

function comparisonFrom(reader: Reader): Comparison {
  const left = reader.next();
  if (left?.kind === "number" || left?.kind === "text") {
    const found = shown(reader.written(left));
    throw invalid(`Invalid comparison clause. Expected 'Identifier' found '${found}'`);
  }
  if (left?.kind !== "name") throw reader.invalidClause(left);
  const operator = operatorFrom(reader, left);
  if (operator === "IS NULL" || operator === "IS NOT NULL")
    return { ...keyOf(left), operator, value: { kind: "none" }, written: "" };
  const right = reader.next();
  if (right === undefined) throw reader.invalidClause(left);
  if (operator === "IN" || operator === "NOT IN") {
    if (right.kind !== "mark" || right.mark !== "(") throw reader.invalidClause(left);
  }
  const value = valueFrom(reader, right);
  return { ...keyOf(left), operator, value, written: reader.since(right) };
}

function operatorFrom(reader: Reader, left: Token): Operator {
  const token = reader.next();
  if (token?.kind === "operator") return numberOperator(token.operator);
  const first = token && wordOf(token);
  if (first === undefined || !["LIKE", "ILIKE", "RLIKE", "IN", "NOT", "IS"].includes(first)) {
    throw reader.invalidClause(left);
  }
  if (first === "LIKE" || first === "ILIKE" || first === "RLIKE" || first === "IN") return first;
  const second = wordOf(reader.next());
  if (first === "NOT" && second === "IN") return "NOT IN";
  if (first === "NOT" && second?.endsWith("LIKE")) throw invalid(`Invalid comparator 'NOT ${second}'`);
  if (first === "IS" && second === "NULL") return "IS NULL";
  if (first === "IS" && second === "NOT" && wordOf(reader.next()) === "NULL") return "IS NOT NULL";
  throw reader.invalidClause(left);
}

function numberOperator(given: string): NumberOperator {
  const found = NUMBER_OPERATORS.find((operator) => operator === given);
  if (found !== undefined) return found;
  throw invalid(`Invalid comparator '${shown(given)}' not one of '${NUMBER_OPERATORS.join(", ")}'`);
}

function valueFrom(reader: Reader, token: Token): FilterValue {
  if (token.kind === "text") return { kind: "text", text: token.text };
  if (token.kind === "number") return { kind: "number", number: token.number };
  if (token.kind === "mark" && token.mark === "(") return { kind: "list", texts: listFrom(reader) };
  if (token.kind !== "name") throw reader.invalidClause(token);
  const text = textIn(token);
  return text === undefined ? { kind: "word" } : { kind: "text", text };
}

/** What follows an opening bracket, to the closing one. */
function listFrom(reader: Reader): string[] {
  const texts: string[] = [];
  for (let token = reader.next(); ; token = reader.next()) {
    if (token?.kind === "mark" && token.mark === ")" && texts.length === 0) {
      throw invalidList("a non-empty list of string values, but got empty list");
    }
    if (token?.kind === "number") {
      const found = `different type in list: ${reader.written(token)}`;
      throw invalidList(`string value, punctuation, or whitespace, but got ${found}`);
    }
    const text = token && textIn(token);
    if (text === undefined) throw invalidList("a non-empty list of string values, but got ill-formed list");
    if (texts.length === LIST_MAX) throw invalidList(`at most ${LIST_MAX} values`);
    texts.push(text);
    const mark = reader.next();
    if (mark?.kind === "mark" && mark.mark === ")") return texts;
    if (mark?.kind !== "mark" || mark.mark !== ",") {
      throw invalidList("a non-empty list of string values, but got ill-formed list");
    }
    const end = reader.peek();
    if (end?.kind === "mark" && end.mark === ")") {
      reader.next();
      return texts;
    }
  }
}

function textIn(token: Token): string | undefined {
  if (token.kind === "text") return token.text;
  if (token.kind !== "name") return undefined;
  const [only, more] = token.segments;
  return only?.quote === '"' && more === undefined ? only.text : undefined;
}

/** The word that a token is, in capitals; names with dots or quotes are none. */
function wordOf(token: Token | undefined): string | undefined {
  if (token?.kind !== "name") return undefined;
  const [only, more] = token.segments;
  return only?.quote === "" && more === undefined ? only.text.toUpperCase() : undefined;
}

function keyOf(name: Token & { kind: "name" }): { entity: string; key: string } {
  const texts = name.segments.map((segment) => segment.text);
  if (texts.length === 1) return { entity: "", key: texts.join("") };
  const [entity = "", ...key] = texts;
  return { entity, key: key.join(".") };
}

function invalidList(what: string): AppError {
  return invalid(`While parsing a list in the query, expected ${what}`);
}

function invalid(message: string, at = "filter"): AppError {
  return new AppError("invalid", message, { at });
}
