import { afterEach, beforeEach, expect, test } from "vitest";
import { ada, DAY_MS, eve, openTelemetry } from "../../testing/telemetry.ts";
import type { SpanEntry } from "./signals.ts";
import { treeOf } from "./span-tree.ts";
import { rowsOfTrace } from "./trace-queries.ts";

let t: Awaited<ReturnType<typeof openTelemetry>>;
beforeEach(async () => {
  t = await openTelemetry();
});
afterEach(() => t.close());

const TRACE = "0123456789abcdef0123456789abcdef";
const everything = { labels: "", text: "", attributes: "", match: "any" as const, pageSize: 50 };

function span(spanId: string, more: Partial<SpanEntry> = {}): SpanEntry {
  const startNs = BigInt(t.time.nowMs) * 1_000_000n + 123_456n;
  return {
    traceId: TRACE,
    spanId,
    name: `work ${spanId}`,
    kind: "internal",
    startNs,
    endNs: startNs + 2_500_000n,
    status: "unset",
    statusMessage: "",
    labels: { service: "api" },
    attributes: {},
    events: [],
    links: [],
    ...more,
  };
}

const keep = (...spans: SpanEntry[]) => t.telemetry.receiveSpans(ada, "p1", spans);
const names = async (asked: object) =>
  (await t.telemetry.searchTraces(ada, "p1", { ...everything, ...asked })).items.map(({ name }) => name);

test("a span is stored whole before its sender is answered, and stands in its trace's tree", async () => {
  const root = span("a".repeat(16), {
    kind: "server",
    status: "error",
    statusMessage: "it broke",
    attributes: { "http.route": "/a", "http.status_code": 500, list: [1, "x"] },
    events: [{ name: "retry", atNs: BigInt(t.time.nowMs) * 1_000_000n, attributes: { n: 1 } }],
    links: [{ traceId: "f".repeat(32), spanId: "e".repeat(16), attributes: {} }],
  });
  const child = span("b".repeat(16), { parentSpanId: root.spanId });
  expect(await keep(child)).toEqual({ lost: 0 });
  expect(await keep(root)).toEqual({ lost: 0 });
  const trace = await t.telemetry.trace(ada, "p1", TRACE.toUpperCase());
  expect(trace.cut).toBe(false);
  expect(trace.spans.map(({ spanId, depth }) => [spanId, depth])).toEqual([
    [root.spanId, 0],
    [child.spanId, 1],
  ]);
  expect(trace.spans[0]).toMatchObject({
    name: root.name,
    kind: "server",
    durationMs: 2.5,
    status: "error",
    statusMessage: "it broke",
    labels: { service: "api" },
    attributes: root.attributes,
    events: [{ name: "retry", atMs: t.time.nowMs, attributes: { n: 1 } }],
    links: [{ traceId: "f".repeat(32), spanId: "e".repeat(16) }],
  });
  expect(trace.spans[0]?.startMs).toBeCloseTo(t.time.nowMs + 0.123456, 3);
});

test("spans are found by name, label, attribute, duration, time and being a root", async () => {
  await keep(
    span("1".repeat(16), { name: "GET /a", attributes: { route: "/a", code: 200 } }),
    span("2".repeat(16), {
      name: "GET /b",
      traceId: "2".repeat(32),
      labels: { service: "web" },
      attributes: { route: "/b", said: 'a "quote"' },
      endNs: BigInt(t.time.nowMs + 900) * 1_000_000n,
      status: "error",
    }),
    span("3".repeat(16), { name: "query", traceId: "3".repeat(32), parentSpanId: "9".repeat(16) }),
  );
  expect(await names({ name: "GET /a" })).toEqual(["GET /a"]);
  expect(await names({ name: "GET" })).toEqual([]);
  expect(await names({ labels: "service=web" })).toEqual(["GET /b"]);
  expect(await names({ labels: "level=error" })).toEqual(["GET /b"]);
  expect(await names({ attributes: "route=/a,code=200" })).toEqual(["GET /a"]);
  expect(await names({ attributes: "route=/a,code=20" })).toEqual([]);
  expect(await names({ attributes: 'said=a "quote"' })).toEqual(["GET /b"]);
  expect(await names({ minDurationMs: 100 })).toEqual(["GET /b"]);
  expect(await names({ maxDurationMs: 100, match: "root" })).toEqual(["GET /a"]);
  expect(await names({ match: "root" })).toHaveLength(2);
  expect(await names({ text: "quote" })).toEqual(["GET /b"]);
  expect(await names({ fromMs: 0, toMs: t.time.nowMs })).toEqual([]);
  const asked = { labels: "", text: "", label: "service" };
  expect(await t.telemetry.traceLabelValues(ada, "p1", asked)).toEqual(["api", "web"]);
});

test("a list tells of each trace once, with how many spans it has and how many failed", async () => {
  await keep(span("1".repeat(16)), span("2".repeat(16), { status: "error" }));
  await keep(span("3".repeat(16)));
  const { items } = await t.telemetry.searchTraces(ada, "p1", everything);
  expect(items.map(({ spans, errors }) => [spans, errors])).toEqual([[3, 1]]);
});

test("spans stand neither among log lines nor in other projects, and who may not is refused", async () => {
  await keep(span("1".repeat(16)));
  t.telemetry.write([{ projectId: "p1", level: "info", message: "work" }]);
  await t.telemetry.flush();
  const logs = { labels: "", text: "work", pageSize: 10 };
  expect((await t.telemetry.searchLogs(ada, { kind: "project", projectId: "p1" }, logs)).items).toHaveLength(
    1,
  );
  expect((await t.telemetry.searchTraces(ada, "p2", everything)).items).toEqual([]);
  await expect(t.telemetry.trace(ada, "p2", TRACE)).rejects.toMatchObject({ code: "not_found" });
  await expect(t.telemetry.trace(eve, "p1", TRACE)).rejects.toMatchObject({ code: "not_found" });
  await expect(t.telemetry.receiveSpans(eve, "p1", [])).rejects.toMatchObject({ code: "not_found" });
  expect(t.read).toContain("ada traces.received p1");
});

test("a trace is whole after its rows were joined, and gone with them", async () => {
  for (let i = 0; i < 10; i += 1) await keep(span(String(i).repeat(16)));
  t.time.nowMs += 120_000;
  await t.runJob("telemetry.join");
  expect((await t.telemetry.trace(ada, "p1", TRACE)).spans).toHaveLength(10);
  t.time.nowMs += 31 * DAY_MS;
  await t.runJob("telemetry.forget");
  await expect(t.telemetry.trace(ada, "p1", TRACE)).rejects.toMatchObject({ code: "not_found" });
  expect(await rowsOfTrace(t.db.reader, { projectId: "p1", traceId: TRACE }, 10)).toEqual([]);
});

test("what a full project or none cannot keep is told to the sender", async () => {
  expect(await t.telemetry.receiveSpans(ada, "gone", [span("1".repeat(16))])).toEqual({ lost: 1 });
  t.quota.maximum = 10;
  expect(await keep(span("1".repeat(16)))).toEqual({ lost: 1 });
});

test("orphans, circles and spans that came twice are each in the tree once", () => {
  const part = (spanId: string, parentSpanId: string, startMs: number) =>
    ({ spanId, parentSpanId, startMs }) as Parameters<typeof treeOf>[0][number];
  const tree = treeOf([
    part("orphan", "nobody", 5),
    part("x", "y", 1),
    part("y", "x", 2),
    part("late", "orphan", 9),
    part("early", "orphan", 6),
    part("early", "orphan", 6),
  ]);
  expect(tree.map(({ spanId, depth }) => `${spanId} ${depth}`)).toEqual([
    "orphan 0",
    "early 1",
    "late 1",
    "x 0",
    "y 1",
  ]);
});
