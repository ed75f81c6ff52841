import { expect, test } from "vitest";
import { canonicalJson } from "./canonical.ts";

test("members are sorted by UTF-16 units, integer-like names included", () => {
  const value = { "€": "Euro", "\r": 1, "1": 2, "😀": 3, "\u0080": 4, "\ufb33": 5, ö: 6 };
  expect(canonicalJson(value)).toBe('{"\\r":1,"1":2,"\u0080":4,"ö":6,"€":"Euro","😀":3,"\ufb33":5}');
});

test("numbers have the form of RFC 8785", () => {
  expect(canonicalJson([1e-7, -0, 0.1, 4.5, 333333333.3333333])).toBe("[1e-7,0,0.1,4.5,333333333.3333333]");
});

test("what a double cannot hold exactly becomes text", () => {
  expect(canonicalJson([2 ** 53, 9007199254740993n, Number.NaN, -Infinity])).toBe(
    '["9007199254740992","9007199254740993","NaN","-Infinity"]',
  );
});

test("a lone surrogate is escaped, so that its UTF-8 form survives every store", () => {
  const text = canonicalJson({ name: "a\ud800b" });
  expect(text).toBe('{"name":"a\\ud800b"}');
  expect(Buffer.from(text, "utf8").toString("utf8")).toBe(text);
});

test("absent members are left out", () => {
  expect(canonicalJson({ b: undefined, a: { c: null } })).toBe('{"a":{"c":null}}');
});
