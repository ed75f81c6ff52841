import { expect, test } from "vitest";
import { highlight } from "./highlight.ts";

const SOURCE = `%matplotlib inline
@cached
def late(delay: float = 1.5) -> str:  # minutes
    return f"{delay} in '# no comment'" if delay > 15 else r'\\d'
"""text over
lines"""
x1 = value_2 + 0x1F`;

function of(kind: string): string[] {
  return highlight(SOURCE, "python")
    .filter((token) => token.kind === kind)
    .map((token) => token.text);
}

test("the pieces of a source are the source", () => {
  expect(
    highlight(SOURCE, "python")
      .map((token) => token.text)
      .join(""),
  ).toBe(SOURCE);
  expect(highlight("let x = 1 // one", "javascript")).toEqual([{ kind: "plain", text: "let x = 1 // one" }]);
});

test("words of Python, texts, comments and numbers are told apart", () => {
  expect(of("keyword")).toEqual(["def", "return", "if", "else"]);
  expect(of("comment")).toEqual(["# minutes"]);
  expect(of("string")).toEqual([`f"{delay} in '# no comment'"`, "r'\\d'", '"""text over\nlines"""']);
  expect(of("number")).toEqual(["1.5", "15", "0x1F"]);
  expect(of("magic")).toEqual(["%matplotlib inline"]);
  expect(of("decorator")).toEqual(["@cached"]);
});

test("a text that nobody closed ends with its line", () => {
  const tokens = highlight('a = "open\nb = 1', "python");
  expect(tokens.find((token) => token.kind === "string")?.text).toBe('"open');
  expect(tokens.at(-1)).toEqual({ kind: "number", text: "1" });
});
