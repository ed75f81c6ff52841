import { newService, newView } from "@atrium/contract/feature-store";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFeatures, PROJECT } from "../../modules/feature-store/testing.ts";
import { actorNamed } from "../../testing/artifacts.ts";
import { mountFeast } from "./routes.ts";

let f: Awaited<ReturnType<typeof openFeatures>>;
let app: FastifyInstance;

beforeAll(async () => {
  f = await openFeatures();
  await f.putDataset(
    "drivers",
    {
      driver_id: "BIGINT",
      event_timestamp: "TIMESTAMP",
      created: "TIMESTAMP",
      rate: "DOUBLE",
      trips: "BIGINT",
      seen: "TIMESTAMP",
    },
    [
      {
        driver_id: 1,
        event_timestamp: "2026-01-09T12:00:00.250",
        created: null,
        rate: 0.5,
        trips: 10,
        seen: "2026-01-01T00:00:01",
      },
      {
        driver_id: 2,
        event_timestamp: "2026-01-01T00:00:00",
        created: null,
        rate: 0.25,
        trips: null,
        seen: null,
      },
      {
        driver_id: 3,
        event_timestamp: "2026-01-09T00:00:00",
        created: null,
        rate: null,
        trips: 7,
        seen: null,
      },
    ],
  );
  const joinKeys = [{ name: "driver_id", type: "int64" as const }];
  await f.features.entities.save(f.owner, PROJECT, { name: "driver", description: "", joinKeys });
  const source = { dataset: "drivers", timestampColumn: "event_timestamp", createdColumn: "created" };
  const features = [
    { name: "rate", type: "float64" },
    { name: "trips", type: "int64" },
    { name: "seen", type: "timestamp" },
  ];
  const view = newView.parse({
    name: "hourly",
    entities: ["driver"],
    source,
    features,
    ttlSeconds: 86_400 * 2,
    pushSource: "stream",
  });
  await f.features.views.save(f.owner, PROJECT, view);
  await f.features.views.save(f.owner, PROJECT, { ...view, name: "twin" });
  const service = newService.parse({ name: "svc", views: [{ view: "hourly", features: ["trips", "rate"] }] });
  await f.features.services.save(f.owner, PROJECT, service);
  await f.features.materialize(f.owner, { projectId: PROJECT, name: "hourly" }, { mode: "full" });
  await f.runWorker();
  app = Fastify();
  app.decorateRequest("actor");
  app.decorateRequest("projectId", "");
  app.addHook("onRequest", async (request) => {
    request.actor = actorNamed(String(request.headers["x-actor"] ?? "owner"));
    request.projectId = PROJECT;
  });
  await mountFeast(app, { features: f.features, clock: { now: () => f.time.nowMs } });
}, 30_000);
afterAll(async () => {
  await app.close();
  await f.close();
});

async function ask(path: string, payload?: object | string, actor = "owner") {
  const headers = {
    "x-actor": actor,
    ...(payload === undefined ? {} : { "content-type": "application/json" }),
  };
  const method = payload === undefined ? ("GET" as const) : ("POST" as const);
  const given = payload === undefined ? {} : { payload };
  const { statusCode, body } = await app.inject({ method, url: `/feast${path}`, headers, ...given });
  return { status: statusCode, body };
}

async function errorOf(path: string, payload: object | string, actor?: string) {
  const { status, body } = await ask(path, payload, actor);
  const detail = JSON.parse(JSON.parse(body)); // Once for the text, once for what is in it.
  expect(detail.module).toBe("feast.errors");
  return [status, detail.class, detail.message];
}

test("an answer has a list for each name, the join keys first, and tells why a value is not there", async () => {
  const { status, body } = await ask("/get-online-features", {
    feature_service: "svc",
    entities: { driver_id: [1, 2, 3, 99], unknown_key: ["a", "b", "c", "d"] },
    full_feature_names: true,
  });
  expect(status).toBe(200);
  const epoch = "1970-01-01T00:00:00Z";
  expect(JSON.parse(body)).toEqual({
    metadata: { feature_names: ["driver_id", "hourly__trips", "hourly__rate"] },
    results: [
      {
        values: [1, 2, 3, 99],
        statuses: ["PRESENT", "PRESENT", "PRESENT", "PRESENT"],
        event_timestamps: [epoch, epoch, epoch, epoch],
      },
      {
        values: [10, null, 7, null],
        statuses: ["PRESENT", "OUTSIDE_MAX_AGE", "PRESENT", "NOT_FOUND"],
        event_timestamps: ["2026-01-09T12:00:00.250Z", "2026-01-01T00:00:00Z", "2026-01-09T00:00:00Z", epoch],
      },
      {
        values: [0.5, null, null, null],
        statuses: ["PRESENT", "OUTSIDE_MAX_AGE", "NULL_VALUE", "NOT_FOUND"],
        event_timestamps: ["2026-01-09T12:00:00.250Z", "2026-01-01T00:00:00Z", "2026-01-09T00:00:00Z", epoch],
      },
    ],
  });
});

test("features are named one by one, with a version or without, and times are whole seconds", async () => {
  const { body } = await ask("/get-online-features", {
    features: ["hourly@v1:seen", "hourly:rate"],
    entities: { driver_id: [1] },
  });
  const answer = JSON.parse(body);
  const values = answer.metadata.feature_names.map((name: string, i: number) => [
    name,
    answer.results[i].values[0],
  ]);
  expect(Object.fromEntries(values)).toEqual({
    driver_id: 1,
    seen: Date.UTC(2026, 0, 1) / 1000 + 1,
    rate: 0.5,
  });
});

test("rows are pushed to whoever takes them, and written by view", async () => {
  const df = {
    driver_id: [50],
    event_timestamp: ["2026-01-09T23:00:00"],
    rate: [0.75],
    trips: [3],
    seen: [null],
  };
  expect(await ask("/push", { push_source_name: "stream", df })).toEqual({ status: 200, body: "" });
  const written = { ...df, driver_id: [51], created: [null], seen: [1_767_225_601] };
  expect(await ask("/write-to-online-store", { feature_view_name: "twin", df: written })).toEqual({
    status: 200,
    body: "null",
  });
  const { body } = await ask("/get-online-features", {
    features: ["hourly:rate", "twin:seen"],
    entities: { driver_id: [50, 51] },
  });
  expect(JSON.parse(body).results.map(({ values }: { values: unknown[] }) => values)).toEqual([
    [50, 51],
    [0.75, null],
    [null, 1_767_225_601],
  ]);
});

test("every refusal is a JSON text that holds the client's own error, and none is repeated by the client", async () => {
  const entities = { driver_id: [1] };
  const read = "/get-online-features";
  expect(await errorOf(read, { feature_service: "x", entities })).toEqual([
    404,
    "FeatureServiceNotFoundException",
    expect.stringContaining("x"),
  ]);
  expect(await errorOf(read, { features: ["x:y"], entities })).toEqual([
    404,
    "FeatureViewNotFoundException",
    expect.any(String),
  ]);
  expect(await errorOf(read, { features: ["hourly:y"], entities })).toEqual([
    404,
    "FeastObjectNotFoundException",
    expect.any(String),
  ]);
  expect(await errorOf(read, { features: ["hourly"], entities })).toEqual([
    422,
    "FeastError",
    expect.any(String),
  ]);
  expect(await errorOf(read, { features: ["hourly:rate", "twin:rate"], entities })).toEqual([
    422,
    "FeatureNameCollisionError",
    expect.any(String),
  ]);
  expect(await errorOf(read, { feature_service: "svc", entities: {} })).toEqual([
    422,
    "FeastError",
    expect.any(String),
  ]);
  expect(await errorOf(read, { feature_service: "svc", entities: { driver_id: ["a"] } })).toEqual([
    422,
    "FeastError",
    expect.stringContaining("driver_id"),
  ]);
  expect(await errorOf(read, { feature_service: "svc", entities: { driver_id: [1], x: [1, 2] } })).toEqual([
    422,
    "FeastError",
    expect.any(String),
  ]);
  expect(await errorOf(read, "{")).toEqual([422, "FeastError", expect.any(String)]);
  expect(await errorOf("/push", { push_source_name: "x", df: {} })).toEqual([
    422,
    "PushSourceNotFoundException",
    expect.any(String),
  ]);
  expect(await errorOf("/push", { push_source_name: "stream", df: { driver_id: [1] } })).toEqual([
    422,
    "FeastError",
    expect.stringContaining("event_timestamp"),
  ]);
  expect(await errorOf("/push", { push_source_name: "stream", df: {} }, "reader")).toEqual([
    403,
    "FeastPermissionError",
    expect.any(String),
  ]);
  expect(await errorOf("/write-to-online-store", { feature_view_name: "x", df: {} })).toEqual([
    404,
    "FeatureViewNotFoundException",
    expect.any(String),
  ]);
  expect(await errorOf("/search", {})).toEqual([404, "FeastObjectNotFoundException", expect.any(String)]);
});

test("health is an empty answer", async () => {
  expect(await ask("/health")).toEqual({ status: 200, body: "" });
});
