import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { openDuckdb } from "../../ports/offline-engine/duckdb.ts";
import { writeParquet } from "./parquet.ts";

test("DuckDB reads every type and every null of a written table", async () => {
  const bytes = writeParquet(
    [
      { name: "n", type: "BIGINT", values: [1, null, -3] },
      { name: "x", type: "DOUBLE", values: [0.5, 2, null] },
      { name: "ok", type: "BOOLEAN", values: [true, null, false] },
      { name: "text", type: "VARCHAR", values: ["né", null, [1, 2]] },
    ],
    3,
  );
  const engine = openDuckdb();
  const digest = createHash("sha256").update(bytes).digest("hex");
  const file = { digest, sizeBytes: bytes.length, open: async () => Readable.from([bytes]) };
  const { columns, rows } = await engine.query({
    tables: { t: { format: "parquet", files: [file] } },
    sql: "SELECT * FROM t",
  });
  await engine.stop();
  expect(columns.map(({ type }) => type)).toEqual(["BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR"]);
  expect(rows).toEqual([
    [1, 0.5, true, "né"],
    [null, 2, null, null],
    [-3, null, false, "[1,2]"],
  ]);
});
