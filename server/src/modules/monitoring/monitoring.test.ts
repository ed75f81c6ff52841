import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { monitoringApi } from "@atrium/contract/monitoring";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signatureOf } from "#lib/webhook";
import { type DuckdbEngine, openDuckdb } from "../../ports/offline-engine/duckdb.ts";
import { generateRows, HOUR_MS, labelsOf, openMonitoring, PROJECT, SECRET } from "./testing.ts";

let engine: DuckdbEngine;
beforeAll(() => {
  engine = openDuckdb();
});
afterAll(() => engine.stop());

/** Hour 0 is the reference; drift begins in hour 3 and ends after hour 4. */
async function watched() {
  const house = await openMonitoring(engine);
  for (let hour = 0; hour < 7; hour += 1) {
    const shift = hour === 3 || hour === 4 ? 1 : 0;
    house.log.push(...generateRows({ startMs: hour * HOUR_MS, rows: 300, seed: hour + 1, shift }));
  }
  house.time.nowMs = HOUR_MS;
  const given = monitoringApi.createMonitor.body.parse({
    name: "delays",
    source: { kind: "endpoint", endpoint: "flights" },
    reference: { kind: "window", fromMs: 0, toMs: HOUR_MS },
    columns: [{ name: "input_distance", kind: "number" }],
    performance: { task: "regression", prediction: "output_delay" },
    windowMs: HOUR_MS,
    graceMs: 10 * HOUR_MS,
    settleMs: 0,
  });
  const monitor = await house.monitoring.monitors.create(house.owner, PROJECT, given);
  const at = { projectId: PROJECT, monitor: monitor.id };
  const lookAt = async (nowMs: number) => {
    house.time.nowMs = nowMs;
    await house.runJob("monitoring-windows");
  };
  const series = async (column?: string) =>
    (await house.monitoring.charts.series(house.owner, at, { segment: "all", column, pointsMax: 100 }))
      .points;
  const addRule = (settings: object) =>
    house.monitoring.rules.create(
      house.owner,
      PROJECT,
      monitoringApi.createRule.body.parse({
        ...{ monitorId: monitor.id, name: "far off", metric: "psi", comparison: "above", threshold: 0.4 },
        ...settings,
      }),
    );
  const incidents = async () =>
    (await house.monitoring.incidents.list(house.owner, PROJECT, { pageSize: 100 })).items;
  return { ...house, monitor, at, lookAt, series, addRule, incidents };
}

test("drift shows in the windows where it was injected, and in no other", async () => {
  const house = await watched();
  await house.lookAt(7 * HOUR_MS);
  const points = await house.series("input_distance");
  expect(points.map(({ startMs }) => startMs / HOUR_MS)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(points.map(({ values }) => (values.psi ?? 0) > 0.4)).toEqual([
    false,
    false,
    true,
    true,
    false,
    false,
  ]);
  await house.db.close();
});

test("a reference of the monitor's own past holds the rows of that time and no others", async () => {
  const house = await watched();
  await house.lookAt(2 * HOUR_MS);
  expect(await house.monitoring.monitors.get(house.owner, PROJECT, house.monitor.id)).toMatchObject({
    referenceRows: 300,
    lastWindow: { rows: 300 },
  });
  await house.db.close();
});

test("a window computed again has the same digest", async () => {
  const house = await watched();
  await house.lookAt(3 * HOUR_MS);
  const before = await house.monitoring.charts.windows(house.owner, house.at, { pageSize: 10 });
  await house.monitoring.monitors.run(house.owner, house.at, "again");
  await house.lookAt(3 * HOUR_MS);
  const after = await house.monitoring.charts.windows(house.owner, house.at, { pageSize: 10 });
  expect(after.items.map(({ digest }) => digest)).toEqual(before.items.map(({ digest }) => digest));
  expect(after.items.map(({ monitorRevision }) => monitorRevision)).toEqual([2, 2]);
  await house.db.close();
});

test("a late label changes the performance of a sealed window until its grace is over", async () => {
  const house = await watched();
  await house.lookAt(2 * HOUR_MS);
  const first = () => house.monitoring.charts.window(house.owner, house.at, HOUR_MS);
  const sealed = await first();
  expect(sealed.window).toMatchObject({ state: "sealed", revision: 1 });
  const rows = house.log.filter((row) => row.at_ms >= HOUR_MS && row.at_ms < 2 * HOUR_MS);
  house.labels.push(...labelsOf(rows, { receivedMs: 3 * HOUR_MS, error: 2 }));
  await house.lookAt(3 * HOUR_MS);
  const labelled = await first();
  expect(labelled.window).toMatchObject({ state: "sealed", revision: 2 });
  const whole = labelled.results.find((one) => one.segment === "all" && one.column === undefined);
  expect(whole?.values).toMatchObject({ labelCoverage: 1 });
  expect(whole?.values.mae).toBeCloseTo(2, 9);
  await house.lookAt(12 * HOUR_MS);
  expect((await first()).window.state).toBe("final");
  await house.db.close();
});

test("a rule opens one incident, and resolves it when the values are back", async () => {
  const house = await watched();
  await house.addRule({});
  await house.lookAt(3 * HOUR_MS);
  expect(await house.incidents()).toEqual([]);
  await house.lookAt(5 * HOUR_MS);
  expect(await house.incidents()).toMatchObject([{ state: "open", windowStartMs: 3 * HOUR_MS }]);
  await house.lookAt(6 * HOUR_MS);
  expect(await house.incidents()).toMatchObject([{ state: "resolved" }]);
  expect(house.told.filter(({ kind }) => kind === "incident.opened")).toHaveLength(1);
  await house.db.close();
});

test("a rule is tried on the windows that there are, and nothing comes of it", async () => {
  const house = await watched();
  await house.lookAt(7 * HOUR_MS);
  const tried = (settings: object) =>
    house.monitoring.rules.test(
      house.owner,
      PROJECT,
      monitoringApi.testRule.body.parse({
        ...{
          monitorId: house.monitor.id,
          name: "far off",
          metric: "psi",
          comparison: "above",
          threshold: 0.4,
        },
        ...settings,
      }),
    );
  const { points, incidents } = await tried({});
  expect(points.map(({ startMs }) => startMs / HOUR_MS)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(points[0]).toMatchObject({ column: "input_distance" });
  expect(incidents).toMatchObject([{ openedMs: 3 * HOUR_MS, resolvedMs: 5 * HOUR_MS }]);
  expect((await tried({ windows: 3 })).incidents).toEqual([]);
  expect((await tried({ metric: "rows", threshold: 1 })).incidents).toHaveLength(1);
  await expect(tried({ column: "unknown" })).rejects.toMatchObject({ code: "not_found" });
  expect(await house.incidents()).toEqual([]);
  await house.db.close();
});

test("a signed webhook is tried again after a 500, and reaches a private network only if the project says so", async () => {
  const house = await watched();
  const received: { headers: Record<string, unknown>; body: string }[] = [];
  const receiver = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await text(request) });
    response.writeHead(received.length === 1 ? 500 : 204).end();
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  const channel = monitoringApi.createChannel.body.parse({ name: "desk", url, secret: "HOOK" });
  const { id } = await house.monitoring.channels.create(house.owner, PROJECT, channel);
  const deliveries = async () =>
    (await house.monitoring.channels.deliveries(house.owner, PROJECT, { pageSize: 10 })).items;
  await house.monitoring.channels.test(house.owner, PROJECT, id);
  await house.runJob("monitoring-telling");
  expect(await deliveries()).toMatchObject([
    { state: "failed", lastError: expect.stringContaining("private") },
  ]);
  expect(received).toEqual([]);

  house.settings.privateWebhookHosts = ["127.0.0.1"];
  await house.addRule({ channels: [id] });
  await house.lookAt(4 * HOUR_MS);
  await house.runJob("monitoring-telling");
  expect((await deliveries())[0]).toMatchObject({ state: "pending", attempts: 1, lastStatus: 500 });
  house.time.nowMs += 60_000;
  await house.runJob("monitoring-telling");
  expect((await deliveries())[0]).toMatchObject({ state: "delivered", attempts: 2 });
  const [first, second] = received;
  expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  const signed = {
    id: String(second?.headers["webhook-id"]),
    atMs: Number(second?.headers["webhook-timestamp"]) * 1000,
    body: second?.body ?? "",
  };
  expect(second?.headers["webhook-signature"]).toBe(signatureOf({ ...signed, secret: SECRET }));
  expect(JSON.parse(signed.body)).toMatchObject({ event: "incident.opened", incident: { metric: "psi" } });
  receiver.closeAllConnections();
  receiver.close();
  await house.db.close();
});

test("an incident that a silence matches is told when the silence ends, and not before", async () => {
  const house = await watched();
  const url = "http://127.0.0.1:9/hook";
  const channel = monitoringApi.createChannel.body.parse({ name: "desk", url, secret: "HOOK" });
  const { id } = await house.monitoring.channels.create(house.owner, PROJECT, channel);
  await house.addRule({ channels: [id] });
  const silence = {
    matchers: [{ name: "rule" as const, value: "far off" }],
    endsMs: 4.5 * HOUR_MS,
    comment: "",
  };
  await house.monitoring.incidents.createSilence(house.owner, PROJECT, silence);
  await house.lookAt(4 * HOUR_MS);
  await house.runJob("monitoring-telling");
  const [incident] = await house.incidents();
  expect(incident).toMatchObject({ state: "open", silencedBy: expect.any(String) });
  const deliveries = async () =>
    (await house.monitoring.channels.deliveries(house.owner, PROJECT, { pageSize: 10 })).items;
  expect(await deliveries()).toEqual([]);
  house.time.nowMs = 4.5 * HOUR_MS;
  await house.runJob("monitoring-telling");
  expect(await deliveries()).toMatchObject([{ event: "incident.opened", incidentId: incident?.id }]);
  await house.db.close();
});

test("a receiver that never answers well is given up after eight tries", async () => {
  const house = await watched();
  house.settings.privateWebhookHosts = ["127.0.0.1"];
  const receiver = createServer((_request, response) => response.writeHead(500).end());
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  const channel = monitoringApi.createChannel.body.parse({ name: "desk", url, secret: "HOOK" });
  const { id } = await house.monitoring.channels.create(house.owner, PROJECT, channel);
  await house.monitoring.channels.test(house.owner, PROJECT, id);
  for (let round = 0; round < 12; round += 1) {
    await house.runJob("monitoring-telling");
    house.time.nowMs += HOUR_MS;
  }
  const { items } = await house.monitoring.channels.deliveries(house.owner, PROJECT, { pageSize: 10 });
  expect(items).toMatchObject([{ state: "failed", attempts: 8, lastStatus: 500 }]);
  receiver.close();
  await house.db.close();
});

test("who resolves an incident hears of later windows only", async () => {
  const house = await watched();
  await house.addRule({});
  await house.lookAt(4 * HOUR_MS);
  const [incident] = await house.incidents();
  await house.monitoring.incidents.resolve(
    house.owner,
    { projectId: PROJECT, incident: incident?.id ?? "" },
    "seen",
  );
  await house.monitoring.monitors.run(house.owner, house.at, "again");
  await house.lookAt(4 * HOUR_MS);
  expect(await house.incidents()).toHaveLength(1);
  await house.lookAt(5 * HOUR_MS);
  expect(await house.incidents()).toMatchObject([
    { state: "open", windowStartMs: 4 * HOUR_MS },
    { note: "seen" },
  ]);
  await house.db.close();
});
