import { expect, test } from "vitest";
import { choice, decode, flag, list, message, nested, real, required, text, whole } from "./decode.ts";

const inner = message({ name: required(text), size: whole });
const all = message({
  run_id: required(text, "run_uuid"),
  count: whole,
  value: real,
  yes: flag,
  status: choice({ RUNNING: 1, FAILED: 4 }),
  names: list(text),
  parts: list(inner),
  one_part: nested(inner),
});

function decoded(given: Record<string, unknown>) {
  return decode(all, { run_id: "r", ...given });
}
function refusal(given: Record<string, unknown>): string {
  try {
    decode(all, given);
  } catch (thrown) {
    return (thrown as Error).message;
  }
  return "not refused";
}
const SEE = " See the API docs for more information about request parameters.";

test("64-bit integers come as numbers or as text", () => {
  expect(decoded({ count: 7 }).count).toBe(7);
  expect(decoded({ count: "-9007199254740991" }).count).toBe(-9007199254740991);
  expect(decoded({ count: 5.0 }).count).toBe(5);
});

test("a fraction, a word and a number beyond 2^53 are no integers", () => {
  expect(refusal({ run_id: "r", count: 1.5 })).toBe(
    `Invalid value 1.5 for parameter 'count' supplied:  Hint: Value was of type 'float'.${SEE}`,
  );
  expect(refusal({ run_id: "r", count: "x" })).toContain("Value was of type 'str'");
  expect(refusal({ run_id: "r", count: true })).toContain("Value was of type 'bool'");
  expect(refusal({ run_id: "r", count: 2 ** 63 })).toContain("between -2^53 and 2^53");
  expect(refusal({ run_id: "r", count: "9223372036854775807" })).toContain("between -2^53 and 2^53");
});

test("doubles come as numbers, as numbers in text, as booleans, and as the words for what JSON lacks", () => {
  expect(decoded({ value: 0.5 }).value).toBe(0.5);
  expect(decoded({ value: "1.5e3" }).value).toBe(1500);
  expect(decoded({ value: true }).value).toBe(1);
  expect(decoded({ value: "NaN" }).value).toBeNaN();
  expect(decoded({ value: "-Infinity" }).value).toBe(Number.NEGATIVE_INFINITY);
  expect(refusal({ run_id: "r", value: "abc" })).toBe(
    `Invalid value "abc" for parameter 'value' supplied:  Hint: Value was of type 'str'.${SEE}`,
  );
  expect(refusal({ run_id: "r", value: "" })).toContain("Value was of type 'str'");
});

test("enumerations come by name or number; an unknown one is refused", () => {
  expect(decoded({ status: "FAILED" }).status).toBe("FAILED");
  expect(decoded({ status: 4 }).status).toBe("FAILED");
  expect(decoded({ status: "1" }).status).toBe("RUNNING");
  expect(refusal({ run_id: "r", status: "FOO" })).toBe(
    `Invalid value "FOO" for parameter 'status' supplied. It must be one of RUNNING, FAILED.`,
  );
});

test("null is absent, and an absent or empty required text is missing", () => {
  expect(decoded({ count: null, names: null })).toEqual({ run_id: "r", count: undefined, names: undefined });
  const missing = `Missing value for required parameter 'run_id'.${SEE}`;
  expect(refusal({})).toBe(missing);
  expect(refusal({ run_id: null })).toBe(missing);
  expect(refusal({ run_id: "" })).toBe(missing);
});

test("a field is known by its older name and in camelCase, but not twice at once", () => {
  expect(decode(all, { run_uuid: "u" }).run_id).toBe("u");
  expect(decode(all, { runId: "c", onePart: { name: "n" } })).toMatchObject({
    run_id: "c",
    one_part: { name: "n" },
  });
  expect(decode(all, { run_id: "r", run_uuid: "u" }).run_id).toBe("r");
  expect(refusal({ run_id: "r", runId: "c" })).toContain("has both 'run_id' and 'runId'");
});

test("a wrong value deep inside is named by its whole path", () => {
  expect(refusal({ run_id: "r", parts: [{ name: "a" }, { name: 5 }] })).toContain(
    "parameter 'parts[1].name'",
  );
  expect(refusal({ run_id: "r", parts: [{ name: "a" }, {}] })).toContain(
    "required parameter 'parts[1].name'",
  );
  expect(refusal({ run_id: "r", parts: [5] })).toContain("Invalid value 5 for parameter 'parts[0]'");
  expect(refusal({ run_id: "r", names: ["a", 5] })).toContain("Invalid value 5 for parameter 'names[1]'");
  expect(refusal({ run_id: "r", one_part: { name: "a", size: [] } })).toContain(
    "Invalid value [] for parameter 'one_part.size' supplied:  Hint: Value was of type 'list'",
  );
  expect(refusal({ run_id: "r", names: "x" })).toContain(`Invalid value "x" for parameter 'names'`);
  expect(refusal({ run_id: "r", one_part: "x" })).toContain(`Invalid value "x" for parameter 'one_part'`);
});

test("text that no database keeps is refused, and a message never repeats a huge value", () => {
  expect(refusal({ run_id: "a\0b" })).toContain("without NUL");
  expect(refusal({ run_id: "a\ud800" })).toContain("Unicode text");
  expect(refusal({ run_id: "r", count: "x".repeat(10_000) }).length).toBeLessThan(500);
  const deep = JSON.parse(`${"[".repeat(50_000)}${"]".repeat(50_000)}`);
  expect(refusal({ run_id: "r", count: deep })).toContain("Invalid value [[…]]");
  expect(refusal({ run_id: "r", count: ["a", 1, { b: 1 }] })).toContain('Invalid value ["a",1,{…}] for');
  expect(refusal({ run_id: "r", count: new Array(10_000).fill(1) }).length).toBeLessThan(500);
});

test("fields that nobody declared are passed over", () => {
  expect(decoded({ unknown: 1, toString: 2 })).toMatchObject({ run_id: "r" });
});
