import { expect, test } from "vitest";
import { parseValue, textOf } from "./parameter-text.ts";

const of = (kind: Parameters<typeof textOf>[1], required = true) => ({ kind, required });

test("values of every kind survive the form", () => {
  for (const [kind, value] of [
    ["integer", 7],
    ["number", 0.1],
    ["text", "seven"],
    ["text", "7"],
    ["boolean", false],
    ["list", [1, "two"]],
    ["object", { depth: 7 }],
  ] as const)
    expect(parseValue(textOf(value, kind), of(kind))).toEqual({ value });
});

test("what is not of the kind is refused with the form it should have", () => {
  for (const [kind, text] of [
    ["integer", "7.5"],
    ["integer", "seven"],
    ["number", '"1"'],
    ["boolean", "yes"],
    ["list", "{}"],
    ["object", "[]"],
    ["object", "null"],
  ] as const)
    expect(parseValue(text, of(kind))).toHaveProperty("problem");
});

test("an empty field is the default where there is one, and a missing value where one is needed", () => {
  expect(parseValue(" ", of("integer", false))).toBe("left out");
  expect(parseValue("", of("integer"))).toHaveProperty("problem");
  expect(parseValue("", of("text"))).toEqual({ value: "" });
});
