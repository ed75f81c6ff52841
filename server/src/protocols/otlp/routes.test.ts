import { gzipSync } from "node:zlib";
import { API_PREFIX } from "@atrium/contract/http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, openHouse } from "../../testing/house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const JSON_TYPE = { "content-type": "application/json" };
const nowNs = () => String(BigInt(Date.now()) * 1_000_000n);
const said = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const resource = {
  attributes: [said("service.name", "api"), said("atrium.run_id", "r1"), said("host.name", "h")],
};

async function post(signal: string, body: unknown, headers: Record<string, string> = JSON_TYPE) {
  return house.ask("POST", `/v1/${signal}`, { headers, body });
}

async function read(path: string) {
  const { status, text } = await house.ask("GET", API_PREFIX + path);
  expect(status, text).toBe(200);
  return JSON.parse(text);
}

test("log records are read back with their level, labels and fields", async () => {
  const record = {
    timeUnixNano: nowNs(),
    severityNumber: 13,
    severityText: "WARN",
    body: { stringValue: "hello" },
    attributes: [said("who", "me")],
    traceId: "ab".repeat(16),
    spanId: "cd".repeat(8),
  };
  const body = {
    resourceLogs: [{ resource, scopeLogs: [{ scope: { name: "lib" }, logRecords: [record] }] }],
  };
  expect(await post("logs", body)).toMatchObject({ status: 200, text: "{}" });
  const { items } = await read("/logs?labels=run%3Dr1");
  expect(items).toMatchObject([
    {
      level: "warn",
      message: "hello",
      labels: { service: "api", run: "r1", trace: "ab".repeat(16), project: "default" },
      fields: {
        who: "me",
        spanId: "cd".repeat(8),
        severity: "WARN",
        scope: "lib",
        resource: { "host.name": "h" },
      },
    },
  ]);
});

test("spans are read back as a trace, those without ids are refused in part", async () => {
  const span = {
    traceId: "1f".repeat(16),
    spanId: "aa".repeat(8),
    name: "GET /",
    kind: 2,
    startTimeUnixNano: nowNs(),
    endTimeUnixNano: nowNs(),
    status: { code: 2, message: "no" },
  };
  const spans = [
    span,
    { ...span, spanId: "bb".repeat(8), parentSpanId: span.spanId, kind: 3 },
    { ...span, traceId: "" },
  ];
  const { status, text } = await post("traces", { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual({
    partialSuccess: { rejectedSpans: "1", errorMessage: expect.stringMatching(/trace id/) },
  });
  const trace = await read(`/traces/${span.traceId}`);
  expect(trace.spans).toMatchObject([
    {
      name: "GET /",
      kind: "server",
      depth: 0,
      status: "error",
      statusMessage: "no",
      labels: { service: "api", run: "r1" },
    },
    { kind: "client", depth: 1 },
  ]);
  expect((await read("/traces?labels=service%3Dapi")).items).toMatchObject([
    { traceId: span.traceId, spans: 2, errors: 2 },
  ]);
});

test("metrics are read back as series, and what is not kept is counted", async () => {
  const dataPoints = [
    { timeUnixNano: nowNs(), asDouble: 2.5 },
    { timeUnixNano: nowNs(), asDouble: null },
  ];
  const body = {
    resourceMetrics: [
      { resource, scopeMetrics: [{ metrics: [{ name: "temp", unit: "Cel", gauge: { dataPoints } }] }] },
    ],
  };
  const { text } = await post("metrics", body);
  expect(JSON.parse(text)).toMatchObject({ partialSuccess: { rejectedDataPoints: "1" } });
  const { items } = await read(
    `/metrics/range?name=temp_celsius&labels=run%3Dr1&fromMs=0&toMs=${Date.now() + 1000}`,
  );
  expect(items).toMatchObject([
    { series: { labels: { service: "api", run: "r1", job: "api" } }, points: [[expect.any(Number), 2.5]] },
  ]);
});

test("bodies may be compressed, and what unpacks beyond the limit is refused", async () => {
  const headers = { ...JSON_TYPE, "content-encoding": "gzip" };
  expect((await post("logs", gzipSync("{}"), headers)).status).toBe(200);
  expect((await post("logs", Buffer.from("not gzip"), headers)).status).toBe(400);
  expect((await post("logs", gzipSync(Buffer.alloc(40_000_000)), headers)).status).toBe(413);
  expect((await post("logs", gzipSync(" ".repeat(5_000_000)), headers)).status).toBe(413);
  expect((await post("logs", "{}", { ...headers, "content-encoding": "br" })).status).toBe(415);
});

test("refusals are a google.rpc.Status in the request's encoding", async () => {
  const proto = { "content-type": "application/x-protobuf" };
  expect((await post("traces", "", proto)).status).toBe(200);
  const bad = await post("traces", Buffer.from([0xff]), proto);
  expect(bad).toMatchObject({ status: 400, headers: { "content-type": "application/x-protobuf" } });
  expect(bad.text.startsWith("\b\u0003\u0012")).toBe(true);
  const unsigned = await house.ask("POST", "/v1/metrics", { token: "", headers: JSON_TYPE, body: {} });
  expect([unsigned.status, JSON.parse(unsigned.text).code]).toEqual([401, 16]);
  expect(JSON.parse((await post("logs", "{")).text)).toMatchObject({ code: 3 });
  expect((await post("logs", "x", { "content-type": "text/plain" })).status).toBe(415);
});

test("nothing of a body is stored when a part of it cannot be read", async () => {
  const good = { timeUnixNano: nowNs(), body: { stringValue: "half-a-body" } };
  const body = { resourceLogs: [{ scopeLogs: [{ logRecords: [good, { timeUnixNano: "when?" }] }] }] };
  expect((await post("logs", body)).status).toBe(400);
  expect((await read("/logs?text=half-a-body")).items).toEqual([]);
});
