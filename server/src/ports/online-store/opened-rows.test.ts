import { expect, test } from "vitest";
import { createOpenedRows } from "./opened-rows.ts";

const row = (eventMs: number) => ({ eventMs, createdMs: 0, values: [eventMs] });

test("a row is found only for exactly the bytes that were opened at its place", () => {
  const rows = createOpenedRows();
  const sealed = Buffer.from("sealed 1");
  rows.keep("a", sealed, row(1));
  expect(rows.find("a", Buffer.from("sealed 1"))).toEqual(row(1));
  expect(rows.find("b", sealed)).toBeUndefined();
  expect(rows.find("a", Buffer.from("sealed 2"))).toBeUndefined();
  sealed.fill(0); // The engine's buffer is used again.
  expect(rows.find("a", Buffer.from("sealed 1"))).toEqual(row(1));
});

test("what is asked for stays, what is not goes, and memory has an end", () => {
  const rows = createOpenedRows(10 * 8);
  const bytes = (i: number) => Buffer.from(String(i).padStart(8, "0"));
  rows.keep("hot", bytes(0), row(0));
  for (let i = 1; i <= 100; i += 1) {
    rows.keep(`cold ${i}`, bytes(i), row(i));
    expect(rows.find("hot", bytes(0))).toEqual(row(0));
  }
  const still = Array.from({ length: 100 }, (_, i) => rows.find(`cold ${i + 1}`, bytes(i + 1)));
  expect(still.filter((found) => found !== undefined).length).toBeLessThanOrEqual(20);
  expect(still[0]).toBeUndefined();
});
