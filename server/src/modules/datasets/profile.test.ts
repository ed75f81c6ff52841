import { afterAll, expect, test } from "vitest";
import { openDuckdb } from "../../ports/offline-engine/duckdb.ts";
import { fileOf, parquetOf } from "../../ports/offline-engine/offline-engine.contract.ts";
import { profileTable, TABLE } from "./profile.ts";

const engine = openDuckdb();
afterAll(() => engine.stop());

async function profile(sql: string) {
  const file = fileOf(await parquetOf(engine, sql));
  const tables = { [TABLE]: { format: "parquet", files: [file] } } as const;
  return profileTable((statement) => engine.query({ tables, sql: statement }));
}

test("numbers have their moments, quantiles and a histogram that counts each value once", async () => {
  const { rowCount, columns, profiles } = await profile(
    "SELECT CASE WHEN range % 10 = 9 THEN NULL ELSE range END AS n FROM range(10000)",
  );
  expect(rowCount).toBe(10_000);
  expect(columns).toEqual([{ name: "n", type: "BIGINT", nullable: true }]);
  const [n] = profiles;
  expect(n).toMatchObject({ nulls: 1000, min: 0, max: 9998 });
  const values = Array.from({ length: 10_000 }, (_, i) => i).filter((i) => i % 10 !== 9);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
  expect(n?.mean).toBeCloseTo(mean, 6);
  expect(n?.std).toBeCloseTo(std, 6);
  for (const { q, value } of n?.quantiles ?? []) expect(Math.abs(Number(value) - q * 9998)).toBeLessThan(100);
  expect(n?.histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(9000);
  expect(n?.histogram?.edges).toHaveLength(21);
  expect(n?.distinct).toBe(9000);
});

test("values that are no numbers are counted apart and spoil nothing", async () => {
  const { profiles } = await profile(
    "SELECT unnest([1.5, 2.5, 'NaN'::DOUBLE, 'Infinity'::DOUBLE, NULL, 1e308, -1e308]) AS x",
  );
  expect(profiles[0]).toMatchObject({ nulls: 1, notFinite: 2, min: -1e308, max: 1e308 });
});

test("text has frequent values and lengths, times have dates", async () => {
  const { profiles } = await profile(
    `SELECT CASE WHEN range < 60 THEN 'often' WHEN range < 90 THEN 'now' ELSE 'w' || range END AS word,
       TIMESTAMP '2026-01-01 00:00:00' + INTERVAL (range) HOUR AS at, range % 2 = 0 AS even,
       (DATE '2026-01-01' + (range % 3)::INTEGER) AS day FROM range(100)`,
  );
  const [word, at, even, day] = profiles;
  expect(word?.top?.slice(0, 3)).toEqual([
    { value: "often", count: 60 },
    { value: "now", count: 30 },
    { value: "w90", count: 1 },
  ]);
  expect(word?.histogram).toMatchObject({ kind: "lengths" });
  expect(at).toMatchObject({
    min: "2026-01-01T00:00:00Z",
    max: "2026-01-05T03:00:00Z",
    histogram: { kind: "times" },
  });
  expect(at?.histogram?.edges[0]).toBe(Date.parse("2026-01-01T00:00:00Z"));
  expect(even?.top).toEqual([
    { value: false, count: 50 },
    { value: true, count: 50 },
  ]);
  expect(day?.top?.[0]).toEqual({ value: "2026-01-01T00:00:00.000Z", count: 34 });
});

test("of many distinct values the frequent ones are found with their exact counts", async () => {
  const { profiles } = await profile(
    "SELECT CASE WHEN range % 4 = 0 THEN 'quarter' ELSE 'v' || range END AS word FROM range(100000)",
  );
  expect(profiles[0]?.top?.[0]).toEqual({ value: "quarter", count: 25_000 });
});

test.each([
  ["no rows", "SELECT 1 AS n, 'x' AS s, now() AS t WHERE false"],
  ["only nulls", "SELECT NULL::INTEGER AS n, NULL::VARCHAR AS s, NULL::TIMESTAMP AS t FROM range(3)"],
  ["one value", "SELECT 7 AS n, 'x' AS s, TIMESTAMP '2026-01-01' AS t"],
  ["infinite times", "SELECT 1 AS n, '' AS s, 'infinity'::TIMESTAMP AS t"],
  ["odd names", `SELECT 1 AS "a ""quoted"" name", 2 AS "select", 3 AS "x;--", 4 AS "Größe"`],
  [
    "every type",
    `SELECT 1::TINYINT AS a, 1::HUGEINT AS b, 1.5::DECIMAL(18, 3) AS c, 1.5::FLOAT AS d, true AS e, 'x'::BLOB AS f,
     DATE '2026-01-01' AS g, TIME '10:00:00' AS h, now() AS i, TIMESTAMP_NS '2026-01-01 00:00:00' AS j, INTERVAL 1 DAY AS k,
     uuid() AS l, [1, 2] AS m, {'a': 1} AS n, MAP {'a': 1} AS o, 'x'::ENUM('x', 'y') AS p, TIMESTAMP_S '2026-01-01 00:00:00' AS q`,
  ],
])("a table with %s has a profile", async (_, sql) => {
  const { rowCount, columns, profiles } = await profile(sql);
  expect(profiles.map(({ name }) => name)).toEqual(columns.map(({ name }) => name));
  for (const { nulls, histogram } of profiles) {
    expect(nulls).toBeLessThanOrEqual(rowCount);
    if (histogram !== undefined) expect(histogram.edges).toHaveLength(histogram.counts.length + 1);
  }
});

test("a table of hundreds of columns is looked at in parts", async () => {
  const names = Array.from({ length: 300 }, (_, i) => `range + ${i} AS c${i}`).join(", ");
  const { profiles } = await profile(`SELECT ${names} FROM range(1000)`);
  expect(profiles).toHaveLength(300);
  expect(profiles[299]).toMatchObject({ name: "c299", min: 299, max: 1298 });
}, 180_000); // 11 s on an idle machine; a busy one may take ten times as long.
