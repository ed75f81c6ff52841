import { newView } from "@atrium/contract/feature-store";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as queries from "./queries.ts";
import { openFeatures, PROJECT } from "./testing.ts";

const DAY = (n: number) => `2026-01-0${n}T00:00:00`;
const AIRPORTS = 300;
const PARTS = 3;

let f: Awaited<ReturnType<typeof openFeatures>>;
beforeEach(async () => {
  f = await openFeatures();
  const joinKeys = [{ name: "origin", type: "string" as const }];
  await f.features.entities.save(f.owner, PROJECT, { name: "airport", description: "", joinKeys });
}, 30_000);
afterEach(() => f.close());

function putManyAirports(): Promise<void> {
  const rows = Array.from({ length: AIRPORTS }, (_, i) => ({ origin: `a${i}`, at: DAY(1), delay: i }));
  return f.putDataset("many", { origin: "VARCHAR", at: "TIMESTAMP", delay: "INTEGER" }, rows);
}

function many(changes: object = {}) {
  return newView.parse({
    name: "many",
    entities: ["airport"],
    source: { dataset: "many", timestampColumn: "at" },
    features: [{ name: "delay", type: "float64" }],
    ...changes,
  });
}

/** Asks for a run that will be done in three parts, as one of many more entities is. */
async function begin(): Promise<string> {
  const at = { projectId: PROJECT, name: "many" };
  const { id } = await f.features.materialize(f.owner, at, { mode: "full" });
  const from = { id, tries: 0, parts_done: 0 };
  await f.db.transaction((tx) => queries.changeMaterialization(tx, from, { parts: PARTS }));
  return id;
}

const found = (id: string) => f.features.materialization(f.owner, PROJECT, id);

test("whoever looks on hears of a run's beginning, of its way about once a second, and of its end", async () => {
  await putManyAirports();
  await f.features.views.save(f.owner, PROJECT, many());
  let nowMs = f.time.nowMs;
  // Each look at the clock is half a second later.
  Object.defineProperty(f.time, "nowMs", { get: () => (nowMs += 500), configurable: true });
  const id = await begin();
  await f.runWorker();
  Object.defineProperty(f.time, "nowMs", { value: nowMs, writable: true });
  expect(await found(id)).toMatchObject({ state: "succeeded", partsDone: PARTS, rowsWritten: AIRPORTS });
  const heard = f.told.filter(({ kind }) => kind.startsWith("feature.materialization."));
  expect(heard.map(({ kind, body }) => [kind.split(".").at(-1), body.partsDone])).toEqual([
    ["queued", undefined],
    ["progressed", 0],
    ["progressed", 1],
    ["progressed", 2],
    ["progressed", 3],
    ["succeeded", undefined],
  ]);
  expect(heard.every(({ projectId, key }) => projectId === PROJECT && key === "many")).toBe(true);
  f.told.length = 0;
  await begin();
  await f.runWorker();
  const kinds = f.told.map(({ kind }) => kind).filter((kind) => kind.endsWith("progressed"));
  expect(kinds).toHaveLength(1); // All within one second: nobody is told twice.
});

test("a worker killed anywhere in a run leaves it to the next, and what was pushed meanwhile stays", async () => {
  await putManyAirports();
  await f.features.views.save(f.owner, PROJECT, many({ pushSource: "many" }));
  const stop = new AbortController();
  const id = await begin();
  const { put } = f.online;
  let puts = 0;
  f.online.put = async (table, rows) => {
    const count = await put(table, rows);
    puts += 1;
    if (puts === 2) stop.abort(); // The second part is written, and nothing says so yet.
    if (puts === 2) throw new Error("The process is gone.");
    return count;
  };
  await f.worker.materialize(stop.signal);
  f.online.put = put;
  expect(await found(id)).toMatchObject({ state: "running", partsDone: 1, parts: 3 });
  const newer = { origin: "a7", at: DAY(9), delay: -1 };
  await f.features.push(f.owner, { projectId: PROJECT, source: "many", rows: [newer], to: "online" });
  await f.runWorker();
  expect(await found(id)).toMatchObject({ state: "succeeded", partsDone: 3, rowsRead: AIRPORTS });
  const keys = ["a7", "a0", "a299"].map((origin) => ({ origin }));
  const features = [{ view: "many", feature: "delay" }];
  const [delay] = await f.features.readFeatures(f.owner, { projectId: PROJECT, features, keys });
  expect(delay?.values).toEqual([-1, 0, 299]);
});
