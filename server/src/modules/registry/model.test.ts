import { describe, expect, test } from "vitest";
import { checkName, checkNewAlias, checkTags, withRegistration } from "./model.ts";

test.each(["churn", "a b", "naïve-\u{1f600}.v2", "n".repeat(256), "...a".slice(3)])(
  "a name may be %j",
  (name) => {
    checkName(name);
  },
);

describe("a name is refused:", () => {
  test.each([
    ["", "Missing value for required parameter 'name'."],
    [" ", "Missing value for required parameter 'name'."],
    ["a/b", "Invalid model name 'a/b'. Names cannot contain '/' or ':'."],
    ["a:b", "Invalid model name 'a:b'. Names cannot contain '/' or ':'."],
    [
      "..",
      "Invalid value \"..\" for parameter 'name' supplied: Names may be treated as files in certain cases, and " +
        "must not resolve to other names when treated as such. This name would resolve to '..'",
    ],
    ["n\0", "'name' has a character that is not Unicode, or NUL; take it out."],
    ["\ud800", "'name' has a character that is not Unicode, or NUL; take it out."],
    ["n".repeat(257), "'name' exceeds the maximum length of 256 characters"],
  ])("%j", (name, message) => {
    expect(() => checkName(name)).toThrow(message);
  });
});

describe("tags are refused:", () => {
  test.each([
    [{ a$: "1" }, /^Invalid value "a\$" for parameter 'key' supplied: Names may only contain alphanumerics/],
    [{ "": "1" }, /This name would resolve to '\.'$/],
    [{ "a//b": "1" }, /This name would resolve to 'a\/b'$/],
    [{ "/a": null }, /This name would resolve to '\/a'$/],
    [{ ["k".repeat(251)]: "1" }, /^'key' exceeds the maximum length of 250 characters$/],
    [{ k: "v".repeat(100_001) }, /^'value' exceeds the maximum length of 100000 characters$/],
    [Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`k${i}`, ""])), /^At most 100 tags/],
  ])("%#", (tags, message) => {
    expect(() => checkTags(tags)).toThrow(message);
  });
});

test.each(["best", "Blue_1", "größe-2", "v", "v1a", "a".repeat(255)])("an alias may be %j", (alias) => {
  checkNewAlias(alias);
});

describe("an alias is refused:", () => {
  test.each([
    ["LaTest", "'latest' alias name (case insensitive) is reserved."],
    ["v1", "Version alias name 'v1' is reserved."],
    ["V12", "Version alias name 'V12' is reserved."],
    [
      "a b",
      "Invalid alias name: 'a b'. Names may only contain alphanumerics, underscores (_), and dashes (-).",
    ],
    ["", "Registered model alias name cannot be empty."],
    ["a".repeat(256), "'Registered model alias name' exceeds the maximum length of 255 characters"],
  ])("%j", (alias, message) => {
    expect(() => checkNewAlias(alias)).toThrow(message);
  });
});

test("registrations are added once, whatever stood there", () => {
  const one = { name: "m", version: 1 };
  const two = { name: "m", version: 2 };
  const first = withRegistration(undefined, one);
  expect(JSON.parse(withRegistration(first, one))).toEqual([one]);
  expect(JSON.parse(withRegistration(first, two))).toEqual([one, two]);
  let many = first;
  for (let i = 2; i <= 300; i += 1) many = withRegistration(many, { name: "n".repeat(100), version: i });
  expect(many.length).toBeLessThanOrEqual(8000);
  expect(JSON.parse(many).at(-1).version).toBe(300);
  for (const nonsense of ["", "{", "5", "null", '[1, "x", null]']) {
    expect(JSON.parse(withRegistration(nonsense, one))).toEqual([one]);
  }
});
