import { expect, test } from "vitest";
import { parseQuery, parseSelector } from "./parse.ts";
import { unquote } from "./tokens.ts";

test("what is not supported is named in the refusal", () => {
  const refused: Record<string, RegExp> = {
    "label_replace(up, 'a', 'b', 'c', 'd')": /function label_replace\(\)/,
    "predict_linear(m[5m], 60)": /function predict_linear\(\)/,
    "max_over_time(rate(m[5m])[1h:1m])": /subqueries|ranges only/,
    "m[5m:1m]": /subqueries/,
    "m @ 1600000000": /@ modifier/,
    "a * on (b) group_left (c) d": /group_left/,
    '{"quoted.name"}': /quoted names/,
    '"text"': /texts as values/,
    'm{a=~"(?=x)"}': /cannot be used/,
  };
  for (const [query, why] of Object.entries(refused)) {
    expect(() => parseQuery(query), query).toThrow(why);
    expect(() => parseQuery(query), query).toThrow(expect.objectContaining({ errorType: "bad_data" }));
  }
});

test("what is no query is refused with its place or its reason", () => {
  const wrong: Record<string, RegExp> = {
    "": /unexpected end of input/,
    "sum(": /unexpected end/,
    "m{a='b'": /unexpected end/,
    "m{a}": /expected one of/,
    "m{a=b}": /quoted text/,
    "m)": /unexpected "\)"/,
    "1 +": /unexpected end/,
    "m $ 2": /unexpected "\$/,
    "nothing_known(m)": /unknown function/,
    "rate(m)": /expected type range vector/,
    "abs(m[5m])": /expected type instant vector/,
    "rate(m[5m], 2)": /expected 1 argument/,
    "sum(1)": /instant vector/,
    "topk(m)": /wrong number of arguments/,
    "topk(m, m)": /scalar/,
    "1 > 2": /BOOL/,
    "1 + bool 2": /bool modifier/,
    "1 and m": /set operator/,
    "m + on (a) 1": /vector matching only/,
    "m[5m] + 1": /binary expression/,
    "-m[5m]": /unary/,
    "{}": /non-empty matcher/,
    '{a=~".*"}': /non-empty matcher/,
    "m[0s]": /greater than 0/,
    "m[5]]": /unexpected "\]"/,
    "(m)[5m][5m]": /ranges only/,
    "rate(m[5m]) offset 5m": /offset modifier/,
    "m offset 1m offset 1m": /multiple times/,
    'm{a="\\q"}': /escape/,
    "m[99999999999y]": /out of range/,
  };
  for (const [query, why] of Object.entries(wrong)) expect(() => parseQuery(query), query).toThrow(why);
  expect(() => parseQuery("(".repeat(500))).toThrow(/too deep/);
  expect(() => parseQuery("-".repeat(500))).toThrow(/too deep/);
  expect(() => parseQuery("m".repeat(20_000))).toThrow(/longer than/);
  expect(() => parseSelector("rate(m[5m])")).toThrow(/no selector/);
});

test("a query reads as it is written: comments, spaces, keywords in any case, durations of parts", () => {
  expect(parseQuery("SUM BY (a, b,) (rate(m{x='1',}[1h30m] OFFSET 1d)) # why")).toMatchObject({
    kind: "aggregate",
    op: "sum",
    grouping: { kind: "by", labels: ["a", "b"] },
    of: { name: "rate", args: [{ rangeMs: 5_400_000, offsetMs: 86_400_000, name: "m" }] },
  });
  expect(parseQuery("m[300]")).toMatchObject({ rangeMs: 300_000 });
  expect(parseQuery("0x1F")).toEqual({ kind: "number", value: 31 });
  expect(parseQuery("+Inf")).toEqual({ kind: "number", value: Infinity });
  expect(parseQuery("sum")).toMatchObject({ kind: "selector", name: "sum" });
  expect(parseQuery("job:rate:5m")).toMatchObject({ name: "job:rate:5m" });
});

test("quoted texts keep what their escapes say", () => {
  expect(unquote('"a\\"b\\n\\x41\\u00e4\\101"')).toBe('a"b\nAäA');
  expect(unquote("`a\\n`")).toBe("a\\n");
});
