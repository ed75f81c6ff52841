import { expect, test } from "vitest";
import { hashSecret, isToken, newSecret, newTokenSecret, shownPrefix } from "./secret.ts";

test("a fresh token has our form, and no two are alike", () => {
  const made = Array.from({ length: 200 }, newTokenSecret);
  expect(made.every(isToken)).toBe(true);
  expect(new Set(made).size).toBe(200);
  expect(newSecret()).toMatch(/^[0-9A-Za-z]{43}$/);
});

test("any one changed character is noticed", () => {
  const token = newTokenSecret();
  for (let at = 0; at < token.length; at += 1) {
    const other = token[at] === "A" ? "B" : "A";
    expect(isToken(token.slice(0, at) + other + token.slice(at + 1))).toBe(false);
  }
  for (const text of ["", "atrium_", token.slice(1), `${token}0`, token.toLowerCase(), `${token}\n`]) {
    expect(isToken(text)).toBe(false);
  }
});

test("what is shown of a token says little, and what is kept says nothing", () => {
  const token = newTokenSecret();
  expect(shownPrefix(token)).toHaveLength("atrium_".length + 8);
  expect(hashSecret(token)).toHaveLength(43);
  expect(hashSecret(token)).not.toContain(token.slice(7, 20));
});
