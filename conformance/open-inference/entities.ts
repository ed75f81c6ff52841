import { near } from "../engines/lib/values.ts";
import type { Checks } from "../faults/lib/checks.ts";
import type { Server } from "../lib/server.ts";
import { ask, deploy, own, putDataset, until } from "./lib/atrium.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** An endpoint that is asked by entity ids: features are joined inside, and a chain answers for who is new. */
export async function entities(checks: Checks, server: Server): Promise<void> {
  const nowMs = Date.now();
  await features(server, nowMs);
  const segment = { kind: "segment", dataset: "fares", by: ["city"], column: "fare", countMin: 2 };
  const coldStart = { chain: [segment, { kind: "constant", value: -1 }] };
  const requestValues = [
    { name: "hour", type: "number" },
    { name: "city", type: "string" },
  ];
  const input = { kind: "entities", featureService: "ranking", requestValues, coldStart };
  await own(server, "POST /endpoints", { name: "rides", input });
  await deploy(server, "rides", { model: "models:/drivers-onnx/1" });
  const predict = (instances: object[], more: object = {}) =>
    ask(server, "POST /serving/rides/predict", { instances, ...more });
  const known = await predict([{ driver_id: 1, hour: 2, city: "Bern" }]);
  const [first] = known.body.predictions ?? [];
  checks.that("features are joined inside", near([first?.prediction ?? 0], [0.5 + 10 * 3 + 200]), known.body);
  checks.that(
    "by the model, for a known one",
    first?.servedBy === "model" && first?.cohort === "known",
    first,
  );
  await until(
    () => own(server, "GET /endpoints/rides"),
    ({ coldStartTables }) => coldStartTables.some((one: { rows: number }) => one.rows > 0),
  );
  const fresh = await until(
    () =>
      predict([
        { driver_id: 99, hour: 2, city: "Bern" },
        { driver_id: 99, hour: 2, city: "Rome" },
      ]),
    ({ body }) => body.predictions?.[0]?.servedBy === "segment",
  );
  const [bySegment, byConstant] = fresh.body.predictions;
  checks.that(
    "who was never seen is answered by the segment, and says so",
    bySegment.prediction === 15 && bySegment.cohort === "new" && bySegment.defaultedShare === 1,
    bySegment,
  );
  checks.that(
    "or by the end of the chain",
    byConstant.servedBy === "constant" && byConstant.prediction === -1,
    byConstant,
  );
  const wrong = [
    { hour: 2, city: "Bern" },
    { driver_id: 1, city: "Bern" },
    { driver_id: 1, hour: "x", city: "B" },
    { driver_id: 1, hour: 2, city: "B", more: 1 },
  ];
  for (const instance of wrong) {
    const { status, body } = await predict([instance]);
    checks.that(`${JSON.stringify(instance)} is refused`, status === 400, [status, body]);
  }
  const { example } = await own(server, "GET /endpoints/rides");
  const again = await ask(server, "POST /serving/rides/predict", example ?? {});
  checks.that("the example of an entity endpoint works", again.status === 200, { example, said: again.body });
  await replay(checks, server, { predict, nowMs });
}

async function replay(
  checks: Checks,
  server: Server,
  { predict, nowMs }: { nowMs: number; predict: (rows: object[], more: object) => ReturnType<typeof ask> },
): Promise<void> {
  const row = { driver_id: 1, hour: 2, city: "Bern" };
  const atMs = [nowMs - 30 * DAY_MS, nowMs - 29 * DAY_MS];
  const { body } = await predict([row, row], { atMs });
  const id = body.predictions?.[1]?.predictionId;
  const logged = await own(server, `GET /endpoints/rides/predictions/${id}`);
  checks.that("a replayed prediction is logged under its time", logged.atMs === atMs[1], logged);
  const future = await predict([row], { atMs: nowMs + DAY_MS });
  checks.that("but not in the future", future.status === 400, future.body);
  const few = await predict([row, row], { atMs: [nowMs] });
  checks.that("and each row needs its own", few.status === 400, few.body);
}

async function features(server: Server, nowMs: number): Promise<void> {
  const event_timestamp = new Date(nowMs - HOUR_MS).toISOString().slice(0, -1).replace("T", " ");
  await putDataset(server, "drivers", [{ driver_id: 1, event_timestamp, conv_rate: 0.5, trips: 3 }]);
  await putDataset(server, "fares", [
    { city: "Bern", fare: 10 },
    { city: "Bern", fare: 20 },
    { city: "Rome", fare: 30 },
  ]);
  await own(server, "POST /features/entities", {
    name: "driver",
    joinKeys: [{ name: "driver_id", type: "int64" }],
  });
  await own(server, "POST /features/views", {
    name: "driver_hourly",
    entities: ["driver"],
    source: { dataset: "drivers", timestampColumn: "event_timestamp" },
    features: [
      { name: "conv_rate", type: "float64" },
      { name: "trips", type: "int64" },
    ],
  });
  await own(server, "POST /features/services", { name: "ranking", views: [{ view: "driver_hourly" }] });
  const run = await own(server, "POST /features/views/driver_hourly/materializations", {});
  await until(
    () => own(server, `GET /features/materializations/${run.id}`),
    ({ state }) => state === "succeeded",
  );
}
