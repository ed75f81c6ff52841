import { afterEach, beforeEach, expect, test } from "vitest";
import type { Run } from "./door.ts";
import { ada, eve, type OpenTracking, openTracking, point } from "./testing.ts";

let at: OpenTracking;
beforeEach(async () => {
  at = await openTracking();
});
afterEach(() => at.db.close());

const paramOf = (run: Run, key: string) => run.params.find((param) => param.key === key)?.value;
const latestOf = (run: Run, key: string) => run.metrics.find((metric) => metric.key === key);

test("a new run is named, owned, running, and the same when it is read", async () => {
  const made = await at.newRun({ tags: [{ key: "team", value: "red" }], startedMs: 5 });
  expect(made).toMatchObject({
    status: "RUNNING",
    lifecycle: "active",
    owner: "Ada",
    startedMs: 5,
    experimentId: "0",
  });
  expect(made.id).toMatch(/^[0-9a-f]{32}$/);
  expect(made.name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
  expect(made.artifactPath).toBe(`0/${made.id}/artifacts`);
  expect(await at.get(made.id)).toEqual(made);
  expect(at.told).toEqual([
    { action: "event run.created", id: made.id },
    { action: "run.created", id: made.id },
    { action: "access run.read", id: made.id },
  ]);
  expect(at.quota.runs).toBe(1);
});

test("a run's name and its tag say the same, whichever is given or changed", async () => {
  const tagged = await at.newRun({ tags: [{ key: "client.runName", value: "first" }] });
  expect(tagged.name).toBe("first");
  await at.log(tagged.id, { tags: [{ key: "client.runName", value: "second" }] });
  expect((await at.get(tagged.id)).name).toBe("second");
  const updated = await at.runs.update(ada, "p1", tagged.id, { name: "third" });
  expect(updated.tags).toContainEqual({ key: "client.runName", value: "third" });
  await expect(at.newRun({ name: "a", tags: [{ key: "client.runName", value: "b" }] })).rejects.toMatchObject(
    { code: "invalid" },
  );
});

test("the same version of a run is the same object, and a change makes another", async () => {
  const { id } = await at.newRun();
  const first = await at.get(id);
  expect(await at.get(id)).toBe(first);
  expect((await at.runs.search(ada, "p1", { pageSize: 5 })).items[0]).toBe(first);
  await at.log(id, { params: [{ key: "a", value: "1" }] });
  expect(await at.get(id)).not.toBe(first);
  expect(first.params).toEqual([]);
});

test("a param keeps its value: the same again is fine, another is refused with nothing of its batch written", async () => {
  const { id } = await at.newRun();
  await at.log(id, { params: [{ key: "lr", value: "0.1" }] });
  await at.log(id, { params: [{ key: "lr", value: "0.1" }] });
  const refused = at.log(id, {
    params: [
      { key: "depth", value: "3" },
      { key: "lr", value: "0.2" },
    ],
    metrics: [point("loss", 1)],
  });
  await expect(refused).rejects.toMatchObject({
    code: "invalid",
    reason: "param_changed",
    message:
      "Changing param values is not allowed. Params were already logged='[{'key': 'lr', 'old_value': '0.1', " +
      `'new_value': '0.2'}]' for run ID='${id}'.`,
  });
  await expect(at.log(id, { params: [{ key: "lr", value: "0.2" }] })).rejects.toMatchObject({
    message:
      "Changing param values is not allowed. Param with key='lr' was already logged with value='0.1' for run " +
      `ID='${id}'. Attempted logging new value '0.2'.`,
  });
  const run = await at.get(id);
  expect(run.params).toEqual([{ key: "lr", value: "0.1" }]);
  expect(run.metrics).toEqual([]);
});

test("of two values for one param at once, one stands and the other is refused", async () => {
  const { id } = await at.newRun();
  const outcomes = await Promise.allSettled(
    ["a", "b", "c", "a"].map((value) => at.log(id, { params: [{ key: "k", value }] })),
  );
  const stands = paramOf(await at.get(id), "k");
  expect(["a", "b", "c"]).toContain(stands);
  for (const [i, outcome] of outcomes.entries()) {
    const given = ["a", "b", "c", "a"][i];
    expect(outcome.status).toBe(given === stands ? "fulfilled" : "rejected");
  }
});

test("points logged at once from many sides are all kept, and the latest is the latest of all", async () => {
  const { id } = await at.newRun();
  await Promise.all(
    Array.from({ length: 30 }, (_, step) => at.log(id, { metrics: [point("loss", step * 2, { step })] })),
  );
  expect(latestOf(await at.get(id), "loss")).toMatchObject({ step: 29, value: 58 });
  const { steps } = await at.metrics.history(ada, "p1", { runId: id, key: "loss", pageSize: 100 });
  expect([...steps]).toEqual(Array.from({ length: 30 }, (_, step) => step));
});

test("a batch is refused whole when any of it is wrong", async () => {
  const { id } = await at.newRun();
  const many = (n: number) => Array.from({ length: n }, (_, i) => ({ key: `k${i}`, value: "v" }));
  const points = (n: number) => Array.from({ length: n }, (_, step) => point("m", 1, { step }));
  const bad: Parameters<typeof at.log>[1][] = [
    { metrics: points(1001) },
    { params: many(101) },
    { tags: many(101) },
    { metrics: points(1000), tags: many(1) },
    {
      params: [
        { key: "a", value: "1" },
        { key: "a", value: "1" },
      ],
    },
    { metrics: [point("m", 1, { timestampMs: -1 })] },
    { metrics: [point("m", 1, { step: 2 ** 53 })] },
    { metrics: [point("m", 1, { step: 0.5 })] },
    ...["", ".", "..", "/a", "a/", "a//b", "a/../b", "..a", "a\0", "a\nb", "a;b", "x".repeat(251)].flatMap(
      (key) => [
        { metrics: [point("good", 1), point(key, 1)] },
        { params: [{ key, value: "v" }] },
        { tags: [{ key, value: "v" }] },
      ],
    ),
    { params: [{ key: "nul", value: "a\0b" }] },
  ];
  for (const batch of bad) await expect(at.log(id, batch)).rejects.toMatchObject({ code: "invalid" });
  const run = await at.get(id);
  expect([run.metrics, run.params, run.tags.length]).toEqual([[], [], 1]);
});

test("long values are cut, by characters and not through one", async () => {
  const { id } = await at.newRun();
  await at.log(id, {
    params: [{ key: "p", value: "😀".repeat(6001) }],
    tags: [{ key: "t", value: "x".repeat(8001) }],
  });
  const run = await at.get(id);
  expect(paramOf(run, "p")).toBe("😀".repeat(6000));
  expect(run.tags.find(({ key }) => key === "t")?.value.length).toBe(8000);
});

test("keys of every alphabet, with slashes, dots and colons, come back as they were", async () => {
  const { id } = await at.newRun();
  const keys = ["a/b", "ärger", "损失", "a:b", "a b", "a.b-c_d", "x".repeat(250), "__proto__", "constructor"];
  await at.log(id, { metrics: keys.map((key, i) => point(key, i)) });
  const run = await at.get(id);
  expect(new Map(run.metrics.map(({ key, value }) => [key, value]))).toEqual(
    new Map(keys.map((key, i) => [key, i])),
  );
});

test("numbers that are none are kept as clients know them", async () => {
  const { id } = await at.newRun();
  await at.log(id, {
    metrics: [
      point("nan", Number.NaN),
      point("plus", Number.POSITIVE_INFINITY),
      point("minus", Number.NEGATIVE_INFINITY),
    ],
  });
  const run = await at.get(id);
  expect(latestOf(run, "nan")?.value).toBeNaN();
  expect(latestOf(run, "plus")?.value).toBe(1.7976931348623157e308);
  expect(latestOf(run, "minus")?.value).toBe(-1.7976931348623157e308);
});

test("a thousand different metrics fit into one batch", async () => {
  const { id } = await at.newRun();
  await at.log(id, { metrics: Array.from({ length: 1000 }, (_, i) => point(`m${i}`, i)) });
  await at.log(id, { metrics: Array.from({ length: 1000 }, (_, i) => point(`m${i}`, i + 1, { step: 1 })) });
  const run = await at.get(id);
  expect(run.metrics.length).toBe(1000);
  expect(latestOf(run, "m999")).toMatchObject({ value: 1000, step: 1 });
});

test("a run ends with a time of its own or with now, and loses it when it goes on", async () => {
  const { id } = await at.newRun();
  at.time.nowMs += 5;
  expect(await at.runs.update(ada, "p1", id, { status: "FINISHED" })).toMatchObject({
    status: "FINISHED",
    endedMs: at.time.nowMs,
  });
  expect((await at.runs.update(ada, "p1", id, { status: "RUNNING" })).endedMs).toBeUndefined();
  expect(await at.runs.update(ada, "p1", id, { status: "FAILED", endedMs: 77 })).toMatchObject({
    endedMs: 77,
  });
  const actions = at.told.map(({ action }) => action).filter((action) => action.startsWith("run."));
  expect(actions).toEqual(["run.created", "run.finished", "run.updated", "run.finished"]);
});

test("a tag goes when it is there, and its absence is told", async () => {
  const { id } = await at.newRun({ tags: [{ key: "t", value: "v" }] });
  await at.runs.deleteTag(ada, "p1", id, "t");
  await expect(at.runs.deleteTag(ada, "p1", id, "t")).rejects.toMatchObject({
    code: "not_found",
    message: `No tag with name: t in run with id ${id}`,
  });
});

test("a deleted run takes nothing, may be deleted again, and comes back as it was", async () => {
  const { id } = await at.newRun();
  await at.log(id, { params: [{ key: "a", value: "1" }] });
  await at.runs.delete(ada, "p1", id);
  await at.runs.delete(ada, "p1", id);
  expect(at.quota.runs).toBe(0);
  expect((await at.get(id)).lifecycle).toBe("deleted");
  const message = `The run ${id} must be in the 'active' state. Current state is deleted.`;
  await expect(at.log(id, { metrics: [point("m", 1)] })).rejects.toMatchObject({ code: "invalid", message });
  await expect(at.runs.update(ada, "p1", id, { name: "x" })).rejects.toMatchObject({ message });
  await at.runs.restore(ada, "p1", id);
  await at.runs.restore(ada, "p1", id);
  expect(at.quota.runs).toBe(1);
  expect(await at.get(id)).toMatchObject({ lifecycle: "active", params: [{ key: "a", value: "1" }] });
});

test("datasets and models that a run read and made come back with it; the first description of a dataset stands", async () => {
  const { id } = await at.newRun();
  const dataset = { name: "flights", digest: "d1", sourceType: "local", source: "/a", schema: "{}" };
  const tags = [{ key: "client.context", value: "training" }];
  await at.runs.logInputs(ada, "p1", id, { datasets: [{ dataset, tags }], modelIds: ["m-1"] });
  const other = { ...dataset, source: "/b", schema: undefined };
  await at.runs.logInputs(ada, "p1", id, { datasets: [{ dataset: other, tags: [] }], modelIds: [] });
  await at.runs.logOutputs(ada, "p1", id, [
    { modelId: "m-2", step: 3 },
    { modelId: "m-2", step: 4 },
  ]);
  const run = await at.get(id);
  expect(run.datasets).toEqual([{ dataset: { ...dataset, profile: undefined }, tags }]);
  expect(run.modelInputs).toEqual(["m-1"]);
  expect(run.modelOutputs).toEqual([{ modelId: "m-2", step: 4 }]);
  expect(at.edges.slice(0, 2)).toEqual(["run consumed dataset flights d1", "run consumed logged-model m-1"]);
});

test("a dataset whose source is an address of ours is that training set or dataset version", async () => {
  const { id } = await at.newRun();
  const api = "https://atrium/p/default/api/atrium/v1";
  const given = { digest: "d1", sourceType: "http", name: "frame" };
  const sources = [
    JSON.stringify({ url: `${api}/features/training-sets/late%20flights/12` }),
    JSON.stringify({ url: `${api}/datasets/flights/versions/3/content?format=parquet` }),
    JSON.stringify({ url: `${api}/datasets/flights` }),
  ];
  const datasets = sources.map((source, i) => ({
    dataset: { ...given, name: `frame-${i}`, source },
    tags: [],
  }));
  await at.runs.logInputs(ada, "p1", id, { datasets, modelIds: [] });
  expect(at.edges.slice(-3)).toEqual([
    "run consumed training-set late flights 12",
    "run consumed dataset flights 3",
    "run consumed dataset frame-2 d1",
  ]);
});

test("runs of other projects, and of experiments that are not one's to see, are not there", async () => {
  const { id } = await at.newRun();
  await expect(at.runs.get(ada, "p2", id)).rejects.toMatchObject({
    code: "not_found",
    message: `Run with id=${id} not found`,
  });
  await expect(at.runs.log(ada, "p2", id, { metrics: [], params: [], tags: [] })).rejects.toMatchObject({
    code: "not_found",
  });
  await expect(at.runs.get(eve, "p1", id)).rejects.toMatchObject({ code: "not_found" });
  at.eveSees.ids = ["0"];
  expect((await at.runs.get(eve, "p1", id)).id).toBe(id);
});

test("a full project takes no run, and nothing of it is left behind", async () => {
  at.quota.maximum = 1;
  await at.newRun();
  await expect(at.newRun()).rejects.toMatchObject({ code: "exhausted" });
  expect((await at.runs.search(ada, "p1", { pageSize: 10 })).items.length).toBe(1);
});

test("files below an experiment's number carry its grants", async () => {
  const [owner] = at.owners;
  expect(await owner?.ownerOf("p1", "12/abc/artifacts/model.pkl", "artifact:read")).toEqual({
    ...{ kind: "resource", projectId: "p1", type: "experiment", id: "12" },
  });
  expect(await owner?.ownerOf("p1", "models/12", "artifact:write")).toBeUndefined();
});

test("files are written only below a run or a logged model of the project, in its experiment", async () => {
  const [owner] = at.owners;
  const write = (projectId: string, path: string) => owner?.ownerOf(projectId, path, "artifact:write");
  const { id } = await at.newRun();
  const model = await at.loggedModels.create(ada, "p1", { experimentId: "0", params: [], tags: [] });
  const place = { kind: "resource", projectId: "p1", type: "experiment", id: "0" };
  for (const path of [
    `0/${id}/artifacts/a`,
    `0/models/${model.id}/artifacts/a`,
    "0/traces/tr-1/artifacts/a",
  ]) {
    for (let again = 0; again < 2; again += 1) expect(await write("p1", path)).toEqual(place);
  }
  const nowhere = ["0", "0/a.txt", `1/${id}/artifacts/a`, `0/models/${id}/artifacts/a`, "7/traces/tr-1/a"];
  for (const path of [...nowhere, `0/${model.id}/a`, `0/${"f".repeat(32)}/artifacts/a`]) {
    await expect(write("p1", path), path).rejects.toMatchObject({ code: "not_found" });
  }
  await expect(write("p2", `0/${id}/artifacts/a`)).rejects.toMatchObject({ code: "not_found" });
  expect(await owner?.ownerOf("p1", "7/none/artifacts/a", "artifact:delete")).toMatchObject({ id: "7" });
});

test("of params that would change in a batch each is told, with what it is and what it would be", async () => {
  const { id } = await at.newRun();
  await at.log(id, { params: [{ key: "p", value: "1" }] });
  const params = [
    { key: "p", value: "it's" },
    { key: "q", value: "3" },
  ];
  await expect(at.log(id, { params })).rejects.toMatchObject({
    reason: "param_changed",
    message:
      `Changing param values is not allowed. Params were already logged='[{'key': 'p', 'old_value': '1', ` +
      `'new_value': "it's"}]' for run ID='${id}'.`,
  });
  expect((await at.get(id)).params).toEqual([{ key: "p", value: "1" }]);
});

test("a purged project leaves no run, no value and no experiment", async () => {
  for (let i = 0; i < 25; i += 1) {
    const { id } = await at.newRun();
    await at.log(id, { metrics: [point("m", 1)], params: [{ key: "p", value: "v" }] });
  }
  await at.runs.create(ada, "p2", { experimentId: "0", tags: [] });
  at.projectIds.standing = ["p2"];
  await at.purge();
  expect((await at.runs.search(ada, "p1", { pageSize: 10, view: "all" })).items).toEqual([]);
  expect((await at.runs.search(ada, "p2", { pageSize: 10 })).items.length).toBe(1);
});
