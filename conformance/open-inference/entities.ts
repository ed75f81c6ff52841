import { isDeepStrictEqual } from "node:util";
import { near } from "../engines/lib/values.ts";
import type { Checks } from "../faults/lib/checks.ts";
import type { Server } from "../lib/server.ts";
import { ask, deploy, own, until } from "./lib/atrium.ts";

const DAY_MS = 24 * 3_600_000;

/** An endpoint that is asked by entity ids: features are joined inside, and a chain answers for who is new. */
export async function entities(checks: Checks, server: Server): Promise<void> {
  const nowMs = Date.now();
  const segment = { kind: "segment", dataset: "fares", by: ["city"], column: "fare", countMin: 2 };
  const popularity = { kind: "popularity", dataset: "fares", column: "city", limit: 1 };
  const coldStart = { chain: [segment, popularity, { kind: "constant", value: -1 }] };
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
    ({ coldStartTables }) =>
      coldStartTables.length === 2 && coldStartTables.every((one: { rows: number }) => one.rows > 0),
  );
  const fresh = await until(
    () =>
      predict([
        { driver_id: 99, hour: 2, city: "Bern" },
        { driver_id: 99, hour: 2, city: "Rome" },
      ]),
    // Each table is taken up by itself.
    ({ body }) =>
      body.predictions?.[0]?.servedBy === "segment" && body.predictions[1]?.servedBy === "popularity",
  );
  const [bySegment, byPopularity] = fresh.body.predictions;
  checks.that(
    "who was never seen is answered by the segment, and says so",
    bySegment.prediction === 15 && bySegment.cohort === "new" && bySegment.defaultedShare === 1,
    bySegment,
  );
  checks.that(
    "a segment of too few is left to popularity",
    byPopularity.servedBy === "popularity" && byPopularity.prediction === "Bern",
    byPopularity,
  );
  await chains(checks, server, predict);
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
  const given = { instances: [{ driver_id: 1, hour: 2, city: "Bern" }] };
  const changed = await own(server, "PATCH /endpoints/rides", { example: given });
  checks.that(
    "an example that is given stands in its place",
    isDeepStrictEqual(changed.example, given),
    changed.example,
  );
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
  await own(server, "POST /endpoints/rides/feedback", { feedback: [{ predictionId: id, label: 3 }] });
  const labelled = await own(server, `GET /endpoints/rides/predictions/${id}`);
  checks.that("what came true of it is found by its id", labelled.label?.value === 3, labelled);
  const future = await predict([row], { atMs: nowMs + DAY_MS });
  checks.that("but not in the future", future.status === 400, future.body);
  const few = await predict([row, row], { atMs: [nowMs] });
  checks.that("and each row needs its own", few.status === 400, few.body);
}

/** The chain may change while the endpoint answers. */
async function chains(
  checks: Checks,
  server: Server,
  predict: (rows: object[]) => ReturnType<typeof ask>,
): Promise<void> {
  const { input } = await own(server, "GET /endpoints/rides");
  const stranger = [{ driver_id: 99, hour: 2, city: "Rome" }];
  const answered = async (chain: object[]) => {
    await own(server, "PATCH /endpoints/rides", { coldStart: { chain } });
    return (await predict(stranger)).body.predictions?.[0];
  };
  const constant = { kind: "constant", value: -1 };
  const last = await answered([constant]);
  checks.that(
    "the end of a chain is its constant",
    last?.servedBy === "constant" && last?.prediction === -1,
    last,
  );
  const values = { conv_rate: 1, trips: 2 };
  const filled = await answered([{ kind: "defaults", values, shareMax: 1 }, constant]);
  checks.that(
    "defaults let the model answer, and it is said",
    filled?.servedBy === "defaults" && near([filled?.prediction ?? 0], [1 + 10 * 2 + 200]),
    filled,
  );
  const few = await answered([{ kind: "defaults", values, shareMax: 0.4 }, constant]);
  checks.that("but not when more would be defaults than may be", few?.servedBy === "constant", few);
  await own(server, "PATCH /endpoints/rides", { coldStart: input.coldStart });
}
