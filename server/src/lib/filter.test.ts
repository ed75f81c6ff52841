import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "#ports/database";
import { openTestDatabase } from "../testing/database.ts";
import { AppError } from "./errors.ts";
import {
  type Comparison,
  parseFilter,
  parseOrder,
  requireList,
  requireNumber,
  requireOperator,
  requireText,
  TEXT_OPERATORS,
} from "./filter.ts";
import { compareNumber, compareText } from "./filter-queries.ts";

function one(filter: string): Comparison {
  const [only, more] = parseFilter(filter);
  if (only === undefined || more !== undefined) throw new Error("Not one comparison.");
  return only;
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === "invalid") return thrown.message;
    throw thrown;
  }
  return "accepted";
}

describe("a filter", () => {
  test("is comparisons joined by AND in any case, with or without space", () => {
    expect(parseFilter(" metrics.rmse<1e-3 AND params.`a b` = 'x'and name like \"N%\" ")).toEqual([
      {
        entity: "metrics",
        key: "rmse",
        operator: "<",
        value: { kind: "number", number: 0.001 },
        written: "1e-3",
      },
      { entity: "params", key: "a b", operator: "=", value: { kind: "text", text: "x" }, written: "'x'" },
      { entity: "", key: "name", operator: "LIKE", value: { kind: "text", text: "N%" }, written: '"N%"' },
    ]);
  });

  test("may have empty parts", () => {
    expect(parseFilter("and a = 1 AND and b = 2 AND").map((comparison) => comparison.key)).toEqual([
      "a",
      "b",
    ]);
  });

  test.each(["", " ", "\n\t"])("may be empty: %j", (text) => {
    expect(parseFilter(text)).toEqual([]);
  });

  test.each([
    ["metrics.a = 1", 1],
    ["metrics.a = -1", -1],
    ["metrics.a = +2.5", 2.5],
    ["metrics.a = .5", 0.5],
    ["metrics.a = 5.", 5],
    ["metrics.a=-1E+2", -100],
    ["metrics.a = 1e999", Number.POSITIVE_INFINITY],
  ])("reads the number of %s", (filter, number) => {
    expect(one(filter).value).toEqual({ kind: "number", number });
  });

  test.each([
    ["'it''s'", "it's"],
    ["'it\\'s'", "it's"],
    ['"it\'s"', "it's"],
    ['"say ""hi"""', 'say "hi"'],
    ["''", ""],
    ["''''", "'"],
    ["'C:\\models\\'", "C:\\models\\"],
    ["'a\\nb'", "a\\nb"],
    ["'a AND b = 1'", "a AND b = 1"],
    ["'日本'", "日本"],
  ])("reads the text %s", (written, text) => {
    expect(one(`tags.k = ${written}`)).toMatchObject({ value: { kind: "text", text }, written });
  });

  test.each([
    ["tags.mlflow.source.name = 'x'", "tags", "mlflow.source.name"],
    ["tags.`mlflow.user` = 'x'", "tags", "mlflow.user"],
    ["params.\"a b\" = 'x'", "params", "a b"],
    ["`params`.`a``b` = 'x'", "params", "a`b"],
    ["metrics.val_1 = 1", "metrics", "val_1"],
    ["metrics.1 = 1", "metrics", "1"],
    ["`Run name` = 'x'", "", "Run name"],
    ["params.and = 'x'", "params", "and"],
    ["params.größe = 'x'", "params", "größe"],
  ])("reads the key of %s", (filter, entity, key) => {
    expect(one(filter)).toMatchObject({ entity, key });
  });

  test.each([
    ["run_id in ('a', \"b\",)", "IN", { kind: "list", texts: ["a", "b"] }],
    ["run_id NOT  In ('a')", "NOT IN", { kind: "list", texts: ["a"] }],
    ["tags.x is null", "IS NULL", { kind: "none" }],
    ["tags.x IS NOT NULL", "IS NOT NULL", { kind: "none" }],
    ["name ilike 'x'", "ILIKE", { kind: "text", text: "x" }],
    ["span.content rlike '^x'", "RLIKE", { kind: "text", text: "^x" }],
  ])("reads the operator of %s", (filter, operator, value) => {
    expect(one(filter)).toMatchObject({ operator, value });
  });

  test.each([
    ["metrics.a", "Invalid clause(s) in filter string: 'metrics.a'"],
    ["metrics.a >", "Invalid clause(s) in filter string: 'metrics.a', '>'"],
    ["metrics.a > 1 OR metrics.b > 2", "Invalid clause(s) in filter string: 'OR'"],
    ["metrics.a > 1 metrics.b > 2", "Invalid clause(s) in filter string: 'metrics.b'"],
    ["(metrics.a > 1)", "Invalid clause(s) in filter string: '(metrics.a > 1)'"],
    ["metrics.a > 1; drop", "Invalid clause(s) in filter string: '; drop'"],
    ["NOT metrics.a > 1", "Invalid clause(s) in filter string: 'NOT', 'metrics.a'"],
    ["params.a = 'x", "Invalid clause(s) in filter string: ''x'"],
    ["params.a IS NOT", "Invalid clause(s) in filter string: 'params.a', 'IS', 'NOT'"],
    ["select * from x", "Invalid clause(s) in filter string: 'select', '* from x'"],
    ["1 = 1", "Invalid comparison clause. Expected 'Identifier' found '1'"],
    ["metrics.a == 1", "Invalid comparator '==' not one of '=, !=, >, >=, <, <='"],
    ["tags.a NOT LIKE 'x'", "Invalid comparator 'NOT LIKE'"],
    [
      "run_id IN ()",
      "While parsing a list in the query, expected a non-empty list of string values, but got empty list",
    ],
    [
      "run_id IN ('a', 1)",
      "While parsing a list in the query, expected string value, punctuation, or whitespace, but got different " +
        "type in list: 1",
    ],
    [
      "run_id IN ('a' 'b')",
      "While parsing a list in the query, expected a non-empty list of string values, but got ill-formed list",
    ],
    ["run_id IN 'a'", "Invalid clause(s) in filter string: 'run_id', 'IN', ''a''"],
    ["name = 'a\0'", "The text has a character that is not Unicode, or NUL; take it out."],
    ["name = '\ud800'", "The text has a character that is not Unicode, or NUL; take it out."],
  ])("is refused in known words: %j", (filter, message) => {
    expect(refusal(() => parseFilter(filter))).toBe(message);
  });

  test("has bounds", () => {
    expect(refusal(() => parseFilter(" ".repeat(100_001)))).toMatch(/at most 100000/);
    const many = (count: number) => Array(count).fill("a = 1").join(" and ");
    expect(parseFilter(many(100))).toHaveLength(100);
    expect(refusal(() => parseFilter(many(101)))).toMatch(/more than 100 comparisons/);
    const list = (count: number) => `a IN (${Array(count).fill("'a'").join(",")})`;
    expect(one(list(2000)).value).toMatchObject({ kind: "list" });
    expect(refusal(() => parseFilter(list(2001)))).toMatch(/at most 2000/);
  });

  test("of any text ends in comparisons or in a refusal", () => {
    const random = mulberry(7);
    const parts = [
      ..."'\"`\\.,()<>=!~;-+ \n\té\u{1f600}\0",
      ...["\ud800", "and", "AND ", "or", "not", "in", "is", "null", "like", "1e5", "1.", ".5", "tags.", "x"],
      ...["metrics.`a", "'a'", '"b"', "a = 'b' AND ", "run_id IN (", "e9", "--", "/*"],
    ];
    let accepted = 0;
    for (let round = 0; round < 4000; round += 1) {
      const length = Math.floor(random() * 12);
      const text = Array.from({ length }, () => parts[Math.floor(random() * parts.length)]).join("");
      if (refusal(() => parseFilter(text)) === "accepted") accepted += 1;
      refusal(() => parseOrder(text));
    }
    expect(accepted).toBeGreaterThan(50);
  });

  test.each(["'", "\\'", '"', "`", "``", ".", "a.", "(", "a ", "1", "1e", "=", "'a' ", "'\\", "-"])(
    "of 100,000 characters of %j is read in linear time",
    (part) => {
      // Quadratic time would be 10¹⁰ steps, and the test would not end.
      const hostile = part.repeat(100_000 / part.length);
      refusal(() => parseFilter(hostile));
      refusal(() => parseFilter(`a = ${hostile}`.slice(0, 100_000)));
      refusal(() => parseFilter(`a IN ('x', ${hostile}`.slice(0, 100_000)));
    },
  );
});

test("what a comparison must be is said in known words", () => {
  expect(requireOperator(one("a LIKE 'x'"), TEXT_OPERATORS)).toBe("LIKE");
  expect(refusal(() => requireOperator(one("a > 1"), TEXT_OPERATORS))).toBe(
    "Invalid comparator '>' not one of '=, !=, LIKE, ILIKE'",
  );
  expect(requireText(one("a = 'x'"), "tag")).toBe("x");
  expect(refusal(() => requireText(one("a = 5"), "tag"))).toBe(
    "Expected a quoted string value for tag (e.g. 'my-value'). Got value 5",
  );
  expect(refusal(() => requireText(one("a = b"), "tag"))).toBe(
    "Parameter value is either not quoted or unidentified quote types used for string value b. " +
      "Use either single or double quotes.",
  );
  expect(refusal(() => requireNumber(one("a = NaN"), "metric"))).toBe(
    "Expected numeric value type for metric. Found NaN",
  );
  expect(requireNumber(one("a = 5"), "metric")).toBe(5);
  expect(refusal(() => requireNumber(one("a = '5'"), "metric"))).toBe(
    "Expected numeric value type for metric. Found '5'",
  );
  expect(requireList(one("a IN ('x')"), "attributes")).toEqual(["x"]);
  expect(refusal(() => requireText(one("a IN ('x', 'y')"), "tag"))).toMatch(/Got value \('x', 'y'\)$/);
});

test.each([
  ["metrics.rmse DESC", { entity: "metrics", key: "rmse", direction: "DESC" }],
  [" params.`a b`  asc ", { entity: "params", key: "a b", direction: "ASC" }],
  ["start_time", { entity: "", key: "start_time", direction: "ASC" }],
  ['"Run Name" desc', { entity: "", key: "Run Name", direction: "DESC" }],
])("an order is a key and a direction: %s", (text, order) => {
  expect(parseOrder(text)).toEqual(order);
});

test.each([
  ["", "Invalid order_by clause ''. Could not be parsed."],
  ["a DESC, b", "Invalid order_by clause 'a DESC, b'. Could not be parsed."],
  ["'a'", "Invalid order_by clause ''a''. Could not be parsed."],
  ["a down", "Invalid ordering key in order_by clause 'a down'."],
])("an order that is none is refused: %j", (text, message) => {
  expect(refusal(() => parseOrder(text))).toBe(message);
});

describe("conditions", () => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestDatabase();
  });
  afterAll(() => db.close());

  test.each([
    ["=", "abc", ["abc"]],
    ["!=", "abc", ["ABC", "a%c", "a\\c", "a_c"]],
    ["LIKE", "a%", ["a%c", "a\\c", "a_c", "abc"]],
    ["ILIKE", "a_C", ["ABC", "a%c", "a\\c", "a_c", "abc"]],
    ["LIKE", "a\\%", ["a\\c"]],
    ["LIKE", "a", []],
  ] as const)("of text: %s %j", async (operator, text, expected) => {
    const rows = sql`(select 'abc' as t union all select 'ABC' union all select 'a%c' union all select 'a_c'
      union all select ${sql.lit("a\\c")} union all select null)`;
    const condition = compareText(sql.ref("t"), operator, text);
    const { rows: found } = await sql<{ t: string }>`select t from ${rows} as x where ${condition}`.execute(
      db.reader.kysely,
    );
    expect(found.map((row) => row.t).sort()).toEqual([...expected].sort());
  });

  test("of whole numbers take fractions and infinity", async () => {
    const count = async (operator: ">" | "<=" | "=", number: number) => {
      const rows = sql`(select 1 as n union all select 2 union all select null)`;
      const condition = compareNumber(sql.ref("n"), operator, number);
      const result = await sql<{ n: number }>`select n from ${rows} as x where ${condition}`.execute(
        db.reader.kysely,
      );
      return result.rows.length;
    };
    expect(await count(">", 1.5)).toBe(1);
    expect(await count("=", 2)).toBe(1);
    expect(await count("<=", Number.POSITIVE_INFINITY)).toBe(2);
  });
});

/** A small seeded generator, so that a failure can be had again. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
