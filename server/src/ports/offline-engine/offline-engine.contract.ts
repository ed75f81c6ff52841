import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { OfflineEngine, OfflineFile, OfflineTable } from "./offline-engine.ts";

/** A file of the given bytes that counts how often it was opened. */
export function fileOf(content: string | Buffer): OfflineFile & { opened: number } {
  const bytes = Buffer.from(content);
  return {
    digest: createHash("sha256").update(bytes).digest("hex"),
    sizeBytes: bytes.length,
    opened: 0,
    async open() {
      this.opened += 1;
      return Readable.from([bytes]);
    },
  };
}

export function csv(content: string): OfflineTable {
  return { format: "csv", files: [fileOf(content)] };
}

/** A real Parquet file, made by the engine itself. */
export async function parquetOf(engine: OfflineEngine, sql: string): Promise<Buffer> {
  return buffer((await engine.export({ tables: {}, sql })).bytes);
}

/** What every engine of the port must do; `open` gives one that the suite may share. */
export function offlineEngineContract(open: () => OfflineEngine): void {
  const people = csv("name,age,born\nAda,36,1815-12-10\nGrace,85,1906-12-09\nnobody,,\n");

  test("rows come back by column, with the types that the file has", async () => {
    const { columns, rows } = await open().query({
      tables: { people },
      sql: "SELECT name, age, born FROM people ORDER BY name",
    });
    expect(columns).toEqual([
      { name: "name", type: "VARCHAR" },
      { name: "age", type: "BIGINT" },
      { name: "born", type: "DATE" },
    ]);
    expect(rows).toEqual([
      ["Ada", 36, "1815-12-10"],
      ["Grace", 85, "1906-12-09"],
      ["nobody", null, null],
    ]);
  });

  test("JSON lines and Parquet are tables too, and several files are one table", async () => {
    const engine = open();
    const lines = { format: "json", files: [fileOf('{"k":1,"tags":["a"]}\n{"k":2,"tags":[]}\n')] } as const;
    const halves = [
      await parquetOf(engine, "SELECT 1 AS k, 'one' AS word"),
      await parquetOf(engine, "SELECT 2 AS k, 'two' AS word"),
    ];
    const { rows } = await engine.query({
      tables: { lines, words: { format: "parquet", files: halves.map(fileOf) } },
      sql: "SELECT k, word, tags FROM lines JOIN words USING (k) ORDER BY k",
    });
    expect(rows).toEqual([
      [1, "one", ["a"]],
      [2, "two", []],
    ]);
  });

  test("values that JSON cannot hold come as text that says the same", async () => {
    const { rows } = await open().query({
      tables: {},
      sql: `SELECT 9007199254740993::BIGINT, 9007199254740991::BIGINT, 1.50::DECIMAL(9, 2), 'NaN'::DOUBLE,
        '-Infinity'::DOUBLE, TIMESTAMP '2001-02-03 04:05:06.789', TIMESTAMPTZ '2001-02-03 04:05:06+02',
        TIMESTAMP_NS '1969-12-31 23:59:59.000000001', 'a'::BLOB, {'a': [1, NULL]}, MAP {'k': 1}, true`,
    });
    expect(rows).toEqual([
      [
        "9007199254740993",
        9007199254740991,
        "1.50",
        "NaN",
        "-Infinity",
        "2001-02-03T04:05:06.789000Z",
        "2001-02-03T02:05:06Z",
        "1969-12-31T23:59:59.000000001Z",
        "YQ==",
        { a: [1, null] },
        [{ key: "k", value: 1 }],
        true,
      ],
    ]);
  });

  test("parameters are values, whatever they contain", async () => {
    const { rows } = await open().query({
      tables: { people },
      sql: "SELECT $1, $2, $3, $4 FROM people LIMIT $2",
      parameters: ["'); DROP TABLE people --", 1, true, null],
    });
    expect(rows).toEqual([["'); DROP TABLE people --", 1, true, null]]);
    const wrong = open().query({ tables: {}, sql: "SELECT $1", parameters: [] });
    await expect(wrong).rejects.toMatchObject({ code: "invalid" });
  });

  test("an export is a Parquet file of the very rows", async () => {
    const engine = open();
    const made = await engine.export({
      tables: { people },
      sql: "SELECT * FROM people WHERE age > $1; ",
      parameters: [40],
    });
    expect(made.rowCount).toBe(1);
    expect(made.columns[0]).toEqual({ name: "name", type: "VARCHAR" });
    const file = fileOf(await buffer(made.bytes));
    const back = await engine.query({
      tables: { t: { format: "parquet", files: [file] } },
      sql: "SELECT * FROM t",
    });
    expect(back.rows).toEqual([["Grace", 85, "1906-12-09"]]);
  });

  describe("refused in the engine's words", () => {
    test.each([
      ["a table that is not there", "SELECT * FROM nothing", /nothing/],
      ["text that is no SQL", "SELEKT 1", /syntax error/],
      ["no statement", "-- only a comment", /no statement/],
      ["several statements", "SELECT 1; SELECT 2", /one statement/],
      ["a file of the machine", "SELECT * FROM read_text('/etc/passwd')", /disabled by configuration/],
      ["a file by its bare name", "SELECT * FROM '/etc/passwd'", /passwd/],
      [
        "the environment of the process",
        "SELECT * FROM read_blob('/proc/self/environ')",
        /disabled by config/,
      ],
      ["a listing of files", "SELECT * FROM glob('/etc/*')", /disabled by configuration/],
      ["ATTACH", "ATTACH '/tmp/atrium-attack.db'", /Only SELECT/],
      ["COPY TO", "COPY (SELECT 1) TO '/tmp/atrium-attack.csv'", /disabled by configuration/],
      ["COPY TO by leaving the parentheses", "SELECT 1) TO '/tmp/atrium-attack.csv' --", /syntax error/],
      ["INSTALL", "INSTALL httpfs", /Only SELECT/],
      ["a changed setting", "SET enable_external_access = true", /Only SELECT/],
      ["EXPORT", "EXPORT DATABASE '/tmp/atrium-attack'", /disabled by configuration/],
    ])("%s", async (_, sql, words) => {
      const refusal = { code: "invalid", message: expect.stringMatching(words) };
      await expect(open().query({ tables: {}, sql })).rejects.toMatchObject(refusal);
      await expect(open().export({ tables: {}, sql })).rejects.toMatchObject(refusal);
    });

    test("a file that is no Parquet, and one that is damaged, by the table's name", async () => {
      const engine = open();
      const good = await parquetOf(engine, "SELECT range AS n, hash(range) AS h FROM range(100000)");
      const cut = good.subarray(0, good.length - 100);
      const damaged = Buffer.from(good);
      damaged.fill(0xff, 1000, good.length >> 1);
      for (const bytes of [Buffer.from("name,age\n"), Buffer.alloc(0), cut, damaged]) {
        const tables = { broken: { format: "parquet", files: [fileOf(bytes)] } } as const;
        const asked = engine.query({ tables, sql: "SELECT count(*), sum(n), min(h) FROM broken" });
        await expect(asked).rejects.toMatchObject({
          code: "invalid",
          message: expect.not.stringMatching(/\/proc/),
        });
      }
    });

    test("a CSV whose columns do not hold what the others say", async () => {
      const tables = { t: { format: "csv", files: [fileOf("a,b\n1,2\n"), fileOf("x\ny\n")] } } as const;
      await expect(open().query({ tables, sql: "SELECT * FROM t" })).rejects.toMatchObject({
        code: "invalid",
      });
    });
  });

  test("more rows than asked for are refused, not cut", async () => {
    const asked = open().query({ tables: {}, sql: "SELECT * FROM range(11)" }, { rowsMax: 10 });
    await expect(asked).rejects.toMatchObject({ code: "exhausted", reason: "rows" });
    const fits = await open().query({ tables: {}, sql: "SELECT * FROM range(10)" }, { rowsMax: 10 });
    expect(fits.rows).toHaveLength(10);
  });

  test("what does not fit in memory fails and leaves the next query alone", async () => {
    const asked = open().query(
      {
        tables: {},
        sql: "SELECT count(*) FROM (SELECT DISTINCT hash(range), hash(range + 1) FROM range(20000000))",
      },
      { memoryMiB: 64 },
    );
    await expect(asked).rejects.toMatchObject({ code: "exhausted", reason: "memory" });
    expect((await open().query({ tables: {}, sql: "SELECT 1" })).rows).toEqual([[1]]);
  });

  test("a query that takes too long is stopped, and so is one whose caller gave up", async () => {
    const forever = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7";
    const slow = open().query({ tables: {}, sql: forever }, { timeoutMs: 300 });
    await expect(slow).rejects.toMatchObject({ code: "exhausted", reason: "time" });
    const leaving = new AbortController();
    const left = open().query({ tables: {}, sql: forever, signal: leaving.signal });
    setTimeout(() => leaving.abort(), 300);
    await expect(left).rejects.toMatchObject({ code: "unavailable" });
    expect((await open().query({ tables: {}, sql: "SELECT 1" })).rows).toEqual([[1]]);
  });

  test("a file that cannot be read is its reader's error", async () => {
    const file = { ...fileOf("a\n1\n"), open: () => Promise.reject(new Error("no such blob")) };
    const asked = open().query({ tables: { t: { format: "csv", files: [file] } }, sql: "SELECT * FROM t" });
    await expect(asked).rejects.toThrow("no such blob");
  });
}
