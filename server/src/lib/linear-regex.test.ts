import { expect, test } from "vitest";
import { compileWhole } from "./linear-regex.ts";

const matches = (pattern: string, text: string) => compileWhole(pattern, "matches newlines")(text);

test("whole texts are matched as the engine's own expressions match them", () => {
  const patterns = [
    "",
    "a",
    "a|b",
    "a|",
    "(a|b)*c",
    "a.c",
    ".*",
    ".+",
    "[a-c]+",
    "[^a-c]+",
    "a{2}",
    "a{2,}",
    "a{1,3}",
    "(?:ab)?c",
    "(?P<n>a)b",
    "\\d+",
    "\\w+\\s\\W",
    "[\\d-]+",
    "[]a]+",
    "a+?b*?",
    "^a$",
    "\\.",
    "[\\]]",
    "x{",
    "(a|ab)(c|bcd)(d*)",
    "api-(1|2)",
    "\\x41|\\x{42}",
    "[^\\D]+",
    "((a*)*)*b",
  ];
  const texts = [
    "",
    "a",
    "b",
    "aa",
    "aaa",
    "abc",
    "a\nc",
    "ac",
    "c",
    "ab",
    "12",
    "w !",
    "1-2",
    "]",
    "]a",
    ".",
    "x{",
    "abcd",
    "api-1",
    "api-3",
    "A",
    "B",
    "äöü",
    "aaaab",
  ];
  for (const pattern of patterns) {
    const own = new RegExp(
      `^(?:${pattern.replace("(?P<", "(?<").replace("[]a]", "[\\]a]").replace("\\x{42}", "B").replace(/^x\{$/, "x\\{")})$`,
      "s",
    );
    for (const text of texts)
      expect([pattern, text, matches(pattern, text)]).toEqual([pattern, text, own.test(text)]);
  }
});

test("letters' case may be ignored, and a dot may stop at newlines", () => {
  expect(matches("(?i)Api-[A-C]x", "aPI-bX")).toBe(true);
  expect(matches("Api", "api")).toBe(false);
  expect(compileWhole("a.c", "stops at newlines")("a\nc")).toBe(false);
  expect(compileWhole("(?s)a.c", "stops at newlines")("a\nc")).toBe(true);
});

test("patterns that make others run for years are answered at once", () => {
  const begun = process.cpuUsage();
  for (const pattern of ["(a+)+$", "(a|a)*b", "(a*)*b", "(.*a){20}b", "a?".repeat(30) + "a".repeat(30)])
    matches(pattern, `${"a".repeat(1000)}!`);
  expect(process.cpuUsage(begun).user / 1000).toBeLessThan(5000);
});

test("what is no pattern or is not supported is refused by name", () => {
  const wrong: [string, RegExp][] = [
    ["(a", /not closed/],
    ["a)", /closes nothing/],
    ["[a", /not closed/],
    ["*a", /repeats nothing/],
    ["a**", /repeats a repetition/],
    ["a{2000}", /beyond/],
    ["a{3,2}", /beyond/],
    ["[b-a]", /ends before/],
    ["a\\", /backslash/],
    ["(?=a)", /kind that is not supported/],
    ["\\bword", /\\b is not supported/],
    ["\\1", /\\1 is not supported/],
    ["\\p{L}", /\\p is not supported/],
    ["[[:alpha:]]", /named classes/],
    ["((a{100}){100}){100}", /too large/],
    ["(".repeat(200) + ")".repeat(200), /too deep/],
  ];
  for (const [pattern, why] of wrong) {
    expect(() => compileWhole(pattern, "matches newlines"), pattern).toThrow(SyntaxError);
    expect(() => compileWhole(pattern, "matches newlines"), pattern).toThrow(why);
  }
});
