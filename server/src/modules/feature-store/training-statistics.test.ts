import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, expect, test } from "vitest";
import { openDuckdb } from "../../ports/offline-engine/duckdb.ts";
import { describeColumns } from "./training-statistics.ts";

const offline = openDuckdb();
afterAll(() => offline.stop());

test("distinct values are counted where they are few, and are never more than the values that are there", async () => {
  const rows = Array.from({ length: 3000 }, (_, i) => ({ id: i, half: i % 2 === 0 ? i : null, none: null }));
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  const digest = createHash("sha256").update(text).digest("hex");
  const file = { digest, sizeBytes: text.length, open: async () => Readable.from([text]) };
  const { signal } = new AbortController();
  const found = await describeColumns(offline, { format: "json", files: [file] }, signal);
  expect(found.map(({ name, nulls, distinct }) => [name, nulls, distinct])).toEqual([
    ["id", 0, 3000],
    ["half", 1500, 1500],
    ["none", 3000, 0],
  ]);
  expect(found[0]).toMatchObject({ min: 0, max: 2999, mean: 1499.5 });
});
