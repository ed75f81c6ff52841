import { connect } from "node:net";
import { telemetryApi } from "@atrium/contract/telemetry";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError, statusOf } from "#lib/errors";
import type { Actor } from "#modules/identity";
import { createServe } from "../../roles/api/serve.ts";
import { ada, eve, openTelemetry } from "../../testing/telemetry.ts";
import { telemetryRoutes } from "./routes.ts";

let t: Awaited<ReturnType<typeof openTelemetry>>;
let app: FastifyInstance;
let base: string;
let who: Actor;

beforeEach(async () => {
  t = await openTelemetry();
  who = ada;
  app = Fastify();
  app.decorateRequest("actor");
  app.decorateRequest("projectId", "");
  app.addHook("onRequest", async (request) => {
    request.actor = who;
    request.projectId = "p1";
  });
  app.setErrorHandler((thrown, _request, reply) => {
    reply.code(thrown instanceof AppError ? statusOf(thrown.code) : 500).send();
  });
  telemetryRoutes(createServe(app).serve, t.telemetry, { stillSignedIn: async () => {} });
  base = `${await app.listen({ port: 0, host: "127.0.0.1" })}/api/atrium/v1`;
});
afterEach(async () => {
  await app.close();
  await t.close();
});

const say = (message: string) => t.telemetry.write([{ projectId: "p1", level: "info", message }]);

test("every operation answers in the shape of its contract", async () => {
  t.metrics.gauge({ name: "level", help: "" }).set(5);
  t.telemetry.start();
  say("hello");
  await t.telemetry.flush();
  const get = async (path: string) => (await fetch(base + path)).json();
  const sampled = () => t.telemetry.metricSeries(ada, { kind: "instance" }, { name: "level", labels: "" });
  for (let i = 0; i < 500 && (await sampled()).length === 0; i += 1)
    await new Promise((go) => setTimeout(go, 10));
  const range = `fromMs=0&toMs=${t.time.nowMs + 1000}`;
  const lines = telemetryApi.searchLogs.answer.parse(await get("/logs?text=hello"));
  expect(lines.items).toHaveLength(1);
  expect(telemetryApi.searchInstanceLogs.answer.parse(await get("/instance/logs")).items).toHaveLength(1);
  telemetryApi.logHistogram.answer.parse(await get("/logs/histogram?buckets=5"));
  telemetryApi.instanceLogHistogram.answer.parse(await get("/instance/logs/histogram"));
  expect(await get("/logs/label-values?label=level")).toEqual({ items: ["info"] });
  expect(await get("/instance/logs/label-values?label=project")).toEqual({ items: ["slug-p1"] });
  const series = telemetryApi.metricSeries.answer.parse(await get("/instance/metrics/series"));
  expect(series.items.map(({ name }) => name)).toContain("level");
  const points = telemetryApi.metricRange.answer.parse(
    await get(`/instance/metrics/range?name=level&${range}`),
  );
  expect(points.items[0]?.points).toEqual([[t.time.nowMs, 5]]);
});

test("new lines come as events, and the reader who leaves is forgotten", async () => {
  const leaving = new AbortController();
  const answer = await fetch(`${base}/logs/tail?text=hot`, { signal: leaving.signal });
  expect(answer.headers.get("content-type")).toBe("text/event-stream");
  say("cold");
  say("hot");
  let text = "";
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes("data:")) break;
  }
  const data = /^data: (.*)$/m.exec(text)?.[1] ?? "";
  expect(telemetryApi.searchLogs.answer.shape.items.element.parse(JSON.parse(data))).toMatchObject({
    message: "hot",
  });
  leaving.abort();
});

test("who may not read is refused before a stream begins", async () => {
  who = eve;
  for (const path of ["/logs/tail", "/instance/logs/tail", "/logs"])
    expect((await fetch(base + path)).status).toBe(404);
  who = ada;
  expect((await fetch(`${base}/logs/tail?labels=broken`)).status).toBe(400);
});

test("a reader that does not read is cut off in bounded memory", async () => {
  const { port } = new URL(base);
  const socket = connect(Number(port), "127.0.0.1");
  socket.write("GET /api/atrium/v1/logs/tail HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await new Promise((go) => socket.once("data", go));
  socket.pause();
  const open = () => new Promise<number>((go) => app.server.getConnections((_, count) => go(count)));
  for (let i = 0; i < 400 && (await open()) > 0; i += 1) {
    for (let line = 0; line < 20; line += 1) say("x".repeat(30_000));
    await t.telemetry.flush();
    await new Promise(setImmediate);
  }
  expect(await open()).toBe(0);
  socket.destroy();
});
