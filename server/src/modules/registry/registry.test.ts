import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Registry } from "./door.ts";
import { registryJobs } from "./jobs.ts";
import { actorNamed, openRegistry, PROJECT, PROMPT, REGISTERED_AS } from "./testing.ts";

let room: Awaited<ReturnType<typeof openRegistry>>;
let registry: Registry;
const owner = actorNamed("owner");
const at = (name: string) => ({ projectId: PROJECT, name });
const v = (name: string, version: number) => ({ ...at(name), version });

beforeEach(async () => {
  room = await openRegistry();
  registry = room.registry;
});
afterEach(() => room.db.close());

async function make(name: string, versions = 0, tags: Record<string, string> = {}) {
  const model = await registry.create(owner, PROJECT, { name, tags });
  for (let i = 0; i < versions; i += 1) {
    room.time.nowMs += 1;
    await registry.versions.create(owner, at(name), { source: `s3://bucket/${name}/${i}` });
  }
  return model;
}

async function idOf(name: string): Promise<string> {
  return String(room.told.find((event) => event.body.name === name)?.body.modelId);
}

describe("a registered model", () => {
  test("is created once, with its audit record, its event and its place in the quota", async () => {
    room.quota.maximum = 1;
    const model = await registry.create(owner, PROJECT, {
      name: "churn",
      description: "Who leaves",
      tags: { team: "a", toString: "b" },
    });
    expect(model).toEqual({
      name: "churn",
      description: "Who leaves",
      createdMs: 1000,
      updatedMs: 1000,
      tags: { team: "a", toString: "b" },
      aliases: {},
      latestVersions: [],
      versions: 0,
    });
    expect(await registry.get(owner, at("churn"))).toEqual(model);
    expect(room.told).toMatchObject([{ kind: "model.created", projectId: PROJECT, body: { name: "churn" } }]);
    expect(room.recorded).toEqual(["model.created"]);
    await expect(make("churn")).rejects.toMatchObject({ code: "exhausted" });
    room.quota.maximum = 2;
    await expect(make("churn")).rejects.toMatchObject({
      code: "conflict",
      reason: "already_exists",
      message: "Registered Model (name=churn) already exists.",
    });
  });

  test("is refused whole when its name, a tag or an alias is none", async () => {
    await make("good", 1);
    const refused = { code: "invalid" };
    await expect(make("a/b")).rejects.toMatchObject(refused);
    await expect(make("bad", 0, { a$: "1" })).rejects.toMatchObject(refused);
    await expect(registry.update(owner, at("good"), { name: "a/b", description: "x" })).rejects.toMatchObject(
      refused,
    );
    await expect(registry.setAlias(owner, { ...at("good"), alias: "v1" }, 1)).rejects.toMatchObject(refused);
    await expect(registry.versions.create(owner, at("good"), { source: "/etc" })).rejects.toMatchObject(
      refused,
    );
    const { items } = await registry.search(owner, PROJECT, { pageSize: 10 });
    expect(items).toMatchObject([{ name: "good", description: "", aliases: {}, versions: 1 }]);
  });

  test("changes its description and tags together or not at all", async () => {
    await make("m", 0, { old: "1", kept: "1" });
    room.time.nowMs = 2000;
    const changed = await registry.update(owner, at("m"), {
      description: "new",
      tags: { old: null, added: "2", never: null },
    });
    expect(changed).toMatchObject({
      description: "new",
      updatedMs: 2000,
      tags: { kept: "1", added: "2" },
    });
    await expect(
      registry.update(owner, at("m"), { description: "x", tags: { a$: "1" } }),
    ).rejects.toMatchObject({ code: "invalid" });
    expect(await registry.get(owner, at("m"))).toEqual(changed);
  });

  test("keeps its versions, aliases and lineage when it gets another name", async () => {
    room.addRun("r1");
    await make("old");
    await make("old2", 1); // A name that begins alike keeps its own edges.
    await registry.versions.create(owner, at("old"), { source: "s3://b/x", runId: "r1" });
    await registry.setAlias(owner, { ...at("old"), alias: "best" }, 1);
    const renamed = await registry.update(owner, at("old"), { name: 'né"w, 🙂' });
    expect(renamed).toMatchObject({ name: 'né"w, 🙂', aliases: { best: 1 }, versions: 1 });
    await expect(registry.get(owner, at("old"))).rejects.toMatchObject({
      code: "not_found",
      message: "Registered Model with name=old not found",
    });
    expect(await registry.versions.get(owner, v('né"w, 🙂', 1))).toMatchObject({ name: 'né"w, 🙂' });
    const { edges } = await room.lineage.walk(owner, {
      projectId: PROJECT,
      from: { type: "run", id: "r1" },
      direction: "down",
      depthMax: 3,
    });
    expect(edges.map((edge) => edge.to)).toEqual([{ type: "model-version", id: 'né"w, 🙂', version: "1" }]);
    expect(room.told.at(-1)).toMatchObject({ kind: "model.renamed", body: { from: "old" } });
    await expect(registry.update(owner, at("old2"), { name: 'né"w, 🙂' })).rejects.toMatchObject({
      code: "conflict",
      reason: "already_exists",
    });
  });

  test("leaves nothing behind when it is deleted", async () => {
    room.addRun("r1");
    await make("m", 1);
    await registry.versions.create(owner, at("m"), { source: "s3://b/x", runId: "r1" });
    await registry.setAlias(owner, { ...at("m"), alias: "best" }, 1);
    await registry.delete(owner, at("m"));
    expect(room.told.at(-1)).toMatchObject({ kind: "model.deleted", body: { versions: 2 } });
    expect(room.quota.used).toBe(0);
    await expect(registry.versions.get(owner, v("m", 1))).rejects.toMatchObject({ code: "not_found" });
    expect(await registry.versions.search(owner, PROJECT, { pageSize: 10 })).toEqual({ items: [] });
    await make("m", 1);
    expect(await registry.get(owner, at("m"))).toMatchObject({ aliases: {}, versions: 1 });
    expect((await registry.aliasHistory(owner, at("m"), { pageSize: 10 })).items).toEqual([]);
    const walked = await room.lineage.walk(owner, {
      projectId: PROJECT,
      from: { type: "run", id: "r1" },
      direction: "both",
      depthMax: 3,
    });
    expect(walked.edges).toEqual([]);
  });
});

test("models go with their purged project, and those of others stay", async () => {
  for (let i = 0; i < 21; i += 1) await make(`m${i}`);
  await registry.create(owner, "p2", { name: "stays" });
  const jobs = registryJobs({ ...room.deps, projectIds: async () => ["p2"] });
  await jobs.find(({ name }) => name === "registry-purge")?.run(new AbortController().signal);
  expect(await registry.search(owner, PROJECT, { pageSize: 10 })).toEqual({ items: [] });
  expect(await registry.get(owner, { projectId: "p2", name: "stays" })).toMatchObject({ name: "stays" });
});

describe("a version", () => {
  test("has the next number, and a deleted one's number never comes again", async () => {
    await make("m", 3);
    await registry.versions.delete(owner, v("m", 3));
    await registry.versions.delete(owner, v("m", 1));
    const next = await registry.versions.create(owner, at("m"), { source: "s3://b/y" });
    expect(next.version).toBe(4);
    expect(await registry.get(owner, at("m"))).toMatchObject({ versions: 2 });
    await expect(registry.versions.get(owner, v("m", 3))).rejects.toMatchObject({
      code: "not_found",
      message: "Model Version (name=m, version=3) not found",
    });
    const { items } = await registry.versions.list(owner, at("m"), { pageSize: 10 });
    expect(items.map((version) => version.version)).toEqual([4, 2]);
  });

  test("made at the same moment by many has a number of its own", async () => {
    await make("m");
    const made = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        registry.versions.create(owner, at("m"), { source: `s3://b/${i}` }),
      ),
    );
    expect(made.map((version) => version.version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("knows what was said of it", async () => {
    room.addRun("r1");
    await make("m");
    const made = await registry.versions.create(owner, at("m"), {
      source: "address:/1/r1/artifacts/model",
      artifactPath: "1/r1/artifacts/model",
      runId: "r1",
      runLink: "https://elsewhere.example/r1",
      description: "first",
      tags: { k: "1" },
    });
    expect(made).toEqual({
      name: "m",
      version: 1,
      description: "first",
      stage: "None",
      status: "READY",
      source: "address:/1/r1/artifacts/model",
      artifactPath: "1/r1/artifacts/model",
      runId: "r1",
      runLink: "https://elsewhere.example/r1",
      createdBy: "owner",
      createdMs: 1000,
      updatedMs: 1000,
      aliases: [],
      tags: { k: "1" },
    });
    room.time.nowMs = 2000;
    const changed = await registry.versions.update(owner, v("m", 1), {
      description: "second",
      tags: { k: null, l: "2" },
    });
    expect(changed).toEqual({ ...made, description: "second", updatedMs: 2000, tags: { l: "2" } });
    expect(await registry.versions.get(owner, v("m", 1))).toEqual(changed);
    expect(room.recorded).toEqual(["model.created", "model-version.created", "model-version.updated"]);
  });

  test("of a logged model knows its files and its run, and the logged model knows the version", async () => {
    room.addRun("r1");
    room.addLoggedModel("m-1", "r1");
    await make("m");
    const source = "models:/m-1";
    const made = await registry.versions.create(owner, at("m"), { source, loggedModelId: "m-1" });
    expect(made).toMatchObject({ artifactPath: "1/models/m-1/artifacts", runId: "r1", loggedModelId: "m-1" });
    await registry.versions.create(owner, at("m"), { source });
    const tag = room.loggedModels.get("m-1")?.tags.find(({ key }) => key === REGISTERED_AS);
    expect(JSON.parse(tag?.value ?? "")).toEqual([
      { name: "m", version: 1 },
      { name: "m", version: 2 },
    ]);
    const walk = { projectId: PROJECT, direction: "up", depthMax: 3 } as const;
    const { edges } = await room.lineage.walk(owner, {
      ...walk,
      from: { type: "model-version", id: "m", version: "1" },
    });
    expect(edges.map((edge) => [edge.from.type, edge.relation, edge.to.type]).sort()).toEqual([
      ["model-version", "derived", "logged-model"],
      ["run", "produced", "model-version"],
    ]);
  });

  test("of a run's folder is refused while nothing lies there", async () => {
    room.addRun("r1");
    await make("m");
    const given = { source: "runs:/r1/model" };
    await expect(registry.versions.create(owner, at("m"), given)).rejects.toMatchObject({ code: "invalid" });
    room.files.add("1/r1/artifacts/model/MLmodel");
    const made = await registry.versions.create(owner, at("m"), given);
    expect(made).toMatchObject({
      runId: "r1",
      artifactPath: "1/r1/artifacts/model",
      source: "runs:/r1/model",
    });
  });

  test("copied from another has its files and its run, even when the original is gone", async () => {
    room.addRun("r1");
    room.addLoggedModel("m-1", "r1");
    await make("a");
    await make("b");
    await registry.versions.create(owner, at("a"), { source: "models:/m-1" });
    await registry.setAlias(owner, { ...at("a"), alias: "best" }, 1);
    const files = { artifactPath: "1/models/m-1/artifacts", runId: "r1", loggedModelId: "m-1" };
    for (const source of ["models:/a/1", "models:/a@best"]) {
      const copy = await registry.versions.create(owner, at("b"), { source });
      expect(copy).toMatchObject({ source, ...files });
    }
    await registry.delete(owner, at("a"));
    expect(await registry.versions.get(owner, v("b", 1))).toMatchObject(files);
    await expect(registry.versions.create(owner, at("b"), { source: "models:/a/1" })).rejects.toMatchObject({
      code: "not_found",
      message: "Model Version (name=a, version=1) not found",
    });
  });

  test("lies in the folder of the run or the logged model that it names", async () => {
    for (const id of ["r1", "r2"]) room.addRun(id);
    room.addLoggedModel("m-1", "r1");
    await make("m");
    const source = "address:/x";
    for (const [given, parameter] of [
      [{ artifactPath: "1/r1/artifacts/m" }, "run_id"],
      [{ artifactPath: "1/r2/artifacts/m", runId: "r1" }, "run_id"],
      [{ artifactPath: "1/r1/artifacts2", runId: "r1" }, "run_id"],
      [{ artifactPath: "1/r2/artifacts", runId: "r1", loggedModelId: "m-1" }, "model_id"],
    ] as const) {
      await expect(registry.versions.create(owner, at("m"), { source, ...given })).rejects.toMatchObject({
        code: "invalid",
        message: `Invalid model version source: 'address:/x'. The ${parameter} request parameter must identify the resource that contains the source.`,
      });
    }
    const given = { source, artifactPath: "1/models/m-1/artifacts", runId: "r1", loggedModelId: "m-1" };
    expect(await registry.versions.create(owner, at("m"), given)).toMatchObject({ version: 1, runId: "r1" });
  });

  test("never comes from another project", async () => {
    room.addRun("r9", "p2");
    room.addLoggedModel("m-9", "r9", "p2");
    await make("m");
    for (const given of [
      { source: "models:/m-9" },
      { source: "s3://b/x", runId: "r9" },
      { source: "s3://b/x", loggedModelId: "m-9" },
      { source: "runs:/r9/x" },
    ]) {
      await expect(registry.versions.create(owner, at("m"), given)).rejects.toMatchObject({
        code: "not_found",
      });
    }
  });
});

describe("an alias", () => {
  test("stands for one version, and every move is kept", async () => {
    await make("m", 2);
    const best = { ...at("m"), alias: "best" };
    await registry.setAlias(owner, best, 1);
    await registry.setAlias(owner, best, 1); // Not a move.
    await registry.setAlias(owner, best, 2);
    expect(await registry.versionByAlias(owner, best)).toMatchObject({ version: 2, aliases: ["best"] });
    expect(await registry.get(owner, at("m"))).toMatchObject({ aliases: { best: 2 } });
    await registry.deleteAlias(owner, best);
    await registry.deleteAlias(owner, best);
    await expect(registry.versionByAlias(owner, best)).rejects.toMatchObject({
      code: "not_found",
      reason: "alias",
      message: "Registered model alias best not found.",
    });
    const first = await registry.aliasHistory(owner, at("m"), { pageSize: 2 });
    const second = await registry.aliasHistory(owner, at("m"), { pageSize: 2, pageToken: first.nextToken });
    expect([...first.items, ...second.items]).toEqual([
      { alias: "best", fromVersion: 2, atMs: 1002, by: "owner" },
      { alias: "best", fromVersion: 1, toVersion: 2, atMs: 1002, by: "owner" },
      { alias: "best", toVersion: 1, atMs: 1002, by: "owner" },
    ]);
    expect(second.nextToken).toBeUndefined();
    const kinds = room.told.map((event) => event.kind).filter((kind) => kind.startsWith("model-alias"));
    expect(kinds).toEqual(["model-alias.set", "model-alias.set", "model-alias.deleted"]);
  });

  test("goes with its version, and is told of", async () => {
    await make("m", 2);
    for (const alias of ["a", "b"]) await registry.setAlias(owner, { ...at("m"), alias }, 2);
    await registry.setAlias(owner, { ...at("m"), alias: "c" }, 1);
    await registry.versions.delete(owner, v("m", 2));
    expect(await registry.get(owner, at("m"))).toMatchObject({ aliases: { c: 1 } });
    const { items } = await registry.aliasHistory(owner, at("m"), { pageSize: 10 });
    expect(items.filter((move) => move.toVersion === undefined).map((move) => move.alias)).toEqual([
      "b",
      "a",
    ]);
  });

  test("`latest` is the newest version and cannot be set", async () => {
    await make("empty");
    await make("m", 3);
    expect(await registry.versionByAlias(owner, { ...at("m"), alias: "LaTest" })).toMatchObject({
      version: 3,
    });
    await expect(registry.versionByAlias(owner, { ...at("empty"), alias: "latest" })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("needs a version that there is", async () => {
    await make("m");
    await expect(registry.setAlias(owner, { ...at("m"), alias: "x" }, 99)).rejects.toMatchObject({
      message: "Model Version (name=m, version=99) not found",
    });
    await expect(registry.setAlias(owner, { ...at("nope"), alias: "x" }, 1)).rejects.toMatchObject({
      message: "Model Version (name=nope, version=1) not found",
    });
  });
});

describe("a stage", () => {
  test("holds versions until they are archived for another", async () => {
    await make("m", 4);
    await registry.versions.moveToStage(owner, v("m", 1), { stage: "Staging", others: "kept" });
    await registry.versions.moveToStage(owner, v("m", 2), { stage: "staging", others: "kept" });
    room.time.nowMs = 5000;
    const moved = await registry.versions.moveToStage(owner, v("m", 3), {
      stage: "STAGING",
      others: "archived",
    });
    expect(moved).toMatchObject({ stage: "Staging", updatedMs: 5000 });
    expect(room.told.at(-1)).toMatchObject({
      kind: "model-version.staged",
      body: { version: 3, from: "None", to: "Staging", archived: 2 },
    });
    const { items } = await registry.versions.list(owner, at("m"), { pageSize: 10 });
    expect(items.map((version) => version.stage)).toEqual(["None", "Staging", "Archived", "Archived"]);
    const latest = async (...stages: string[]) =>
      (await registry.latestVersions(owner, at("m"), stages)).map((version) => version.version);
    expect(await latest()).toEqual([4, 3, 2]);
    expect(await latest("archived", "Archived")).toEqual([2]);
    expect(await latest("Production")).toEqual([]);
    expect((await registry.get(owner, at("m"))).latestVersions.map((version) => version.version)).toEqual([
      4, 3, 2,
    ]);
  });

  test("is one of four, and only those in use make room", async () => {
    await make("m", 1);
    const move = (stage: string, others: "kept" | "archived" = "kept") =>
      registry.versions.moveToStage(owner, v("m", 1), { stage, others });
    await expect(move("Foo")).rejects.toMatchObject({
      code: "invalid",
      message: "Invalid Model Version stage: Foo. Value must be one of None, Staging, Production, Archived.",
    });
    await expect(move("None", "archived")).rejects.toMatchObject({
      code: "invalid",
      message:
        "Model version transition cannot archive existing model versions because 'None' is not an Active stage. " +
        "Valid stages are ['Staging', 'Production']",
    });
    await expect(registry.latestVersions(owner, at("m"), ["Foo"])).rejects.toMatchObject({ code: "invalid" });
  });
});

describe("a prompt", () => {
  test("shares the models' names and says so", async () => {
    await make("greet", 0, { [PROMPT]: "true" });
    await make("m");
    await expect(make("greet")).rejects.toThrow(
      "Tried to create a registered model with name 'greet', but the name is already taken by a prompt.",
    );
    await expect(make("m", 0, { [PROMPT]: "true" })).rejects.toThrow(
      "Tried to create a prompt with name 'm', but the name is already taken by a registered model.",
    );
    await expect(make("greet", 0, { [PROMPT]: "true" })).rejects.toThrow(
      "Prompt (name=greet) already exists.",
    );
  });

  test("has any word as its source but no local path", async () => {
    await make("greet", 0, { [PROMPT]: "true" });
    const tags = { [PROMPT]: "true", text: "Hi {{name}}" };
    const made = await registry.versions.create(owner, at("greet"), { source: "prompt-template", tags });
    expect(made).toMatchObject({ version: 1, tags });
    await expect(
      registry.versions.create(owner, at("greet"), { source: "/etc/passwd", tags }),
    ).rejects.toThrow("Local source paths are not allowed for prompts.");
  });
});

describe("who may do what", () => {
  test("a grant on one model shows that one and hides that there are others, also after a rename", async () => {
    for (const name of ["a", "b", "c"]) await make(name, 1);
    const guest = actorNamed("guest");
    room.rights.guest = {
      permissions: ["model:read"],
      visible: { all: false, ids: [await idOf("b")] },
    };
    await registry.update(owner, at("b"), { name: "b2" });
    const models = await registry.search(guest, PROJECT, { pageSize: 1 });
    expect(models.items.map((model) => model.name)).toEqual(["b2"]);
    expect(models.nextToken).toBeUndefined();
    const versions = await registry.versions.search(guest, PROJECT, { pageSize: 10 });
    expect(versions.items.map((version) => version.name)).toEqual(["b2"]);
    expect(await registry.get(guest, at("b2"))).toMatchObject({ name: "b2" });
    await expect(registry.get(guest, at("a"))).rejects.toMatchObject({
      code: "not_found",
      message: "Registered Model with name=a not found",
    });
    await expect(registry.versions.get(guest, v("a", 1))).rejects.toMatchObject({
      message: "Model Version (name=a, version=1) not found",
    });
    await expect(
      registry.versions.create(owner, at("b2"), { source: "models:/nope/1" }),
    ).rejects.toMatchObject({ message: "Model Version (name=nope, version=1) not found" });
    await expect(registry.create(guest, PROJECT, { name: "z" })).rejects.toMatchObject({ code: "not_found" });
    expect(await registry.search(actorNamed("stranger"), PROJECT, { pageSize: 10 })).toEqual({ items: [] });
  });

  test("writing is not promoting, and neither is deleting", async () => {
    await make("m", 1);
    const editor = actorNamed("editor");
    room.rights.editor = { permissions: ["model:read", "model:write"], visible: { all: true } };
    await registry.versions.create(editor, at("m"), { source: "s3://b/x" });
    await registry.update(editor, at("m"), { tags: { k: "v" } });
    const refused = { code: "forbidden" };
    const alias = { ...at("m"), alias: "best" };
    await expect(registry.setAlias(editor, alias, 1)).rejects.toMatchObject(refused);
    await expect(registry.deleteAlias(editor, alias)).rejects.toMatchObject(refused);
    const move = { stage: "Production", others: "kept" } as const;
    await expect(registry.versions.moveToStage(editor, v("m", 1), move)).rejects.toMatchObject(refused);
    await expect(registry.versions.delete(editor, v("m", 1))).rejects.toMatchObject(refused);
    await expect(registry.delete(editor, at("m"))).rejects.toMatchObject(refused);
    expect(await registry.get(owner, at("m"))).toMatchObject({ versions: 2, aliases: {} });
  });
});
