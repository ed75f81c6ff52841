import { afterAll, beforeAll, expect, test } from "vitest";
import { actorNamed, openRegistry, PROJECT, PROMPT } from "./testing.ts";

let room: Awaited<ReturnType<typeof openRegistry>>;
const owner = actorNamed("owner");

/** Three models and a prompt; their versions, oldest change first: a/1, b/1, a/2, Ab/1, greet/1. */
beforeAll(async () => {
  room = await openRegistry();
  const { registry, time } = room;
  for (const id of ["r1", "r2"]) room.addRun(id);
  const models = { a: { t: "1", u: "x" }, b: { t: "2" }, Ab: {}, greet: { [PROMPT]: "true" } };
  for (const [name, tags] of Object.entries(models)) {
    await registry.create(owner, PROJECT, { name, tags });
  }
  for (const [name, runId, tags] of [
    ["a", "r1", { stage: "old" }],
    ["b", "r2", { stage: "new" }],
    ["a", "r2", {}],
    ["Ab", undefined, {}],
    ["greet", undefined, { [PROMPT]: "true" }],
  ] as const) {
    time.nowMs += 10;
    const given = { source: `s3://bucket/${name}`, runId, tags: tags as Record<string, string> };
    await registry.versions.create(owner, { projectId: PROJECT, name }, given);
  }
});
afterAll(() => room.db.close());

const models = async (filter: string, orderBy: string[] = []) =>
  (await room.registry.search(owner, PROJECT, { filter, orderBy, pageSize: 100 })).items.map((m) => m.name);
const versions = async (filter: string, orderBy: string[] = []) =>
  (await room.registry.versions.search(owner, PROJECT, { filter, orderBy, pageSize: 100 })).items.map(
    (version) => `${version.name}/${version.version}`,
  );

test.each([
  ["", ["Ab", "a", "b"]],
  ["name = 'a'", ["a"]],
  ["name != 'a'", ["Ab", "b"]],
  ["name LIKE 'A%'", ["Ab"]],
  ["name ILIKE 'A%'", ["Ab", "a"]],
  ["attribute.name IN ('a', 'b', 'z')", ["a", "b"]],
  ["tags.t = '1'", ["a"]],
  ["tags.t != '1'", ["b"]],
  ["tag.t LIKE '%' and tags.u = 'x'", ["a"]],
  ["tags.nope != 'z'", []],
  [`tags.\`${PROMPT}\` = 'true'`, ["greet"]],
  [`tags.\`${PROMPT}\` != 'false'`, ["greet"]],
  [`tags.\`${PROMPT}\` != 'true'`, ["Ab", "a", "b"]],
  [`tags.\`${PROMPT}\` = 'false' AND name = 'a'`, ["a"]],
  ["name = 'greet'", []],
])("models are found by %j", async (filter, found) => {
  expect(await models(filter)).toEqual(found);
});

test.each([
  ["", ["Ab/1", "a/2", "b/1", "a/1"]],
  ["name = 'a'", ["a/2", "a/1"]],
  ["run_id = 'r2'", ["a/2", "b/1"]],
  ["run_id IN ('r1', 'r2') AND name = 'a'", ["a/2", "a/1"]],
  ["run_id != 'r1'", ["Ab/1", "a/2", "b/1"]],
  ["source_path LIKE 's3://bucket/A%'", ["Ab/1"]],
  ["version_number > 1", ["a/2"]],
  ["version_number = '2'", ["a/2"]],
  ["version_number < 1.5", ["Ab/1", "b/1", "a/1"]],
  ["tags.stage ILIKE 'O_D'", ["a/1"]],
  [`tags.\`${PROMPT}\` = 'true'`, ["greet/1"]],
])("versions are found by %j", async (filter, found) => {
  expect(await versions(filter)).toEqual(found);
});

test.each([
  [["name DESC"], ["b", "a", "Ab"]],
  [["timestamp ASC"], ["b", "a", "Ab"]],
  [
    ["last_updated_timestamp DESC", "name"],
    ["Ab", "a", "b"],
  ],
  [["attribute.name"], ["Ab", "a", "b"]],
])("models come in the order %j", async (orderBy, expected) => {
  expect(await models("", orderBy)).toEqual(expected);
});

test.each([
  [["name"], ["Ab/1", "a/2", "a/1", "b/1"]],
  [
    ["name DESC", "version_number ASC"],
    ["b/1", "a/1", "a/2", "Ab/1"],
  ],
  [["version_number ASC"], ["Ab/1", "a/1", "b/1", "a/2"]],
  [["creation_timestamp"], ["a/1", "b/1", "a/2", "Ab/1"]],
])("versions come in the order %j", async (orderBy, expected) => {
  expect(await versions("", orderBy)).toEqual(expected);
});

test.each([
  ["foo = 'x'", [], "Invalid attribute key 'foo' specified. Valid keys are '{'name'}'"],
  ["name > 'x'", [], "Invalid comparator '>' not one of '=, !=, LIKE, ILIKE, IN'"],
  ["name = 5", [], "Expected a quoted string value for attributes (e.g. 'my-value'). Got value 5"],
  ["tags.t IS NULL", [], "Invalid comparator 'IS NULL' not one of '=, !=, LIKE, ILIKE'"],
  ["metrics.x = 1", [], "Invalid entity type 'metrics'. Valid entity types are ('attribute', 'tag', 'tags')"],
  ["", ["foo"], "Invalid order by key 'foo' specified. Valid keys are '{'name', 'timestamp'}'"],
  ["", ["toString"], "Invalid order by key 'toString' specified. Valid keys are '{'name', 'timestamp'}'"],
  ["", ["name", "name DESC"], "`order_by` contains duplicate fields: [name, name DESC]"],
  ["", ["timestamp", "last_updated_timestamp"], /duplicate fields/],
  ["", ["tags.x"], "Invalid order_by entity: tags"],
])("a question about models is refused: %j %j", async (filter, orderBy, message) => {
  await expect(models(filter, orderBy)).rejects.toThrow(message);
});

test.each([
  ["version_number LIKE '1'", [], /^Invalid comparator 'LIKE'/],
  [
    "version_number > 'x'",
    [],
    "Expected numeric value type for numeric attribute: version_number. Found 'x'",
  ],
  ["current_stage = 'Production'", [], /^Invalid attribute key 'current_stage' specified/],
  ["", ["run_id"], /^Invalid attribute key 'run_id' specified/],
])("a question about versions is refused: %j %j", async (filter, orderBy, message) => {
  await expect(versions(filter, orderBy)).rejects.toThrow(message);
});

test("pages of every order have each row once, and a token holds for its own question", async () => {
  const search = room.registry.versions.search;
  for (const orderBy of [[], ["name"], ["version_number DESC"], ["creation_timestamp", "name DESC"]]) {
    const all = await versions("", orderBy);
    const paged: string[] = [];
    let pageToken: string | undefined;
    do {
      const page = await search(owner, PROJECT, { orderBy, pageSize: 1, pageToken });
      paged.push(...page.items.map((version) => `${version.name}/${version.version}`));
      pageToken = page.nextToken;
    } while (pageToken !== undefined);
    expect(paged).toEqual(all);
  }
  const { nextToken } = await search(owner, PROJECT, { pageSize: 1 });
  for (const asked of [
    { pageSize: 1, pageToken: nextToken, filter: "name = 'a'" },
    { pageSize: 1, pageToken: nextToken, orderBy: ["name"] },
    { pageSize: 1, pageToken: "zz" },
  ]) {
    await expect(search(owner, PROJECT, asked)).rejects.toMatchObject({ code: "invalid", at: "page_token" });
  }
  const models = await room.registry.search(owner, PROJECT, { pageSize: 2 });
  const rest = await room.registry.search(owner, PROJECT, { pageSize: 2, pageToken: models.nextToken });
  expect([...models.items, ...rest.items].map((model) => model.name)).toEqual(["Ab", "a", "b"]);
  expect(rest.nextToken).toBeUndefined();
});
