import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AppError } from "#lib/errors";
import { createMetrics } from "#lib/metrics";
import { ada, DAY_MS, eve, openTelemetry } from "../../testing/telemetry.ts";
import type { LogScope } from "./door.ts";
import * as queries from "./queries.ts";
import { createTelemetry } from "./telemetry.ts";

vi.setConfig({ testTimeout: 30_000 }); // Each test starts two threads, for which a busy machine takes its time.

type Opened = Awaited<ReturnType<typeof openTelemetry>>;
let t: Opened;
const P1: LogScope = { kind: "project", projectId: "p1" };
const P2: LogScope = { kind: "project", projectId: "p2" };
const INSTANCE: LogScope = { kind: "instance" };

beforeEach(async () => {
  t = await openTelemetry();
});
afterEach(() => t.close());

/** Stores what was written without waiting for the second to pass. */
const stored = (): Promise<void> => t.telemetry.flush();

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500 && !(await holds()); i += 1) await new Promise((go) => setTimeout(go, 10));
}

interface Search {
  scope?: LogScope;
  labels?: string;
  text?: string;
  fromMs?: number;
  toMs?: number;
  pageSize?: number;
  pageToken?: string | undefined;
}

function search({ scope = P1, ...rest }: Search = {}) {
  return t.telemetry.searchLogs(ada, scope, { labels: "", text: "", pageSize: 100, ...rest });
}

async function messages(asked: Search = {}): Promise<string[]> {
  return (await search(asked)).items.map((line) => line.message);
}

function say(message: string, more: object = {}): void {
  t.telemetry.write([{ projectId: "p1", level: "info", message, ...more }]);
}

test("a line comes back as it was written, without anyone asking for it to be stored", {
  timeout: 30_000,
}, async () => {
  say("hello", {
    level: "warn",
    labels: { run: "7f3", role: "worker" },
    fields: { took: 1.5, deep: { a: [1] } },
  });
  await until(async () => (await queries.projectsWithLogs(t.db.reader)).length > 0);
  const { items, dropped } = await search();
  expect(dropped).toBe(0);
  expect(items).toEqual([
    {
      id: expect.stringMatching(/^1000000000000\.\w{26}\.0$/),
      atMs: 1_000_000_000_000,
      level: "warn",
      message: "hello",
      labels: { project: "slug-p1", role: "worker", run: "7f3" },
      fields: { took: 1.5, deep: { a: [1] } },
    },
  ]);
});

test("labels must all match, one of several values each; level and project are labels too", async () => {
  say("a", { labels: { role: "api" } });
  say("b", { labels: { role: "worker", run: "1" }, level: "error" });
  say("c", { labels: { role: "worker", run: "2" } });
  t.telemetry.write([{ projectId: "p2", level: "info", message: "d", labels: { role: "api" } }]);
  t.telemetry.write([{ level: "info", message: "own", labels: { role: "api" } }]);
  await stored();
  expect(await messages({ labels: "role=worker" })).toEqual(["c", "b"]);
  expect(await messages({ labels: "role=worker,level=error|warn" })).toEqual(["b"]);
  expect(await messages({ labels: "run=1|2, role=worker" })).toEqual(["c", "b"]);
  expect(await messages({ labels: "run=3" })).toEqual([]);
  expect((await messages({ scope: INSTANCE, labels: "role=api" })).sort()).toEqual(["a", "d", "own"]);
  expect(await messages({ scope: INSTANCE, labels: "project=slug-p2" })).toEqual(["d"]);
  expect(await messages({ labels: "project=slug-p2" })).toEqual([]);
});

test("words are found in message and fields whatever their case, phrases whole, special characters too", async () => {
  say("Request timed OUT for Größe", { fields: { path: "/api/runs", note: 'he said "no"\nand left' } });
  say("timed and then out");
  await stored();
  expect(await messages({ text: '"timed out"' })).toHaveLength(1);
  expect(await messages({ text: "out TIMED" })).toHaveLength(2);
  expect(await messages({ text: "GRÖSSE" })).toHaveLength(0);
  expect(await messages({ text: "größe /API/runs" })).toHaveLength(1);
  expect(await messages({ text: "said" })).toHaveLength(1);
  expect(await messages({ text: '\\"no' })).toHaveLength(0);
  expect(await messages({ text: "1000000000000" })).toHaveLength(0);
});

test("pages follow each other newest first, without a gap or a repeat, over lines of one millisecond", async () => {
  for (let i = 0; i < 50; i += 1) say(`line ${i}`, { atMs: 1_000_000_000_000 + Math.floor(i / 20) });
  t.telemetry.write([{ projectId: "p2", level: "info", message: "other", atMs: 1_000_000_000_001 }]);
  await stored();
  t.time.nowMs += 1000;
  const seen: string[] = [];
  let pageToken: string | undefined;
  do {
    const page = await search({ scope: INSTANCE, pageSize: 7, pageToken });
    seen.push(...page.items.map((line) => line.id));
    pageToken = page.nextToken;
  } while (pageToken !== undefined);
  expect(new Set(seen).size).toBe(51);
  const whole = (await search({ scope: INSTANCE, pageSize: 1000 })).items.map((line) => line.id);
  expect(seen).toEqual(whole);
});

test("a range includes its start and excludes its end", async () => {
  for (const atMs of [1000, 2000, 3000]) say(`at ${atMs}`, { atMs });
  await stored();
  expect(await messages({ fromMs: 1000, toMs: 3000 })).toEqual(["at 2000", "at 1000"]);
});

test("bad labels, ranges, tokens and too many words are refused with their place", async () => {
  const refused = (asked: Search, at: string) =>
    expect(search(asked)).rejects.toMatchObject({ code: "invalid", at });
  await refused({ labels: "role" }, "query.labels");
  await refused({ labels: "role=" }, "query.labels");
  await refused({ labels: "1role=a" }, "query.labels");
  await refused({ text: "w ".repeat(33) }, "query.text");
  await refused({ fromMs: 5, toMs: 5 }, "query.fromMs");
  await refused({ pageToken: "WzEsMiwzXQ" }, "query.pageToken");
});

test("who may not read a project or the instance learns nothing, and reading is recorded", async () => {
  say("secret");
  await stored();
  const bob = { ...ada, id: "bob" };
  const asked = { labels: "", text: "", pageSize: 10 };
  await expect(t.telemetry.searchLogs(eve, P1, asked)).rejects.toMatchObject({ code: "not_found" });
  await expect(t.telemetry.searchLogs(bob, P2, asked)).rejects.toMatchObject({ code: "not_found" });
  await expect(t.telemetry.searchLogs(bob, INSTANCE, asked)).rejects.toMatchObject({ code: "not_found" });
  await expect(t.telemetry.metricSeries(bob, INSTANCE, { labels: "" })).rejects.toMatchObject({
    code: "not_found",
  });
  expect((await t.telemetry.searchLogs(bob, P1, asked)).items).toHaveLength(1);
  const follow = t.telemetry.followLogs(eve, P1, { labels: "", text: "", listener: () => {} });
  await expect(follow).rejects.toMatchObject({ code: "not_found" });
  expect(t.read).toEqual(["bob logs.searched p1"]);
});

test("a histogram counts by level, with and without a filter alike", async () => {
  for (let i = 0; i < 40; i += 1)
    say(`line ${i}`, {
      atMs: 10_000 + i * 100,
      level: i % 4 === 0 ? "error" : "info",
      labels: { half: i < 20 ? "1" : "2" },
    });
  await stored();
  const range = { fromMs: 10_000, toMs: 14_000 };
  const count = (more: object, buckets = 4) =>
    t.telemetry.logHistogram(ada, P1, { labels: "", text: "", ...range, buckets, ...more });
  expect(await count({})).toEqual({
    stepMs: 1000,
    buckets: [0, 1, 2, 3].map((i) => ({
      atMs: 10_000 + i * 1000,
      counts: { info: 7 + (i % 2 === 0 ? 0 : 1), error: 3 - (i % 2) },
    })),
  });
  expect((await count({}, 1)).buckets).toEqual([{ atMs: 10_000, counts: { info: 30, error: 10 } }]);
  expect((await count({ labels: "half=2,level=error" }, 1)).buckets[0]?.counts).toEqual({ error: 5 });
  expect((await count({ text: "3" }, 1)).buckets[0]?.counts).toEqual({ info: 11, error: 2 });
});

test("label values are those of the matching lines, levels and projects included", async () => {
  say("a", { labels: { run: "1", role: "api" } });
  say("b", { labels: { run: "2", role: "worker" }, level: "error" });
  await stored();
  const values = (label: string, labels = "", text = "") =>
    t.telemetry.logLabelValues(ada, INSTANCE, { labels, text, label });
  expect(await values("run")).toEqual(["1", "2"]);
  expect(await values("run", "role=api")).toEqual(["1"]);
  expect(await values("run", "", "b")).toEqual(["2"]);
  expect(await values("level")).toEqual(["error", "info"]);
  expect(await values("project")).toEqual(["slug-p1"]);
  expect(await values("project", "role=nobody")).toEqual([]);
});

test("small rows are joined, and every line keeps its place, its id and its page", async () => {
  for (let round = 0; round < 10; round += 1) {
    for (let i = 0; i < 5; i += 1) say(`line ${round}.${i}`, { labels: { run: String(i) } });
    await stored();
    t.time.nowMs += 1000;
  }
  const before = (await search({ pageSize: 1000 })).items;
  const page = await search({ pageSize: 23 });
  const usedBefore = t.quota.used;
  t.time.nowMs += 120_000;
  await t.runJob("telemetry.join");
  expect(await queries.logsStoredSince(t.db.reader, 0, 100)).toHaveLength(1);
  expect((await search({ pageSize: 1000 })).items).toEqual(before);
  const rest = await search({ pageSize: 1000, pageToken: page.nextToken });
  expect([...page.items, ...rest.items]).toEqual(before);
  expect(t.quota.used).toBeLessThan(usedBefore);
  expect(t.quota.used).toBe(await queries.logBytes(t.db.reader, "p1"));
});

test("what is older than a project keeps is forgotten, and given back to its quota", async () => {
  t.settings.p2 = { telemetryDays: 3 };
  say("p1", { atMs: t.time.nowMs });
  t.telemetry.write([
    { projectId: "p2", level: "info", message: "p2" },
    { level: "info", message: "own" },
  ]);
  await stored();
  t.time.nowMs += 4 * DAY_MS;
  await t.runJob("telemetry.forget");
  const all = { fromMs: 0, scope: INSTANCE };
  expect((await messages(all)).sort()).toEqual(["own", "p1"]);
  t.time.nowMs += 27 * DAY_MS;
  await t.runJob("telemetry.forget");
  expect(await messages(all)).toEqual([]);
  expect(t.quota.used).toBe(0);
});

test("a project that chose a size forgets its oldest lines first", async () => {
  for (let i = 0; i < 6; i += 1) {
    say(`line ${i}`, { fields: { noise: Array.from({ length: 2000 }, () => Math.random()) } });
    await stored();
    t.time.nowMs += 1000;
  }
  const bytes = await queries.logBytes(t.db.reader, "p1");
  t.settings.p1 = { telemetryBytesMax: Math.ceil(bytes * 0.58) };
  await t.runJob("telemetry.forget");
  expect(await messages()).toEqual(["line 5", "line 4", "line 3"]);
});

test("a full quota makes room by forgetting the oldest; what can never fit is counted as dropped", async () => {
  say("old", { fields: { noise: "x".repeat(100) } });
  await stored();
  t.quota.maximum = t.quota.used + 20;
  t.time.nowMs += 1000;
  say("new");
  await stored();
  expect(await messages()).toEqual(["new"]);
  expect(t.telemetry.dropped).toBe(0);
  t.quota.maximum = 10;
  say("never");
  await stored();
  expect(t.telemetry.dropped).toBe(1);
  expect((await search()).dropped).toBe(1);
  expect(t.metrics.exposition()).toContain('telemetry_log_lines_dropped_total{reason="over quota"} 1');
});

test("a purged project's lines cannot be read, and go with the next round", async () => {
  say("gone");
  await stored();
  delete t.settings.p1;
  expect(await messages({ scope: INSTANCE })).toEqual([]);
  await t.runJob("telemetry.forget");
  expect(await queries.projectsWithLogs(t.db.reader)).toEqual([]);
  say("for nobody");
  await stored();
  expect(t.telemetry.dropped).toBe(1);
});

test("a writer that is faster than the disk loses lines, never memory, and is told", async () => {
  const message = "x".repeat(60_000);
  for (let i = 0; i < 1000; i += 1) say(message);
  expect(t.telemetry.dropped).toBeGreaterThan(600);
  await stored();
  expect((await search({ pageSize: 1000 })).items.length + t.telemetry.dropped).toBe(1000);
});

test("a database that is away is asked a few times a round, not once for each row, and gets all when it is back", async () => {
  const rows = 20;
  let tries = 0;
  let away = true;
  const transaction: typeof t.db.transaction = (work) => {
    if (!away) return t.db.transaction(work);
    tries += 1;
    return Promise.reject(new AppError("unavailable", "The database is away."));
  };
  const telemetry = createTelemetry({ ...t.deps, db: { ...t.db, transaction }, metrics: createMetrics() });
  const message = "x".repeat(60_000);
  const lines = Array.from({ length: rows * 8 }, () => ({
    projectId: "p1",
    level: "info" as const,
    message,
  }));
  telemetry.write(lines);
  await telemetry.flush(); // The second round: the writing began one.
  expect(tries).toBeLessThan(rows);
  away = false;
  await telemetry.flush();
  expect((await search({ pageSize: 1000 })).items).toHaveLength(lines.length);
  expect(telemetry.dropped).toBe(0);
  await telemetry.stop();
});

test("what no line can hold is cut or moved, never refused", async () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  say("circle", { fields: circle });
  say("\u0000".repeat(100_000), { fields: { a: "y".repeat(100_000) } });
  say("labels", {
    labels: { ...Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`l${i}`, "v"])), level: "x" },
  });
  say("future", { atMs: t.time.nowMs + 10 * DAY_MS });
  await stored();
  const { items, dropped } = await search({ toMs: t.time.nowMs + DAY_MS, fromMs: 0 });
  expect(dropped).toBe(1);
  expect(items.map((line) => line.atMs - t.time.nowMs)).toEqual([600_000, 0, 0]);
  expect(Object.keys(items[1]?.labels ?? {})).toHaveLength(17);
  expect(items[1]?.fields).toMatchObject({ level: "x", l9: "v" });
  expect(items[2]?.fields.cut).toMatch(/the rest was cut/);
  expect(JSON.stringify(items[2]).length).toBeLessThan(70_000);
});

test("nothing of a line stands in the stored row, and a row moved to another place does not open", async () => {
  say("find-me-not", { labels: { run: "label-me-not" }, fields: { f: "field-me-not" } });
  t.telemetry.write([{ projectId: "p2", level: "info", message: "other" }]);
  await stored();
  const [mine, other] = await Promise.all(
    (
      await queries.logsWithin(t.db.reader, {
        kind: "log",
        projectIds: undefined,
        fromMs: 0,
        toMs: 2e12,
        limit: 10,
      })
    )
      .sort((a, b) => (a.project_id < b.project_id ? -1 : 1))
      .map((row) => queries.logHolding(t.db.reader, row, "head and body")),
  );
  expect(JSON.stringify(mine) + mine?.head.toString("latin1") + mine?.body?.toString("latin1")).not.toMatch(
    /me-not/,
  );
  await t.db.transaction(async (tx) => {
    if (mine?.body === undefined || other === undefined) throw new Error("Two rows were stored.");
    await queries.removeLogs(tx, [other]);
    await queries.addLogs(tx, { ...other, head: mine.head, body: mine.body });
  });
  await expect(search({ scope: P2 })).rejects.toMatchObject({ code: "unavailable" });
});

test("lines stay when another process opens the store, and both write side by side", async () => {
  say("first");
  await stored();
  t.time.nowMs += 10;
  const other = createTelemetry({ ...t.deps, metrics: (await import("#lib/metrics")).createMetrics() });
  const heard: string[] = [];
  const following = await other.followLogs(ada, P1, {
    labels: "",
    text: "",
    listener: (lines) => heard.push(...lines.map((line) => line.message)),
  });
  say("second");
  other.write([{ projectId: "p1", level: "info", message: "own" }]);
  await stored();
  await until(() => heard.length >= 2);
  expect(heard.sort()).toEqual(["own", "second"]);
  following.stop();
  await other.stop();
  expect((await messages()).sort()).toEqual(["first", "own", "second"]);
});

test("who follows hears matching lines only, in order, until they stop", async () => {
  const heard: string[] = [];
  const following = await t.telemetry.followLogs(ada, P1, {
    labels: "role=api",
    text: "hot",
    listener: (lines) => heard.push(...lines.map((line) => `${line.labels.project} ${line.message}`)),
  });
  say("hot 1", { labels: { role: "api" } });
  say("hot 2", { labels: { role: "api" } });
  say("hot 3", { labels: { role: "worker" } });
  say("cold", { labels: { role: "api" } });
  t.telemetry.write([{ projectId: "p2", level: "info", message: "hot", labels: { role: "api" } }]);
  await until(() => heard.length >= 2);
  expect(heard).toEqual(["slug-p1 hot 1", "slug-p1 hot 2"]);
  following.stop();
  say("hot 4", { labels: { role: "api" } });
  await stored();
  expect(await messages({ text: "hot" })).toHaveLength(4);
  expect(heard).toHaveLength(2);
});
