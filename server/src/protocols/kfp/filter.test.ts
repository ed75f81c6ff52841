import { expect, test } from "vitest";
import { readFilter, readSort } from "./filter.ts";
import { toRunConditions } from "./translate.ts";

const predicates = (...given: object[]) => JSON.stringify({ predicates: given });

test("operations are named or numbered, values spelled either way", () => {
  expect(readFilter(undefined)).toEqual([]);
  expect(readFilter(predicates({ operation: 1, key: "name", stringValue: "x" }))).toEqual([
    { key: "name", operation: "=", value: "x" },
  ]);
  expect(
    readFilter(predicates({ operation: "IN", key: "name", string_values: { values: ["a", "b"] } })),
  ).toEqual([{ key: "name", operation: "in", value: ["a", "b"] }]);
  expect(
    readFilter(
      predicates({ operation: "GREATER_THAN", key: "created_at", timestamp_value: "1970-01-01T00:00:01Z" }),
    ),
  ).toEqual([{ key: "created_at", operation: ">", value: 1000 }]);
});

test("a filter that is none says why", () => {
  expect(() => readFilter("{")).toThrow(/not JSON/);
  expect(() => readFilter(predicates({ operation: 99, key: "a", stringValue: "x" }))).toThrow(/operation 99/);
  expect(() => readFilter(predicates({ operation: 1, key: "a" }))).toThrow(/needs one value/);
  expect(() => readFilter(predicates({ operation: 1, key: "a", stringValue: "x", intValue: 1 }))).toThrow(
    /needs one value/,
  );
  expect(() => readFilter(predicates({ operation: 1, key: "a", colour: "x" }))).toThrow(/predicates.0/);
});

test("their states stand for ours, and a cancelled run counts as failed as clients see it", () => {
  const of = (operation: string, value: string) =>
    toRunConditions(readFilter(predicates({ operation, key: "state", stringValue: value })));
  expect(of("EQUALS", "FAILED")).toEqual([
    { field: "state", operation: "in", value: ["failed", "cancelled"] },
  ]);
  expect(of("NOT_EQUALS", "SUCCEEDED")).toEqual([
    { field: "state", operation: "in", value: ["running", "cancelling", "failed", "cancelled"] },
  ]);
  expect(() => of("GREATER_THAN", "FAILED")).toThrow(/equal or not/);
  expect(() =>
    toRunConditions(readFilter(predicates({ operation: 1, key: "colour", stringValue: "x" }))),
  ).toThrow(/cannot filter by 'colour'/);
});

test("lists are ordered by known fields, ascending unless they say", () => {
  const fields = { created_at: "createdMs", name: "name" } as const;
  expect(readSort("created_at desc", fields)).toEqual({ field: "createdMs", direction: "desc" });
  expect(readSort("name", fields)).toEqual({ field: "name", direction: "asc" });
  expect(readSort("", fields)).toBeUndefined();
  expect(() => readSort("name; drop", fields)).toThrow(/cannot sort/);
});
