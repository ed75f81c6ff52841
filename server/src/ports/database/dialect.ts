import { AppError } from "#lib/errors";
import type { Engine } from "./database.ts";

/**
 * The small language of `server/migrations`: the SQL that both engines share, with four types of our own.
 * `bigint` is a whole number up to 2^53, `double` a float, `bytes` a byte string, `text` compares byte by byte;
 * `bigint identity primary key` counts by itself. Everything else is refused, because a word that one engine
 * reads differently would show only in production.
 */
export interface Translation {
  /** One statement each, in order. */
  statements: string[];
  /** Columns that may hold null, as `table.column`; where nulls sort is the engines' oldest disagreement. */
  nullable: string[];
}

const TYPES: Record<string, Record<Engine, string>> = {
  bigint: { sqlite: "integer", postgres: "bigint" },
  double: { sqlite: "real", postgres: "double precision" },
  bytes: { sqlite: "blob", postgres: "bytea" },
  // Databases are made in many locales; ours sort by bytes, as SQLite does.
  text: { sqlite: "text", postgres: 'text collate "C"' },
};

const CONSTRAINT_WORDS = words(
  "not null primary foreign key unique identity default references on delete cascade restrict check",
);
const TABLE_CONSTRAINTS = words("primary unique check foreign");
const EXPRESSION_WORDS = words("and or not in is null between like");
const FUNCTIONS = words("length lower upper abs coalesce");
const DATA_WORDS = words("insert update delete");
const BEFORE_PARENTHESIS = words("in values and or not where when then else key unique check set");

interface Token {
  kind: "space" | "text" | "word" | "number" | "mark";
  text: string;
}

/** @throws AppError `internal` naming the statement and the word that the language does not have */
export function translate(text: string, engine: Engine): Translation {
  const nullable = new Set<string>();
  const statements = split(tokensOf(text)).map((tokens) => {
    const statement = new Statement(tokens, engine, nullable);
    statement.translate();
    return statement.text();
  });
  return { statements, nullable: [...nullable].sort() };
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}

function tokensOf(text: string): Token[] {
  const pattern = /(\s+|--[^\n]*)|('(?:[^']|'')*')|([A-Za-z_]\w*)|(\d+(?:\.\d+)?)|([(),;]|[<>=!]+|[-+*/])/gy;
  const kinds = ["space", "text", "word", "number", "mark"] as const;
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const kind = kinds[match.slice(1).findIndex((group) => group !== undefined)] ?? "mark";
    tokens.push({ kind, text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < text.length) throw refusal(text.slice(Math.max(0, end - 40), end), text.slice(end, end + 1));
  return tokens;
}

function split(tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = [[]];
  for (const token of tokens) {
    if (token.text === ";") statements.push([]);
    else statements.at(-1)?.push({ ...token });
  }
  return statements.filter((statement) => statement.some(({ kind }) => kind !== "space"));
}

/** One statement on its way from our words to an engine's; tokens are changed in place, so the layout stays. */
class Statement {
  readonly #all: Token[];
  readonly #solid: Token[];
  readonly #engine: Engine;
  readonly #nullable: Set<string>;

  constructor(tokens: Token[], engine: Engine, nullable: Set<string>) {
    this.#all = tokens;
    this.#solid = tokens.filter(({ kind }) => kind !== "space");
    this.#engine = engine;
    this.#nullable = nullable;
  }

  text(): string {
    const text = this.#all.map((token) => token.text).join("");
    return text.replace(/^(\s*--[^\n]*\n|\s+)+/, "").trimEnd();
  }

  translate(): void {
    const [first = "", second = "", third = ""] = this.#solid.map((token) => token.text);
    if (first === "create" && second === "table") this.#createTable(third);
    else if (first === "create" && second === "index") this.#createIndex(2);
    else if (first === "create" && second === "unique" && third === "index") this.#createIndex(3);
    else if (first === "alter" && second === "table") this.#alterTable(third);
    else if (first === "drop" && (second === "table" || second === "index")) this.#exactly(3);
    else if (DATA_WORDS.has(first)) this.#expression(this.#solid, undefined);
    else throw this.#refusal(`${first} ${second}`.trim());
  }

  #createTable(table: string): void {
    const open = this.#solid[3];
    const close = this.#solid.at(-1);
    if (open?.text !== "(") throw this.#refusal(open?.text ?? "");
    if (close?.text !== ")") throw this.#refusal(close?.text ?? "");
    const items = itemsOf(this.#solid.slice(4, -1));
    const isColumn = (item: Token[]) => !TABLE_CONSTRAINTS.has(item[0]?.text ?? "");
    const columns = new Set(items.filter(isColumn).map((item) => item[0]?.text ?? ""));
    for (const item of items) {
      if (isColumn(item)) this.#column(table, item, columns);
      else this.#constraint(item, columns);
    }
    // A strict table holds a column's type and nothing else, as PostgreSQL does.
    if (this.#engine === "sqlite") close.text = ") strict";
  }

  #column(table: string, item: readonly Token[], columns: ReadonlySet<string>): void {
    const [name, type, ...rest] = item;
    const translated = TYPES[type?.text ?? ""];
    if (name?.kind !== "word" || type === undefined || translated === undefined) {
      throw this.#refusal(type?.text ?? name?.text ?? "");
    }
    const said = rest.map((token) => token.text).join(" ");
    if (!/\b(not null|primary key)\b/.test(said)) this.#nullable.add(`${table}.${name.text}`);
    this.#constraint(rest, columns);
    if (/\bidentity\b/.test(said)) this.#identity(type.text, said, rest);
    type.text = translated[this.#engine];
  }

  #identity(type: string, said: string, rest: readonly Token[]): void {
    const identity = rest.find((token) => token.text === "identity");
    const key = rest.find((token) => token.text === "key");
    const isWhole = /^(not null )?identity primary key$/.test(said);
    if (type !== "bigint" || !isWhole || identity === undefined || key === undefined) {
      throw this.#refusal("identity");
    }
    if (this.#engine === "postgres") identity.text = "generated by default as identity";
    else [identity.text, key.text] = ["", "key autoincrement"];
  }

  /** What may stand behind a column's type, or as an item of its own. */
  #constraint(tokens: readonly Token[], columns: ReadonlySet<string>): void {
    for (let i = 0; i < tokens.length; i += 1) {
      const token = tokens[i];
      if (token?.text === "references") i += 1;
      else if (token?.text === "(") {
        const end = closingOf(tokens, i);
        const known = tokens[i - 2]?.text === "references" ? undefined : columns;
        this.#expression(tokens.slice(i + 1, end), known);
        i = end;
      } else if (token?.kind === "word" && !CONSTRAINT_WORDS.has(token.text)) throw this.#refusal(token.text);
    }
  }

  /** Conditions and lists of columns. `columns` are those that it may name, where they are known. */
  #expression(tokens: readonly Token[], columns: ReadonlySet<string> | undefined): void {
    for (const [i, token] of tokens.entries()) {
      if (token.kind !== "word") continue;
      const calls = tokens[i + 1]?.text === "(" && !BEFORE_PARENTHESIS.has(token.text);
      const isTarget = tokens[i - 1]?.text === "into";
      if (calls && !FUNCTIONS.has(token.text) && !isTarget) throw this.#refusal(token.text);
      if (columns === undefined || calls || columns.has(token.text) || EXPRESSION_WORDS.has(token.text))
        continue;
      throw this.#refusal(token.text);
    }
  }

  #createIndex(at: number): void {
    const [name, on, table, open] = this.#solid.slice(at, at + 4);
    if (name?.kind !== "word" || on?.text !== "on") throw this.#refusal(on?.text ?? "");
    if (open?.text !== "(") throw this.#refusal(open?.text ?? "");
    const end = closingOf(this.#solid, at + 3);
    for (const [column, order, ...more] of itemsOf(this.#solid.slice(at + 4, end))) {
      const plain = order === undefined || order.text === "desc";
      if (column?.kind !== "word" || !plain || more[0] !== undefined) {
        throw this.#refusal((plain ? more[0] : order)?.text ?? "");
      }
      if (this.#engine === "sqlite" || !this.#nullable.has(`${table?.text}.${column.text}`)) continue;
      if (order === undefined) column.text += " nulls first";
      else order.text += " nulls last";
    }
    const rest = this.#solid.slice(end + 1);
    if (rest.length === 0) return;
    if (rest[0]?.text !== "where") throw this.#refusal(rest[0]?.text ?? "");
    this.#expression(rest.slice(1), undefined);
  }

  #alterTable(table: string): void {
    const rest = this.#solid.slice(3);
    const said = rest.map((token) => token.text).join(" ");
    if (/^add column /.test(said)) this.#column(table, rest.slice(2), words(rest[2]?.text ?? ""));
    else if (!/^(drop column \w+|rename to \w+|rename column \w+ to \w+)$/.test(said)) {
      throw this.#refusal(rest[0]?.text ?? "");
    }
  }

  #exactly(length: number): void {
    if (this.#solid.length !== length) throw this.#refusal(this.#solid[length]?.text ?? "");
  }

  #refusal(word: string): AppError {
    return refusal(this.text(), word);
  }
}

function closingOf(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i += 1) {
    if (tokens[i]?.text === "(") depth += 1;
    if (tokens[i]?.text === ")") depth -= 1;
    if (depth === 0) return i;
  }
  return tokens.length;
}

function itemsOf(tokens: readonly Token[]): Token[][] {
  const items: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.text === "(") depth += 1;
    if (token.text === ")") depth -= 1;
    if (token.text === "," && depth === 0) items.push([]);
    else items.at(-1)?.push(token);
  }
  return items;
}

function refusal(statement: string, word: string): AppError {
  return new AppError(
    "internal",
    `The language of migrations has no '${word}' here: ${statement.slice(0, 200)}`,
  );
}
