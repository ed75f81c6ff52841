import { afterEach, beforeEach, expect, test } from "vitest";
import { createMetrics } from "#lib/metrics";
import { ada, DAY_MS, openTelemetry } from "../../testing/telemetry.ts";
import { packPoints, thin, unpackPoints } from "./metric-chunk.ts";
import { createReadingMaker, quantileOf } from "./metric-reading.ts";
import { createMetricStore } from "./metric-store.ts";
import * as queries from "./queries.ts";

let t: Awaited<ReturnType<typeof openTelemetry>>;

beforeEach(async () => {
  t = await openTelemetry();
});
afterEach(() => t.close());

const everything = { labels: "", fromMs: 0, toMs: 2e12, pointsMax: 5000 };

test("points survive packing exactly, odd numbers and uneven times too", () => {
  const points = {
    atMs: [1_000_000_000_000, 1_000_000_015_000, 1_000_000_030_007, 1_000_099_999_999],
    values: [0.1, -1e300, 5e-324, 9_007_199_254_740_991],
  };
  expect(unpackPoints(packPoints(points))).toEqual(points);
  expect(unpackPoints(packPoints({ atMs: [], values: [] }))).toEqual({ atMs: [], values: [] });
});

test("few points stay as they are, many become averages of equal buckets", () => {
  const points = { atMs: [0, 10, 20, 30, 40], values: [1, 3, 5, 7, 100] };
  const range = { fromMs: 0, toMs: 40 };
  expect(thin(points, range, 4)).toEqual([
    [0, 1],
    [10, 3],
    [20, 5],
    [30, 7],
  ]);
  expect(thin(points, range, 2)).toEqual([
    [10, 2],
    [30, 6],
  ]);
});

test("a histogram's quantiles are those of the interval since the reading before", () => {
  const metrics = createMetrics();
  const took = metrics.histogram({ name: "took_seconds", help: "", buckets: [1, 2, 4] });
  const maker = createReadingMaker();
  for (let i = 0; i < 100; i += 1) took.observe(0.5);
  const first = maker.read(metrics.collect()).filter(({ name }) => name.startsWith("took"));
  expect(first.map(({ name, labels, value }) => [name, labels.quantile, value])).toEqual([
    ["took_seconds_sum", undefined, 50],
    ["took_seconds_count", undefined, 100],
    ["took_seconds", "0.5", 0.5],
    ["took_seconds", "0.95", 0.95],
    ["took_seconds", "0.99", 0.99],
  ]);
  took.observe(3);
  const second = maker.read(metrics.collect()).filter(({ labels }) => labels.quantile === "0.5");
  expect(second.map(({ value }) => value)).toEqual([3]);
  expect(maker.read(metrics.collect()).some(({ labels }) => "quantile" in labels)).toBe(false);
});

test("what lies above the last bound is said to be the last bound, and of nothing there is no quantile", () => {
  const buckets = [
    { bound: 1, below: 0 },
    { bound: Number.POSITIVE_INFINITY, below: 5 },
  ];
  expect(quantileOf(buckets, 0.5)).toBe(1);
  expect(
    quantileOf(
      buckets.map(({ bound }) => ({ bound, below: 0 })),
      0.5,
    ),
  ).toBeUndefined();
});

test("readings are there at once, and the same after they became chunks", async () => {
  const metrics = createMetrics();
  const requests = metrics.counter({ name: "requests_total", help: "", labels: ["route"] });
  const store = createMetricStore({ ...t.deps, metrics });
  const sampled: [number, number][] = [];
  for (let i = 0; i < 130; i += 1) {
    requests.add(i, "/a");
    sampled.push([t.time.nowMs, (i * (i + 1)) / 2]);
    await store.sample();
    t.time.nowMs += 15_000;
    if (i === 3)
      expect((await store.range({ ...everything, name: "requests_total" }))[0]?.points).toEqual(sampled);
  }
  expect(await queries.samplesOf(t.db.reader, "main", 1000)).toHaveLength(10);
  const [answer, ...others] = await store.range({
    ...everything,
    name: "requests_total",
    labels: "route=/a",
  });
  expect(others).toEqual([]);
  expect(answer?.series).toMatchObject({ name: "requests_total", kind: "counter", labels: { route: "/a" } });
  expect(answer?.points).toEqual(sampled);
  expect(await store.range({ ...everything, name: "requests_total", labels: "route=/b" })).toEqual([]);
});

test("a process that starts again goes on with the readings of the one before", async () => {
  const metrics = createMetrics();
  metrics.gauge({ name: "level", help: "" }).set(5);
  for (let process = 0; process < 2; process += 1) {
    const store = createMetricStore({ ...t.deps, metrics });
    for (let i = 0; i < 61; i += 1) {
      await store.sample();
      t.time.nowMs += 15_000;
    }
  }
  const store = createMetricStore({ ...t.deps, metrics });
  expect((await store.range({ ...everything, name: "level" }))[0]?.points).toHaveLength(122);
  expect(await queries.samplesOf(t.db.reader, "main", 1000)).toHaveLength(2);
});

test("several processes are told apart by name", async () => {
  for (const processName of ["api-1", "api-2"]) {
    const metrics = createMetrics();
    metrics.gauge({ name: "level", help: "" }).set(1);
    await createMetricStore({ ...t.deps, metrics, processName }).sample();
  }
  const series = await t.telemetry.metricSeries(
    ada,
    { kind: "instance" },
    { name: "level", labels: "process=api-2" },
  );
  expect(series.map(({ labels }) => labels)).toEqual([{ process: "api-2" }]);
});

test("chunks made by a round that was killed before it removed the readings count once", async () => {
  const metrics = createMetrics();
  metrics.gauge({ name: "level", help: "" }).set(5);
  const store = createMetricStore({ ...t.deps, metrics });
  for (let i = 0; i < 119; i += 1) {
    await store.sample();
    t.time.nowMs += 15_000;
  }
  const readings = await queries.samplesOf(t.db.reader, "main", 1000);
  await store.sample();
  await t.db.transaction(async (tx) => {
    for (const reading of readings) await queries.addSample(tx, reading);
  });
  expect((await store.range({ ...everything, name: "level" }))[0]?.points).toHaveLength(120);
});

test("metrics older than a month are forgotten, series and all", async () => {
  t.metrics.gauge({ name: "level", help: "" }).set(5);
  t.telemetry.start();
  await t.telemetry.stop();
  expect(
    await t.telemetry.metricSeries(ada, { kind: "instance" }, { name: "level", labels: "" }),
  ).toHaveLength(1);
  t.time.nowMs += 31 * DAY_MS;
  await t.runJob("telemetry.forget");
  expect(await t.telemetry.metricSeries(ada, { kind: "instance" }, { labels: "" })).toEqual([]);
  expect(await queries.samplesOf(t.db.reader, "main", 10)).toEqual([]);
});

test("a range that ends before it begins is refused", async () => {
  const asked = { name: "x", labels: "", fromMs: 5, toMs: 5, pointsMax: 10 };
  await expect(t.telemetry.metricRange(ada, { kind: "instance" }, asked)).rejects.toMatchObject({
    code: "invalid",
  });
});
