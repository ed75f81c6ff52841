import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LoggedModels, NewLoggedModel, Point } from "./door.ts";
import { ada, eve, type OpenTracking, openTracking, point } from "./testing.ts";

let room: OpenTracking;
let models: LoggedModels;

beforeEach(async () => {
  room = await openTracking();
  models = room.loggedModels;
});
afterEach(() => room.db.close());

async function make(given: Partial<NewLoggedModel> = {}) {
  room.time.nowMs += 1;
  return models.create(ada, "p1", { experimentId: "0", params: [], tags: [], ...given });
}
const get = (id: string) => models.get(ada, "p1", id);
const missing = (id: string) => ({ code: "not_found", message: `Logged model with ID '${id}' not found.` });

/** A run that logs points about models. */
async function logging(points: (Point & { modelId: string })[]): Promise<string> {
  const run = await room.newRun();
  await room.log(run.id, { metrics: points });
  return run.id;
}

describe("a logged model", () => {
  test("begins pending, with its params and tags, as a product of its run", async () => {
    const run = await room.newRun();
    const model = await make({
      name: "forest",
      modelType: "classifier",
      sourceRunId: run.id,
      params: [{ key: "depth", value: "3" }],
      tags: [
        { key: "team", value: "a" },
        { key: "team", value: "b" },
      ],
    });
    expect(model.id).toMatch(/^m-[0-9a-f]{32}$/);
    expect(model).toEqual({
      id: model.id,
      projectId: "p1",
      experimentId: "0",
      name: "forest",
      modelType: "classifier",
      status: "PENDING",
      statusMessage: "",
      sourceRunId: run.id,
      createdMs: room.time.nowMs,
      updatedMs: room.time.nowMs,
      artifactPath: `0/models/${model.id}/artifacts`,
      params: [{ key: "depth", value: "3" }],
      tags: [{ key: "team", value: "b" }],
      metrics: [],
    });
    expect(await get(model.id)).toEqual(model);
    expect(room.edges).toContain(`run produced logged-model ${model.id}`);
    expect(room.told).toContainEqual({ action: "logged-model.created", id: model.id });
    expect(room.told).toContainEqual({ action: "event logged-model.created", id: model.id });
  });

  test("without a name gets one, and none that cannot be a file's", async () => {
    expect((await make()).name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    expect((await make({ name: "" })).name).toMatch(/^[a-z]+-[a-z]+-\d+$/);
    for (const name of ["a/b", "a:b", "a.b", "a%", 'a"', "a'"]) {
      await expect(make({ name })).rejects.toMatchObject({
        code: "invalid",
        message: `Invalid model name ('${name}') provided. Model name must be a non-empty string and cannot contain the following characters: ('/', ':', '.', '%', '"', "'")`,
      });
    }
    await expect(make({ name: "n\0" })).rejects.toMatchObject({ code: "invalid" });
    await expect(make({ name: "n".repeat(1001) })).rejects.toMatchObject({ code: "invalid" });
  });

  test("belongs to an experiment that is there and to a run of the same project", async () => {
    await expect(make({ experimentId: "777" })).rejects.toMatchObject({
      code: "not_found",
      message: "No Experiment with id=777 exists",
    });
    await expect(make({ experimentId: "x" })).rejects.toMatchObject({ code: "invalid" });
    const run = await room.newRun();
    const elsewhere = { experimentId: "0", params: [], tags: [], sourceRunId: run.id };
    await expect(models.create(ada, "p2", elsewhere)).rejects.toMatchObject({
      code: "not_found",
      message: `Run with id=${run.id} not found`,
    });
    const experiment = await room.experiments.create(ada, "p1", { name: "e", tags: [] });
    await room.experiments.delete(ada, "p1", experiment.id);
    await expect(make({ experimentId: experiment.id })).rejects.toMatchObject({ code: "invalid" });
  });

  test("ends ready or failed, and says why", async () => {
    const { id } = await make();
    room.time.nowMs += 5;
    const ready = await models.finalize(ada, "p1", id, { status: "READY" });
    expect(ready).toMatchObject({ status: "READY", statusMessage: "", updatedMs: room.time.nowMs });
    const end = { status: "FAILED", message: "disk full".repeat(200) } as const;
    const failed = await models.finalize(ada, "p1", id, end);
    expect(failed.statusMessage).toHaveLength(1000);
    expect(await get(id)).toEqual(failed);
  });

  test("keeps its params as they are", async () => {
    const { id } = await make({ params: [{ key: "p", value: "1" }] });
    await models.logParams(ada, "p1", id, [
      { key: "p", value: "1" },
      { key: "q", value: "2".repeat(10_000) },
    ]);
    await expect(
      models.logParams(ada, "p1", id, [
        { key: "r", value: "3" },
        { key: "p", value: "9" },
      ]),
    ).rejects.toMatchObject({ code: "invalid", reason: "param_changed" });
    expect((await get(id)).params.map(({ key }) => key)).toEqual(["p", "q"]);
    const twice = [
      { key: "a", value: "1" },
      { key: "a", value: "1" },
    ];
    await expect(models.logParams(ada, "p1", id, twice)).rejects.toMatchObject({ code: "invalid" });
    await expect(models.logParams(ada, "p1", id, [{ key: "a$", value: "" }])).rejects.toMatchObject({
      code: "invalid",
    });
    const many = Array.from({ length: 1001 }, (_, i) => ({ key: `k${i}`, value: "" }));
    await expect(models.logParams(ada, "p1", id, many)).rejects.toMatchObject({ code: "invalid" });
  });

  test("takes tags and gives them back", async () => {
    const { id } = await make({ tags: [{ key: "a", value: "1" }] });
    const tagged = await models.setTags(ada, "p1", id, [
      { key: "a", value: "2" },
      { key: "b", value: "3" },
    ]);
    expect(tagged.tags).toEqual([
      { key: "a", value: "2" },
      { key: "b", value: "3" },
    ]);
    await models.deleteTag(ada, "p1", id, "a");
    expect((await get(id)).tags).toEqual([{ key: "b", value: "3" }]);
    await expect(models.deleteTag(ada, "p1", id, "a")).rejects.toMatchObject({
      code: "not_found",
      message: `No tag with key 'a' found for model with ID '${id}'.`,
    });
  });

  test("lets a neighbour change a tag in a transaction of its own", async () => {
    const { id } = await make({ tags: [{ key: "list", value: "1" }] });
    const tag = { projectId: "p1", modelId: id, key: "list" };
    const failing = room.db.transaction(async (tx) => {
      await models.changeTag(tx, tag, (before) => `${before},2`);
      throw new Error("The neighbour failed.");
    });
    await expect(failing).rejects.toThrow("The neighbour failed.");
    await room.db.transaction((tx) => models.changeTag(tx, tag, (before) => `${before},3`));
    expect((await get(id)).tags).toEqual([{ key: "list", value: "1,3" }]);
    const unknown = { ...tag, modelId: "m-nope" };
    await expect(room.db.transaction((tx) => models.changeTag(tx, unknown, () => ""))).rejects.toMatchObject(
      missing("m-nope"),
    );
  });

  test("when deleted is seen by those only who ask for deleted ones", async () => {
    const { id } = await make();
    await models.delete(ada, "p1", id);
    await models.delete(ada, "p1", id);
    await expect(get(id)).rejects.toMatchObject(missing(id));
    expect(await models.get(ada, "p1", id, { deleted: "allowed" })).toMatchObject({ id });
    expect(await models.search(ada, "p1", { pageSize: 10 })).toEqual({ items: [] });
    expect(room.told.filter(({ action }) => action === "logged-model.deleted")).toHaveLength(1);
    await expect(models.delete(ada, "p1", "m-nope")).rejects.toMatchObject(missing("m-nope"));
  });

  test("is hidden with its experiment, as if it were not there", async () => {
    const experiment = await room.experiments.create(ada, "p1", { name: "e", tags: [] });
    const hidden = await make();
    const shown = await make({ experimentId: experiment.id });
    room.eveSees.ids = [experiment.id];
    for (const refused of [
      () => models.get(eve, "p1", hidden.id),
      () => models.delete(eve, "p1", hidden.id),
      () => models.setTags(eve, "p1", hidden.id, []),
    ]) {
      await expect(refused()).rejects.toMatchObject(missing(hidden.id));
    }
    await expect(models.get(ada, "p2", shown.id)).rejects.toMatchObject(missing(shown.id));
    const found = await models.search(eve, "p1", { pageSize: 1 });
    expect(found.items.map(({ id }) => id)).toEqual([shown.id]);
    expect(found.nextToken).toBeUndefined();
    expect(await models.search(eve, "p1", { experimentIds: ["0"], pageSize: 1 })).toEqual({ items: [] });
  });

  test("goes with its purged project", async () => {
    const { id } = await make({ tags: [{ key: "a", value: "1" }] });
    await logging([{ ...point("acc", 1), modelId: id }]);
    room.projectIds.standing = ["p2"];
    await room.purge();
    await expect(models.get(ada, "p1", id, { deleted: "allowed" })).rejects.toMatchObject(missing(id));
  });
});

describe("a metric of a logged model", () => {
  test("is the newest of the points that runs log about it, for each dataset", async () => {
    const { id } = await make();
    const on = (datasetName: string, value: number, at: { step?: number; timestampMs?: number }) => ({
      ...point("acc", value, at),
      modelId: id,
      datasetName,
      datasetDigest: "d",
    });
    const runId = await logging([
      on("train", 0.5, { timestampMs: 5, step: 1 }),
      on("train", 0.9, { timestampMs: 5, step: 2 }),
      on("train", 0.1, { timestampMs: 4, step: 9 }),
      on("test", 0.7, { timestampMs: 1 }),
      { ...point("acc", 0.3), modelId: id },
      { ...point("gone", Number.NaN), modelId: id },
    ]);
    const { metrics } = await get(id);
    expect(metrics).toEqual([
      { key: "acc", value: 0.3, timestampMs: 1000, step: 0, modelId: id, runId },
      expect.objectContaining({ datasetName: "test", datasetDigest: "d", value: 0.7 }),
      expect.objectContaining({ datasetName: "train", datasetDigest: "d", value: 0.9, step: 2 }),
      expect.objectContaining({ key: "gone", value: Number.NaN }),
    ]);
    const later = await logging([
      on("train", 0.2, { timestampMs: 5, step: 3 }),
      on("test", 0.1, { timestampMs: 0 }),
    ]);
    const after = (await get(id)).metrics;
    expect(after.find(({ datasetName }) => datasetName === "train")).toMatchObject({
      value: 0.2,
      runId: later,
    });
    expect(after.find(({ datasetName }) => datasetName === "test")).toMatchObject({ value: 0.7, runId });
    expect((await room.get(runId)).metrics.map(({ key }) => key).sort()).toEqual(["acc", "gone"]);
  });

  test("of a model that is not there is refused, and nothing of its batch is kept", async () => {
    const { id } = await make();
    const run = await room.newRun();
    const metrics = [
      { ...point("acc", 1), modelId: id },
      { ...point("acc", 2), modelId: "m-nope" },
    ];
    await expect(room.log(run.id, { metrics })).rejects.toMatchObject(missing("m-nope"));
    expect((await room.get(run.id)).metrics).toEqual([]);
    expect((await get(id)).metrics).toEqual([]);
    const elsewhere = await models.create(ada, "p2", { experimentId: "0", params: [], tags: [] });
    const foreign = [{ ...point("acc", 2), modelId: elsewhere.id }];
    await expect(room.log(run.id, { metrics: foreign })).rejects.toMatchObject(missing(elsewhere.id));
    const long = [{ ...point("acc", 2), modelId: id, datasetName: "d".repeat(501) }];
    await expect(room.log(run.id, { metrics: long })).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("a search for logged models", () => {
  const found = async (filter: string, asked: Partial<Parameters<LoggedModels["search"]>[2]> = {}) =>
    (await models.search(ada, "p1", { filter, pageSize: 100, ...asked })).items.map(({ name }) => name);

  /** From the oldest: a, b, C; b is ready, C has no run. */
  async function three() {
    const run = await room.newRun();
    const a = await make({
      name: "a",
      modelType: "t",
      sourceRunId: run.id,
      params: [{ key: "lr", value: "0.1" }],
      tags: [{ key: "team x", value: "blue" }],
    });
    const b = await make({ name: "b", sourceRunId: run.id, params: [{ key: "lr", value: "0.2" }] });
    const c = await make({ name: "C" });
    await models.finalize(ada, "p1", b.id, { status: "READY" });
    await logging([
      { ...point("acc", 0.9), modelId: a.id, datasetName: "train", datasetDigest: "1" },
      { ...point("acc", 0.4, { step: 1 }), modelId: a.id, datasetName: "test", datasetDigest: "1" },
      { ...point("acc", 0.6), modelId: b.id, datasetName: "train", datasetDigest: "2" },
      { ...point("acc", Number.NaN), modelId: c.id },
    ]);
    return { run, a, b, c };
  }

  test("reads the clients' language", async () => {
    const { run, a } = await three();
    for (const [filter, names] of [
      ["", ["C", "b", "a"]],
      ["name = 'a'", ["a"]],
      ["attributes.name ILIKE 'c'", ["C"]],
      ["name LIKE 'c'", []],
      ["name NOT IN ('a', 'b')", ["C"]],
      [`model_id IN ('${a.id}')`, ["a"]],
      ["model_type = 't'", ["a"]],
      ["status = 'READY'", ["b"]],
      ["status = 'LOGGED_MODEL_READY'", ["b"]],
      ["status IN ('PENDING', 'LOGGED_MODEL_UPLOAD_FAILED')", ["C", "a"]],
      [`source_run_id = '${run.id}'`, ["b", "a"]],
      [`creation_timestamp > ${a.createdMs}`, ["C", "b"]],
      [`creation_time <= ${a.createdMs}.5`, ["a"]],
      ["last_updated_timestamp > 0", ["C", "b", "a"]],
      ["params.lr != '0.1'", ["b"]],
      ["params.lr IN ('0.1', '0.2')", ["b", "a"]],
      ["tags.`team x` LIKE 'bl%'", ["a"]],
      ["metrics.acc > 0.5", ["b", "a"]],
      ["metrics.acc < 0.5", ["a"]],
      ["metrics.acc != 7", ["C", "b", "a"]],
      ["metrics.acc <= 0", []],
      ["metrics.acc > 0.5 AND params.lr = '0.2'", ["b"]],
    ] as const) {
      expect([filter, await found(filter)]).toEqual([filter, names]);
    }
    expect(await found("name != 'b'", { sourceRunId: run.id })).toEqual(["a"]);
    const datasets = (name: string, digest?: string) => ({ datasets: [{ name, digest }] });
    expect(await found("", datasets("train"))).toEqual(["b", "a"]);
    expect(await found("", datasets("train", "1"))).toEqual(["a"]);
    expect(await found("metrics.acc < 0.5", datasets("train"))).toEqual([]);
    expect(await found("", { experimentIds: [] })).toEqual([]);
    expect(await found("", { experimentIds: ["777"] })).toEqual([]);
  });

  test("has an order in which what is missing stands last", async () => {
    await three();
    await make({ name: "d" });
    const by = (field: string, ascending?: boolean, on: object = {}) =>
      found("", { orderBy: [{ field, ascending, ...on }] });
    expect(await by("name")).toEqual(["C", "a", "b", "d"]);
    expect(await by("creation_timestamp", true)).toEqual(["a", "b", "C", "d"]);
    expect(await by("model_type", false)).toEqual(["a", "d", "C", "b"]);
    expect(await by("metrics.acc", true)).toEqual(["a", "b", "C", "d"]);
    expect(await by("metrics.acc", false)).toEqual(["b", "a", "C", "d"]);
    expect(await by("metrics.acc", false, { datasetName: "train" })).toEqual(["a", "b", "d", "C"]);
    expect(await by("metrics.acc", true, { datasetName: "train", datasetDigest: "2" })).toEqual([
      "b",
      "d",
      "C",
      "a",
    ]);
  });

  test("comes in pages that hold each model once, in every order", async () => {
    await three();
    for (const name of ["d", "e"]) await make({ name });
    for (const orderBy of [
      [],
      [{ field: "name" }],
      [{ field: "metrics.acc", ascending: false }],
      [{ field: "metrics.acc", datasetName: "train" }],
      [{ field: "model_type" }, { field: "status", ascending: false }],
    ]) {
      const paged: string[] = [];
      let pageToken: string | undefined;
      do {
        const page = await models.search(ada, "p1", { orderBy, pageSize: 2, pageToken });
        paged.push(...page.items.map(({ name }) => name));
        pageToken = page.nextToken;
      } while (pageToken !== undefined);
      expect(paged).toEqual(await found("", { orderBy }));
    }
    const { nextToken: pageToken } = await models.search(ada, "p1", { pageSize: 1 });
    await expect(
      models.search(ada, "p1", { pageSize: 1, pageToken, filter: "name='a'" }),
    ).rejects.toMatchObject({
      code: "invalid",
      at: "page_token",
    });
  });

  test("is refused in known words", async () => {
    for (const [filter, message] of [
      ["foo = 'x'", /^Invalid attribute key 'foo' specified/],
      ["toString = 'x'", /^Invalid attribute key 'toString' specified/],
      ["name > 'x'", /^Invalid comparator '>' not one of '=, !=, LIKE, ILIKE, IN, NOT IN'$/],
      ["metrics.acc = 'x'", /^Expected numeric value type for metric. Found 'x'$/],
      [
        "metric.acc > 0",
        /^Invalid entity type: 'metric'. Expected one of \['attributes', 'metrics', 'params', 'tags'\].$/,
      ],
      ["tags.t IS NULL", /^Invalid comparator 'IS NULL'/],
      ["name = 'a' OR name = 'b'", /^Invalid clause\(s\) in filter string: 'OR'$/],
    ] as const) {
      await expect(found(filter)).rejects.toThrow(message);
    }
    for (const [field, message] of [
      ["foo", "Invalid order by field name: foo"],
      ["params.p", "Invalid order by field name: params.p. Only metrics are supported."],
    ]) {
      await expect(found("", { orderBy: [{ field: String(field) }] })).rejects.toThrow(message);
    }
    await expect(found("", { datasets: [{ name: "" }] })).rejects.toThrow("`dataset_name` in the `datasets`");
    await expect(found("", { experimentIds: ["x"] })).rejects.toMatchObject({ code: "invalid" });
  });
});
