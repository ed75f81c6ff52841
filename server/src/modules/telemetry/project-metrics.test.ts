import { afterEach, beforeEach, expect, test } from "vitest";
import { ada, DAY_MS, eve, openTelemetry } from "../../testing/telemetry.ts";
import * as queries from "./queries.ts";
import type { MetricPoint } from "./signals.ts";

let t: Awaited<ReturnType<typeof openTelemetry>>;
beforeEach(async () => {
  t = await openTelemetry();
});
afterEach(() => t.close());

const P1 = { kind: "project", projectId: "p1" } as const;

function point(atMs: number, value: number, more: Partial<MetricPoint> = {}): MetricPoint {
  const { name = "m", kind = "gauge", labels = { a: "1" }, counts = "total" } = more;
  return { name, kind, unit: "ms", help: "Of a test.", labels, atMs, value, counts };
}

const keep = (...points: MetricPoint[]) => t.telemetry.receiveMetrics(ada, "p1", points);
const everything = { fromMs: 0, toMs: 2e12, matches: () => true };
const stored = async (name = "m"): Promise<[object, (number | undefined)[][]][]> =>
  (await t.telemetry.selectMetrics(ada, "p1", { ...everything, name })).map(({ labels, points }) => [
    labels,
    points.atMs.map((atMs, i) => [atMs - t.time.nowMs, points.values[i]]),
  ]);

test("points are there when their sender is answered, by time, and each moment once", async () => {
  const now = t.time.nowMs;
  expect(
    await keep(point(now - 1000, 2), point(now - 2000, 1), point(now, 3, { labels: { a: "2" } })),
  ).toEqual({
    lost: 0,
  });
  await keep(point(now - 1000, 2.5), point(now - 1500, Number.NaN), point(now - 500, -Infinity));
  expect(await stored()).toEqual([
    [
      { a: "1" },
      [
        [-2000, 1],
        [-1500, Number.NaN],
        [-1000, 2.5],
        [-500, -Infinity],
      ],
    ],
    [{ a: "2" }, [[0, 3]]],
  ]);
  expect((await t.telemetry.selectMetrics(ada, "p1", { ...everything, name: "m" }))[0]).toMatchObject({
    kind: "gauge",
    unit: "ms",
    help: "Of a test.",
  });
});

test("increments become what their counter has come to, and those that come again are refused", async () => {
  const grow = (agoMs: number, value: number) =>
    point(t.time.nowMs - agoMs, value, { kind: "counter", counts: "increment" });
  await keep(grow(3000, 5), grow(2000, 7));
  await keep(grow(1000, 1));
  expect(await keep(grow(1000, 1))).toMatchObject({ lost: 1, reason: expect.stringContaining("not newer") });
  await keep(grow(0, 0.5));
  expect(await stored()).toEqual([
    [
      { a: "1" },
      [
        [-3000, 5],
        [-2000, 12],
        [-1000, 13],
        [0, 13.5],
      ],
    ],
  ]);
});

test("points that became chunks are the same, and those that come again take their place", async () => {
  const now = t.time.nowMs;
  for (let i = 0; i < 250; i += 1) await keep(point(now - 250_000 + i * 1000, i));
  const before = await stored();
  const used = t.quota.used;
  await t.runJob("telemetry.chunk");
  expect(await stored()).toEqual(before);
  expect(t.quota.used).toBeLessThan(used / 4);
  // The same first moment again: its chunk takes the place of the one that stands.
  for (let i = 0; i < 200; i += 1) await keep(point(now - 250_000 + i * 1000, i + 0.5));
  await t.runJob("telemetry.chunk");
  const [[, points = []] = []] = await stored();
  expect(points).toHaveLength(250);
  expect(points?.[0]).toEqual([-250_000, 0.5]);
  expect(points?.[249]).toEqual([-1000, 249]);
});

test("few points become a chunk in the end, and a job with nothing to do does nothing", async () => {
  await t.runJob("telemetry.chunk");
  await keep(point(t.time.nowMs, 1));
  await t.runJob("telemetry.chunk");
  const chunks = () =>
    queries.chunksWithin(t.db.reader, {
      ...{ seriesIds: [1], fromMs: 0, toMs: 2e12, limit: 10 },
      after: { series_id: -1, from_ms: -1 },
    });
  expect(await chunks()).toEqual([]);
  t.time.nowMs += 31 * 60_000;
  await t.runJob("telemetry.chunk");
  expect(await chunks()).toHaveLength(1);
});

test("what cannot be a series or a moment is refused by name, and the rest is kept", async () => {
  const now = t.time.nowMs;
  const answer = await keep(
    point(now, 1),
    point(now, 1, { name: "no name" }),
    point(now, 1, { labels: { "a-b": "1" } }),
    point(now, 1, { labels: { a: "x".repeat(2000) } }),
    point(now + DAY_MS, 1),
    point(now - 40 * DAY_MS, 1),
    point(Number.NaN, 1),
    point(now, -1, { counts: "increment" }),
  );
  expect(answer).toMatchObject({ lost: 7 });
  expect(await stored()).toEqual([[{ a: "1" }, [[0, 1]]]]);
});

test("a project's numbers are its own: by permission, by project, by key", async () => {
  await keep(point(t.time.nowMs, 1));
  await t.telemetry.recordMetrics("p2", [point(t.time.nowMs, 2)]);
  expect(await stored()).toEqual([[{ a: "1" }, [[0, 1]]]]);
  expect(await t.telemetry.metricSeries(ada, { kind: "instance" }, { labels: "" })).toEqual([]);
  const asked = { ...everything, name: "m" };
  await expect(t.telemetry.selectMetrics(eve, "p1", asked)).rejects.toMatchObject({ code: "not_found" });
  await expect(t.telemetry.receiveMetrics(eve, "p1", [])).rejects.toMatchObject({ code: "not_found" });
  await expect(t.telemetry.metricSeries(eve, P1, { labels: "" })).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(t.telemetry.recordMetrics("gone", [])).rejects.toMatchObject({ code: "not_found" });
});

test("a chart's points are averaged, a list of series tells what there is", async () => {
  const now = t.time.nowMs;
  await keep(...Array.from({ length: 10 }, (_, i) => point(now - 10_000 + i * 1000, i)));
  const range = { name: "m", labels: "a=1", fromMs: now - 10_000, toMs: now, pointsMax: 5 };
  const [shown] = await t.telemetry.metricRange(ada, P1, range);
  expect(shown?.points.map(([, value]) => value)).toEqual([0.5, 2.5, 4.5, 6.5, 8.5]);
  expect(await t.telemetry.metricSeries(ada, P1, { labels: "" })).toMatchObject([
    { name: "m", labels: { a: "1" } },
  ]);
});

test("numbers are forgotten with a project's days, and give their bytes back", async () => {
  t.settings.p1 = { telemetryDays: 2 };
  for (let i = 0; i < 200; i += 1) await keep(point(t.time.nowMs + i, i));
  await t.runJob("telemetry.chunk");
  await keep(point(t.time.nowMs, 1, { name: "other" }));
  t.time.nowMs += DAY_MS;
  await t.runJob("telemetry.forget");
  expect(await stored("other")).toHaveLength(1);
  t.time.nowMs += 2 * DAY_MS;
  await t.runJob("telemetry.forget");
  expect(await t.telemetry.metricSeries(ada, P1, { labels: "" })).toEqual([]);
  expect(t.quota.used).toBe(0);
});

test("a full project takes no more numbers", async () => {
  t.quota.maximum = 10;
  await expect(keep(point(t.time.nowMs, 1))).rejects.toMatchObject({ code: "exhausted" });
  expect(await stored()).toEqual([]);
});
