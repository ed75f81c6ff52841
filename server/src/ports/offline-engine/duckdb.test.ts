import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { type DuckdbEngine, type DuckdbOptions, openDuckdb } from "./duckdb.ts";
import { csv, fileOf, offlineEngineContract, parquetOf } from "./offline-engine.contract.ts";

const FOREVER = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range * b.range = 7";
const opened: DuckdbEngine[] = [];

function open(options: DuckdbOptions = {}): DuckdbEngine {
  const engine = openDuckdb(options);
  opened.push(engine);
  return engine;
}

afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.stop();
});

describe("the contract of the port", () => {
  const shared = openDuckdb();
  offlineEngineContract(() => shared);
  test("stopping ends every child", async () => {
    await shared.query({ tables: {}, sql: "SELECT 1" });
    const [pid] = shared.children();
    await shared.stop();
    expect(shared.children()).toEqual([]);
    await expect.poll(() => alive(pid ?? 0)).toBe(false);
    await expect(shared.query({ tables: {}, sql: "SELECT 1" })).rejects.toMatchObject({
      code: "unavailable",
    });
  });
});

test("a child that is killed is a clear refusal, and the next query gets a fresh one that finds the tables", async () => {
  const engine = open();
  const file = fileOf("a\n1\n");
  const tables = { t: { format: "csv", files: [file] } } as const;
  await engine.query({ tables, sql: "SELECT * FROM t" });
  const dying = engine.query({ tables, sql: FOREVER });
  const refused = expect(dying).rejects.toMatchObject({ code: "unavailable", reason: "died" });
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (const pid of engine.children()) process.kill(pid, "SIGKILL");
  await refused;
  expect((await engine.query({ tables, sql: "SELECT * FROM t" })).rows).toEqual([[1]]);
  expect(file.opened).toBe(1);
});

test("a child that was killed while it rested is replaced without anyone noticing", async () => {
  const engine = open();
  await engine.query({ tables: {}, sql: "SELECT 1" });
  const [pid = 0] = engine.children();
  process.kill(pid, "SIGKILL");
  await expect.poll(() => engine.children()).toEqual([]);
  expect((await engine.query({ tables: {}, sql: "SELECT 2" })).rows).toEqual([[2]]);
});

test("children end when nobody asks for a while", async () => {
  const engine = open({ idleMs: 50 });
  await engine.query({ tables: {}, sql: "SELECT 1" });
  await expect.poll(() => engine.children()).toEqual([]);
});

test("who comes when the line is full is refused at once", async () => {
  const engine = open({ childrenMax: 1, waitingMax: 1 });
  const first = engine.query({ tables: {}, sql: FOREVER }, { timeoutMs: 1000 });
  const second = engine.query({ tables: {}, sql: "SELECT 2" });
  const third = engine.query({ tables: {}, sql: "SELECT 3" });
  await expect(third).rejects.toMatchObject({ code: "unavailable", reason: "queue" });
  await expect(first).rejects.toMatchObject({ code: "exhausted" });
  expect((await second).rows).toEqual([[2]]);
});

test("tables are kept within their bound, those used last the longest", async () => {
  const line = `${"x".repeat(999)}\n`;
  const [a, b, c] = ["a\n", "b\n", "c\n"].map((head) => fileOf(head + line.repeat(10)));
  const engine = open({ tableBytesMax: 25_000 });
  const read = (file: typeof a) => {
    if (file === undefined) throw new Error("there are three files");
    return engine.query({ tables: { t: { format: "csv", files: [file] } }, sql: "SELECT count(*) FROM t" });
  };
  for (const file of [a, b, a, c, a, b]) await read(file);
  expect([a?.opened, b?.opened, c?.opened]).toEqual([1, 2, 1]);
  expect(engine.tableBytes()).toBeLessThanOrEqual(25_000);
  const large = fileOf(`d\n${line.repeat(30)}`);
  await expect(read(large)).rejects.toMatchObject({ code: "exhausted", reason: "memory" });
});

test("nothing plain has a name in any folder, neither of the tables nor of what a query makes", async () => {
  const engine = open({ childrenMax: 1 });
  const before = new Set(readdirSync("/dev/shm"));
  const rows = Array.from({ length: 20_000 }, (_, i) => `secret-of-${i}-${"y".repeat(50)}`).join("\n");
  const asked = engine.query(
    {
      tables: { t: csv(`word\n${rows}\n`) },
      sql: "SELECT count(*) FROM (SELECT t.word || a.word FROM t, t a ORDER BY 1 DESC)",
    },
    { memoryMiB: 100, timeoutMs: 20_000 },
  );
  const refused = expect(asked).rejects.toMatchObject({ code: "exhausted" });
  await expect.poll(() => engine.children().length).toBe(1);
  const [pid = 0] = engine.children();
  const seen = new Set<string>();
  for (let i = 0; i < 20 && alive(pid); i += 1) {
    for (const path of openFilesOf(pid)) seen.add(path);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await refused;
  const named = [...seen].filter((path) => path.startsWith("/") && !path.endsWith("(deleted)"));
  expect(named.filter((path) => !/^\/(dev|proc|sys)\//.test(path) && !/node|\.ts$/.test(path))).toEqual([]);
  expect(readdirSync("/dev/shm").filter((name) => name.startsWith("atrium-") && !before.has(name))).toEqual(
    [],
  );
});

test("a child has none of our environment and makes no core file", async () => {
  const engine = open();
  await engine.query({ tables: {}, sql: "SELECT 1" });
  const [pid = 0] = engine.children();
  const names = readFileSync(`/proc/${pid}/environ`, "utf8")
    .split("\0")
    .map((pair) => pair.split("=")[0]);
  expect(names.filter((name) => name && !/^(TZ|PWD|OLDPWD|SHLVL|_|NODE_CHANNEL_.*)$/.test(name))).toEqual([]);
  expect(readFileSync(`/proc/${pid}/limits`, "utf8")).toMatch(/^Max core file size +0 +0/m);
});

test("an export of a million rows streams and counts them", async () => {
  const engine = open();
  const made = await engine.export({
    tables: {},
    sql: "SELECT range AS n, hash(range) AS h FROM range(1000000)",
  });
  expect(made.rowCount).toBe(1_000_000);
  const file = fileOf(await buffer(made.bytes));
  const tables = { t: { format: "parquet", files: [file] } } as const;
  expect((await engine.query({ tables, sql: "SELECT count(*), max(n) FROM t" })).rows).toEqual([
    [1_000_000, 999_999],
  ]);
});

test("a statement cannot reach the tables of another that runs at the same time", async () => {
  const engine = open({ childrenMax: 2 });
  const secret = fileOf(await parquetOf(engine, "SELECT 'secret' AS word"));
  const slow = engine.query(
    { tables: { t: { format: "parquet", files: [secret] } }, sql: FOREVER },
    { timeoutMs: 2000 },
  );
  const refused = expect(slow).rejects.toMatchObject({ code: "exhausted" });
  await new Promise((resolve) => setTimeout(resolve, 300));
  for (const name of readdirSync("/proc/self/fd")) {
    const sql = `SELECT * FROM read_parquet('/proc/${process.pid}/fd/${name}')`;
    await expect(engine.query({ tables: {}, sql })).rejects.toMatchObject({ code: "invalid" });
  }
  await refused;
});

function alive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

function openFilesOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${name}`);
      } catch {
        return ""; // Closed between the listing and the look.
      }
    });
  } catch {
    return [];
  }
}
