import { newService, newTrainingSet, newView } from "@atrium/contract/feature-store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { actorNamed } from "../../testing/artifacts.ts";
import * as queries from "./queries.ts";
import { openFeatures, PROJECT } from "./testing.ts";

const FLIGHTS = {
  origin: "VARCHAR",
  at: "TIMESTAMP",
  seen: "TIMESTAMP",
  delay: "INTEGER",
  carrier: "VARCHAR",
};
const DAY = (n: number, rest = "") => `2026-01-0${n}T${rest || "00:00:00"}`;
const ROWS = [
  { origin: "JFK", at: DAY(1), seen: DAY(1), delay: 10, carrier: "AA" },
  { origin: "JFK", at: DAY(5), seen: DAY(5), delay: 20, carrier: null },
  { origin: "JFK", at: DAY(5), seen: DAY(4), delay: 99, carrier: "older twin" },
  { origin: "SFO", at: DAY(8), seen: DAY(8), delay: 5, carrier: "UA" },
];

let f: Awaited<ReturnType<typeof openFeatures>>;
beforeEach(async () => {
  f = await openFeatures();
  await f.putDataset("flights", FLIGHTS, ROWS);
  await f.features.entities.save(f.owner, PROJECT, {
    name: "airport",
    description: "",
    joinKeys: [{ name: "origin", type: "string" }],
  });
}, 30_000);
afterEach(() => f.close());

const source = { dataset: "flights", timestampColumn: "at", createdColumn: "seen" };
function plain(changes: object = {}) {
  return newView.parse({
    name: "last",
    entities: ["airport"],
    source,
    features: [
      { name: "delay", type: "float64", default: 7 },
      { name: "line", column: "carrier", type: "string" },
    ],
    ...changes,
  });
}
function windows() {
  return newView.parse({
    name: "trailing",
    entities: ["airport"],
    source,
    aggregations: [
      { function: "count", windows: ["7d"] },
      { function: "mean", column: "delay", windows: ["7d"] },
    ],
  });
}
async function define(...views: ReturnType<typeof plain>[]) {
  for (const view of views) await f.features.views.save(f.owner, PROJECT, view);
  const service = newService.parse({ name: "svc", views: views.map(({ name }) => ({ view: name })) });
  return f.features.services.save(f.owner, PROJECT, service);
}
async function materialize(name = "last", asked: { asOfMs?: number; mode?: "full" | "incremental" } = {}) {
  const run = await f.features.materialize(
    f.owner,
    { projectId: PROJECT, name },
    { mode: "incremental", ...asked },
  );
  await f.runWorker();
  return f.features.materialization(f.owner, PROJECT, run.id);
}
const read = (...origins: string[]) =>
  f.features.online.read(
    PROJECT,
    "svc",
    origins.map((origin) => ({ origin })),
  );

describe("definitions", () => {
  test("a version never changes: the same again is the same, another one is the next", async () => {
    expect(await f.features.views.save(f.owner, PROJECT, plain())).toMatchObject({ version: 1 });
    expect(await f.features.views.save(f.owner, PROJECT, plain())).toMatchObject({ version: 1 });
    const next = await f.features.views.save(f.owner, PROJECT, plain({ ttlSeconds: 60 }));
    expect(next).toMatchObject({
      version: 2,
      ttlSeconds: 60,
      joinKeys: [{ name: "origin", type: "string" }],
    });
    const at = { projectId: PROJECT, name: "last", version: 1 };
    expect(await f.features.views.get(f.owner, at)).toMatchObject({ version: 1, ttlSeconds: null });
    expect(f.told.filter(({ kind }) => kind === "feature.defined")).toHaveLength(3);
    await f.features.views.delete(f.owner, { projectId: PROJECT, name: "last" });
    await expect(f.features.views.get(f.owner, at)).rejects.toMatchObject({ code: "not_found" });
    expect(await f.features.views.save(f.owner, PROJECT, plain())).toMatchObject({ version: 3 });
  });

  test.each([
    ["a column that is not there", { features: [{ name: "x", type: "int64" }] }, "body.features.x"],
    ["a column of another type", { features: [{ name: "carrier", type: "int64" }] }, "body.features.carrier"],
    [
      "a time that is none",
      { source: { ...source, timestampColumn: "delay" } },
      "body.source.timestampColumn",
    ],
    [
      "a created column that is none",
      { source: { ...source, createdColumn: "x" } },
      "body.source.createdColumn",
    ],
    ["an entity that is not there", { entities: ["nobody"] }, "body.entities"],
    [
      "a default of another type",
      { features: [{ name: "delay", type: "int64", default: "x" }] },
      "body.features.delay.default",
    ],
    ["nothing at all", { features: [] }, "body.features"],
    ["a feature that is a join key", { features: [{ name: "origin", type: "string" }] }, "body.features"],
    [
      "both features and aggregations",
      { aggregations: [{ function: "count", windows: ["1d"] }] },
      "body.features",
    ],
    [
      "a mean of text",
      { features: [], aggregations: [{ function: "mean", column: "carrier", windows: ["1d"] }] },
      "body.aggregations",
    ],
    [
      "a sum of nothing",
      { features: [], aggregations: [{ function: "sum", windows: ["1d"] }] },
      "body.aggregations",
    ],
    [
      "a window of a century",
      { features: [], aggregations: [{ function: "count", windows: ["36500d"] }] },
      "body.aggregations.windows",
    ],
  ])("a view with %s is refused with its place", async (_what, changes, at) => {
    await expect(f.features.views.save(f.owner, PROJECT, plain(changes))).rejects.toMatchObject({
      code: "invalid",
      at,
    });
    expect(await queries.definitions(f.db.reader, PROJECT)).toHaveLength(1);
  });

  test("what is used stays until its user goes, and a service names versions for good", async () => {
    await define(plain());
    const at = (name: string) => ({ projectId: PROJECT, name });
    await expect(f.features.entities.delete(f.owner, at("airport"))).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(f.features.views.delete(f.owner, at("last"))).rejects.toMatchObject({ code: "conflict" });
    await f.features.views.save(f.owner, PROJECT, plain({ ttlSeconds: 5 }));
    const service = await f.features.services.get(f.owner, at("svc"));
    expect(service.views).toEqual([{ view: "last", version: 1, features: ["delay", "line"] }]);
    await f.features.services.delete(f.owner, at("svc"));
    await f.features.views.delete(f.owner, at("last"));
    await f.features.entities.delete(f.owner, at("airport"));
    expect((await f.features.views.list(f.owner, PROJECT, { pageSize: 10 })).items).toEqual([]);
  });

  test("whoever may not write changes nothing, and a stranger sees nothing", async () => {
    const reader = actorNamed("reader");
    await expect(f.features.views.save(reader, PROJECT, plain())).rejects.toMatchObject({
      code: "forbidden",
    });
    const stranger = actorNamed("stranger");
    await expect(f.features.views.list(stranger, PROJECT, { pageSize: 1 })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await f.features.entities.list(reader, PROJECT, { pageSize: 1 })).toMatchObject({ items: [{}] });
  });
});

describe("online values", () => {
  test("present, null, missing and stale are told apart, and both ends of the time to live count", async () => {
    await define(plain({ ttlSeconds: 5 * 86_400 }));
    expect(await materialize()).toMatchObject({ state: "succeeded", rowsWritten: 2, mode: "full", parts: 1 });
    const [delay, line] = await read("JFK", "SFO", "nowhere");
    expect(delay).toMatchObject({ name: "delay", view: "last", values: [20, 5, null] });
    expect(delay?.statuses).toEqual(["present", "present", "missing"]); // JFK is five days old to the millisecond.
    expect(line).toMatchObject({ values: [null, "UA", null], statuses: ["null", "present", "missing"] });
    expect(delay?.eventMs).toEqual([Date.UTC(2026, 0, 5), Date.UTC(2026, 0, 8), null]);
    f.time.nowMs += 1;
    expect((await read("JFK"))[0]).toMatchObject({ values: [null], statuses: ["stale"] });
  });

  test("reads ask the database nothing", async () => {
    await define(plain());
    await materialize();
    f.database.away = true;
    await expect(f.features.views.get(f.owner, { projectId: PROJECT, name: "last" })).rejects.toThrow("away");
    expect((await read("SFO"))[0]?.values).toEqual([5]);
    expect(f.features.online.service(PROJECT, "svc")).toEqual({
      name: "svc",
      joinKeys: [{ name: "origin", type: "string" }],
      features: [
        { name: "delay", view: "last", type: "float64", default: 7 },
        { name: "line", view: "last", type: "string", default: undefined },
      ],
    });
  });

  test("a join key that is missing or of another type is refused, and so is a service that is not there", async () => {
    await define(plain());
    await expect(f.features.online.read(PROJECT, "svc", [{}])).rejects.toMatchObject({
      code: "invalid",
      at: "keys.0.origin",
    });
    await expect(f.features.online.read(PROJECT, "svc", [{ origin: 1 }])).rejects.toMatchObject({
      code: "invalid",
    });
    await expect(f.features.online.read(PROJECT, "other", [{ origin: "a" }])).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("features of one name are told apart by their views", async () => {
    await define(plain(), plain({ name: "twin", features: [{ name: "delay", type: "int64" }] }));
    expect((await read("JFK")).map(({ name }) => name)).toEqual(["last:delay", "line", "twin:delay"]);
  });

  test("windows are those of the time that was asked for, and move when asked again", async () => {
    await define(windows());
    await materialize("trailing", { asOfMs: Date.UTC(2026, 0, 8) });
    expect((await read("JFK", "SFO")).map(({ values }) => values)).toEqual([
      [3, null], // From day 1 on, its first moment included; SFO's own event of day 8 is not before it.
      [43, null],
    ]);
    await materialize("trailing", { asOfMs: Date.UTC(2026, 0, 9) });
    expect((await read("JFK", "SFO")).map(({ values }) => values)).toEqual([
      [2, 1],
      [59.5, 5],
    ]);
  });
});

describe("materialization", () => {
  test("an incremental run reads what came since, and rows that arrived late whatever their time", async () => {
    await define(plain());
    await materialize("last", { asOfMs: Date.UTC(2026, 0, 6) });
    const push = (origin: string, at: string, delay: number) =>
      f.features.push(f.owner, {
        projectId: PROJECT,
        source: "last",
        rows: [{ origin, at, seen: at, delay, carrier: "x" }],
        to: "offline",
      });
    expect(await push("LAX", DAY(2), 3)).toEqual({ written: 0, kept: 0, appended: 1 });
    expect(await push("LAX", DAY(2), 3)).toEqual({ written: 0, kept: 0, appended: 0 });
    await push("JFK", DAY(4), 1); // Older than what is online already: it must not win.
    const run = await materialize();
    expect(run).toMatchObject({
      mode: "incremental",
      fromMs: Date.UTC(2026, 0, 6),
      rowsRead: 3,
      rowsWritten: 2,
    });
    expect((await read("JFK", "SFO", "LAX"))[0]?.values).toEqual([20, 5, 3]);
    const view = await f.features.views.get(f.owner, { projectId: PROJECT, name: "last" });
    expect(view.freshness).toEqual({
      materializedToMs: f.time.nowMs,
      newestEventMs: Date.UTC(2026, 0, 8),
      writtenMs: f.time.nowMs,
    });
  });

  test("a later dataset version is read whole and corrects what stands there", async () => {
    await define(plain({ source: { dataset: "flights", timestampColumn: "at" } }));
    await materialize();
    f.time.nowMs += 1000;
    const corrected = { origin: "SFO", at: DAY(8), seen: null, delay: 6, carrier: null };
    await f.putDataset("flights", FLIGHTS, [corrected]);
    expect(await materialize()).toMatchObject({ mode: "full", datasetVersion: 2, rowsWritten: 1 });
    expect((await read("SFO"))[0]?.values).toEqual([6]);
  });

  test("a run that was left in the middle goes on from its last part", async () => {
    await define(plain());
    const at = { projectId: PROJECT, name: "last" };
    const { id } = await f.features.materialize(f.owner, at, { mode: "full" });
    const row = await queries.materialization(f.db.reader, PROJECT, id);
    if (row === undefined) throw new Error("It was stored.");
    const left = {
      state: "running" as const,
      parts: 3,
      parts_done: 1,
      tries: 1,
      rows_read: 10,
      started_ms: 1,
    };
    await f.db.transaction((tx) => queries.changeMaterialization(tx, row, left));
    await f.runWorker();
    const done = await f.features.materialization(f.owner, PROJECT, id);
    expect(done).toMatchObject({ state: "succeeded", partsDone: 3, startedMs: 1 });
    expect(done.rowsRead).toBeGreaterThanOrEqual(10);
  });

  test("times to come and views that are not there are refused; a deleted view ends its run", async () => {
    await f.features.views.save(f.owner, PROJECT, plain());
    const at = { projectId: PROJECT, name: "last" };
    const asked = { mode: "full" as const };
    await expect(
      f.features.materialize(f.owner, at, { ...asked, asOfMs: f.time.nowMs + 1 }),
    ).rejects.toMatchObject({ code: "invalid", at: "body.asOfMs" });
    await expect(f.features.materialize(f.owner, { ...at, name: "x" }, asked)).rejects.toMatchObject({
      code: "not_found",
    });
    const { id } = await f.features.materialize(f.owner, at, asked);
    await f.features.views.delete(f.owner, at);
    await f.runWorker();
    expect(await f.features.materialization(f.owner, PROJECT, id)).toMatchObject({ state: "failed" });
  });
});

describe("push", () => {
  const push = (rows: object[], to: "online" | "offline" | "both" = "online", name = "last") =>
    f.features.push(f.owner, { projectId: PROJECT, source: name, rows: rows as never, to });

  test("rows go online at once, and an old one never wins", async () => {
    await define(plain({ pushSource: "stream" }));
    const row = { origin: "JFK", at: "2026-01-09T10:00:00.000250+01:00", delay: 1, carrier: "a" };
    expect(await push([row], "online", "stream")).toEqual({ written: 1, kept: 0, appended: 0 });
    expect(await push([{ ...row, at: "2026-01-09T09:00:00", delay: 2 }])).toMatchObject({ kept: 1 });
    const [delay] = await read("JFK");
    expect(delay).toMatchObject({ values: [1], eventMs: [Date.UTC(2026, 0, 9, 9)] });
    await materialize();
    expect((await read("JFK"))[0]?.values).toEqual([1]);
  });

  test("pushed history is part of training sets and windows", async () => {
    await define(windows());
    const row = { origin: "LAX", at: DAY(9), seen: DAY(9), delay: 50, carrier: null };
    await expect(push([row], "online", "trailing")).rejects.toMatchObject({ code: "invalid", at: "body.to" });
    expect(await push([row], "both", "trailing")).toEqual({ written: 0, kept: 0, appended: 1 });
    await materialize("trailing");
    expect((await read("LAX")).map(({ values }) => values[0])).toEqual([1, 50]);
  });

  test.each([
    ["no time", { origin: "a", delay: 1, carrier: "x" }, "body.rows.0.at"],
    ["a time in words", { origin: "a", at: "noon", delay: 1, carrier: "x" }, "body.rows.0.at"],
    ["no key", { at: DAY(1), delay: 1, carrier: "x" }, "body.rows.0.origin"],
    ["a value that is left out", { origin: "a", at: DAY(1), delay: 1 }, "body.rows.0.carrier"],
    ["a value of another type", { origin: "a", at: DAY(1), delay: "x", carrier: "x" }, "body.rows.0.delay"],
  ])("a row with %s is refused and nothing is written", async (_what, row, at) => {
    await define(plain());
    const good = { origin: "good", at: DAY(1), delay: 1, carrier: "x" };
    await expect(push([row, good], "both")).rejects.toMatchObject({ code: "invalid", at });
    expect((await read("good"))[0]?.statuses).toEqual(["missing"]);
    expect(f.files.size).toBe(0);
  });

  test("a column that the dataset does not have is refused offline; a source that nobody takes is not found", async () => {
    await define(plain());
    await expect(
      push([{ origin: "a", at: DAY(1), delay: 1, carrier: "x", more: 1 }], "offline"),
    ).rejects.toMatchObject({
      at: "body.rows.0.more",
    });
    await expect(push([{}], "online", "nobody")).rejects.toMatchObject({ code: "not_found" });
  });

  test("features are written by their own names", async () => {
    await define(windows());
    const at = { projectId: PROJECT, name: "trailing" };
    const row = {
      keys: { origin: "JFK" },
      features: { count_7d: 5, mean_delay_7d: 2.5 },
      eventMs: 5,
      createdMs: 6,
    };
    expect(await f.features.write(f.owner, at, [row])).toEqual({ written: 1, kept: 0 });
    expect((await read("JFK")).map(({ values }) => values[0])).toEqual([5, 2.5]);
    const odd = { ...row, features: { ...row.features, more: 1 } };
    await expect(f.features.write(f.owner, at, [odd])).rejects.toMatchObject({ code: "invalid" });
  });
});

function asked(changes: object = {}) {
  const entities = { dataset: "asked", timestampColumn: "when" };
  return newTrainingSet.parse({ service: "svc", entities, ...changes });
}

describe("training sets", () => {
  beforeEach(async () => {
    await f.putDataset("asked", { origin: "VARCHAR", when: "TIMESTAMP", label: "INTEGER" }, [
      { origin: "SFO", when: DAY(8), label: 1 },
      { origin: "JFK", when: DAY(4), label: 2 },
      { origin: "JFK", when: DAY(4), label: 3 },
      { origin: null, when: DAY(9), label: 4 },
    ]);
    await define(plain(), windows());
  });

  test("a set has a number, every entity row once, and what made it", async () => {
    const made = await f.features.createTrainingSet(f.owner, PROJECT, asked());
    expect(made).toMatchObject({ name: "svc", number: 1, state: "queued" });
    await f.runWorker();
    const at = { projectId: PROJECT, name: "svc", number: 1 };
    const set = await f.features.trainingSet(f.owner, at);
    expect(set).toMatchObject({ state: "succeeded", rows: 4, serviceVersion: 1 });
    expect(set.plans).toEqual({ last: "candidates", trailing: "totals" });
    expect(set.inputs.map(({ name, version }) => [name, version])).toEqual([
      ["frame", 1],
      ["last", 1],
      ["trailing", 1],
    ]);
    expect(set.columns.find(({ name }) => name === "delay")).toMatchObject({
      nulls: 1,
      min: 5,
      max: 10,
      mean: 25 / 3,
    });
    expect(await f.rowsOf(1, "svc")).toEqual([
      {
        origin: "SFO",
        when: "2026-01-08T00:00:00Z",
        label: 1,
        delay: 5,
        line: "UA",
        count_7d: null,
        mean_delay_7d: null,
      },
      {
        origin: "JFK",
        when: "2026-01-04T00:00:00Z",
        label: 2,
        delay: 10,
        line: "AA",
        count_7d: 1,
        mean_delay_7d: 10,
      },
      {
        origin: "JFK",
        when: "2026-01-04T00:00:00Z",
        label: 3,
        delay: 10,
        line: "AA",
        count_7d: 1,
        mean_delay_7d: 10,
      },
      {
        origin: null,
        when: "2026-01-09T00:00:00Z",
        label: 4,
        delay: null,
        line: null,
        count_7d: null,
        mean_delay_7d: null,
      },
    ]);
  });

  test("a set stays as it is, the same again has the same bytes, and it says what it came from", async () => {
    const at = { projectId: PROJECT, name: "svc", number: 1 };
    await f.features.createTrainingSet(f.owner, PROJECT, asked());
    await f.runWorker();
    const set = await f.features.trainingSet(f.owner, at);
    for (const permission of ["artifact:write", "artifact:delete"] as const) {
      const path = set.artifactPath ?? "";
      await expect(f.guards[0]?.(PROJECT, path, permission)).rejects.toMatchObject({ code: "forbidden" });
    }
    await f.features.createTrainingSet(f.owner, PROJECT, asked());
    await f.runWorker();
    const again = await f.features.trainingSet(f.owner, { ...at, number: 2 });
    expect(again.digest).toBe(set.digest);
    const from = { type: "training-set", id: "svc", version: "2" };
    const walk = { projectId: PROJECT, from, direction: "up" as const, depthMax: 1 };
    const { edges } = await f.lineage.walk(f.owner, walk);
    expect(edges.map(({ to }) => [to.type, to.id, to.version]).sort()).toEqual([
      ["dataset", "asked", "1"],
      ["dataset", "flights", "1"],
      ["feature-service", "svc", "1"],
    ]);
  });

  test("a statement chooses the entity rows, defaults fill what is not known, and names may be full", async () => {
    const sql = `select origin, "when" as at2, label * 2 as y from dataset where label > 2 order by label`;
    const entities = { dataset: "asked", sql, timestampColumn: "at2" };
    const given = { name: "mine", entities, names: "full", defaults: "filled" };
    await f.features.createTrainingSet(f.owner, PROJECT, asked(given));
    await f.runWorker();
    const rows = await f.rowsOf(1, "mine");
    expect(rows.map((row) => [row.y, row.last__delay, row.last__line])).toEqual([
      [6, 10, "AA"],
      [8, 7, null],
    ]);
  });

  test.each([
    ["a service that is not there", { service: "x" }, "body.service"],
    [
      "a time column that is not there",
      { entities: { dataset: "asked", timestampColumn: "x" } },
      "body.entities.timestampColumn",
    ],
    [
      "a time column that is none",
      { entities: { dataset: "asked", timestampColumn: "label" } },
      "body.entities.timestampColumn",
    ],
    [
      "a statement that does not run",
      { entities: { dataset: "asked", timestampColumn: "when", sql: "selec" } },
      "body.entities.sql",
    ],
    [
      "a statement that loses the key",
      { entities: { dataset: "asked", timestampColumn: "when", sql: 'select "when" from dataset' } },
      "body.entities",
    ],
    [
      "a column named like a feature",
      { entities: { dataset: "asked", timestampColumn: "when", sql: "select *, 1 as delay from dataset" } },
      "body.names",
    ],
  ])("%s is refused before anything is queued", async (_what, changes, at) => {
    await expect(f.features.createTrainingSet(f.owner, PROJECT, asked(changes))).rejects.toMatchObject({
      code: "invalid",
      at,
    });
    expect((await f.features.trainingSets(f.owner, PROJECT, { pageSize: 5 })).items).toEqual([]);
  });

  test("a statement that fails on its rows fails the set, in the engine's words", async () => {
    const sql = "select *, cast(origin as INTEGER) as n from dataset";
    await f.features.createTrainingSet(
      f.owner,
      PROJECT,
      asked({ entities: { dataset: "asked", timestampColumn: "when", sql } }),
    );
    await f.runWorker();
    const [set] = (await f.features.trainingSets(f.owner, PROJECT, { pageSize: 5 })).items;
    expect(set).toMatchObject({ state: "failed", error: expect.stringContaining("SFO") });
    const at = { projectId: PROJECT, name: "svc", number: 1 };
    await expect(f.features.trainingSetTable(f.owner, at)).rejects.toMatchObject({ code: "conflict" });
  });
});
