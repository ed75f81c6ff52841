import Fastify from "fastify";
import { expect, test } from "vitest";
import { openEventStream } from "./event-stream.ts";
import { measureRequests } from "./http-metrics.ts";
import { createMetrics } from "./metrics.ts";
import { measureProcess } from "./process-metrics.ts";

test("counters, gauges and histograms read as text exposition 0.0.4", () => {
  const metrics = createMetrics();
  const done = metrics.counter({ name: "jobs_done_total", help: "Jobs\nthat ended.", labels: ["kind"] });
  const waiting = metrics.gauge({ name: "waiting", help: "In line." });
  const took = metrics.histogram({ name: "took_seconds", help: "Time.", buckets: [0.1, 1] });
  done.add(2, 'a"b\\c\nd');
  waiting.set(Number.POSITIVE_INFINITY);
  for (const seconds of [0.1, 0.5, 7]) took.observe(seconds);
  expect(metrics.exposition().split("\n").slice(2)).toEqual([
    "# HELP jobs_done_total Jobs\\nthat ended.",
    "# TYPE jobs_done_total counter",
    'jobs_done_total{kind="a\\"b\\\\c\\nd"} 2',
    "# HELP waiting In line.",
    "# TYPE waiting gauge",
    "waiting +Inf",
    "# HELP took_seconds Time.",
    "# TYPE took_seconds histogram",
    'took_seconds_bucket{le="0.1"} 1',
    'took_seconds_bucket{le="1"} 2',
    'took_seconds_bucket{le="+Inf"} 3',
    "took_seconds_sum 7.6",
    "took_seconds_count 3",
    "",
  ]);
});

test("a metric with too many series stops growing and says so", () => {
  const metrics = createMetrics();
  const hits = metrics.counter({ name: "hits_total", help: "Hits.", labels: ["who"] });
  for (let i = 0; i < 2500; i += 1) hits.add(1, `user ${i}`);
  hits.add(1, "user 0");
  const samples = metrics.collect();
  expect(samples.filter((sample) => sample.name === "hits_total")).toHaveLength(2000);
  expect(samples.find((sample) => sample.name === "metric_series_refused_total")).toMatchObject({
    labels: { metric: "hits_total" },
    value: 500,
  });
});

test("mistakes in declaring are found at once", () => {
  const metrics = createMetrics();
  metrics.gauge({ name: "a", help: "" });
  expect(() => metrics.gauge({ name: "a", help: "" })).toThrow(/twice/);
  expect(() => metrics.gauge({ name: "a b", help: "" })).toThrow(/name/);
  expect(() => metrics.histogram({ name: "h", help: "", buckets: [2, 1] })).toThrow(/rise/);
  expect(() => metrics.counter({ name: "c", help: "", labels: ["x"] }).add(1)).toThrow(/labels x/);
  expect(() => metrics.counter({ name: "d", help: "" }).add(-1)).toThrow(/fall/);
});

test("the process tells its memory, processor time, loop delay and handles", async () => {
  const metrics = createMetrics();
  const measuring = measureProcess(metrics);
  await new Promise((resolve) => setTimeout(resolve, 30));
  const value = (name: string, label = "") =>
    metrics.collect().find((sample) => sample.name === name && Object.values(sample.labels).join() === label)
      ?.value;
  expect(value("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
  expect(value("process_cpu_seconds_total", "user")).toBeGreaterThan(0);
  expect(value("nodejs_eventloop_lag_seconds", "1")).toBeGreaterThanOrEqual(0);
  expect(metrics.exposition()).toMatch(/nodejs_active_resources\{type="\w+"\} \d/);
  measuring.stop();
});

test("requests are timed by route pattern, method and status", async () => {
  const metrics = createMetrics();
  const app = Fastify();
  measureRequests(app, metrics);
  app.get("/runs/:id", async () => "ok");
  app.get("/stream", async (_request, reply) => {
    openEventStream(reply).end();
    return reply;
  });
  await app.inject("/stream");
  for (const id of ["1", "2", "3"]) await app.inject(`/runs/${id}`);
  await app.inject("/nowhere");
  const counts = metrics.collect().filter((sample) => sample.name.endsWith("_count"));
  expect(counts.map(({ labels, value }) => [labels.method, labels.route, labels.status, value])).toEqual([
    ["GET", "/runs/:id", "200", 3],
    ["GET", "(none)", "404", 1],
  ]);
  await app.close();
});

test("timing a request costs less than 5 microseconds", () => {
  const metrics = createMetrics();
  let hook: ((request: unknown, reply: unknown, done: () => void) => void) | undefined;
  const app = { addHook: (_name: string, given: typeof hook) => (hook = given) };
  measureRequests(app as never, metrics);
  const request = { method: "POST", routeOptions: { url: "/api/2.0/mlflow/runs/log-metric" } };
  const raw = { getHeader: () => "application/json; charset=utf-8" };
  const reply = { elapsedTime: 3.2, statusCode: 200, raw };
  const rounds = Array.from({ length: 10 }, () => {
    const before = process.cpuUsage();
    for (let i = 0; i < 20_000; i += 1) hook?.(request, reply, () => {});
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 20_000;
  });
  expect(Math.min(...rounds)).toBeLessThan(5);
});
