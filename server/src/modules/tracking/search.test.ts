import { afterAll, beforeAll, expect, test } from "vitest";
import type { Search } from "./door.ts";
import { ada, eve, type OpenTracking, openTracking, point } from "./testing.ts";

let at: OpenTracking;
let names: Map<string, string>;

/** Five runs, a to e, started in that order; see each test for what tells them apart. */
beforeAll(async () => {
  at = await openTracking();
  const other = await at.experiments.create(ada, "p1", { name: "other", tags: [] });
  names = new Map();
  const given = [
    { name: "a", metrics: [point("loss", 1)], params: { lr: "0.1", model: "Tree" }, tags: { team: "red" } },
    { name: "b", metrics: [point("loss", 3)], params: { lr: "0.2" }, tags: { "a b": "x" } },
    { name: "c", metrics: [point("loss", Number.NaN)], params: { lr: "0.1" }, tags: { team: "blue_1" } },
    { name: "d", metrics: [point("loss", 2)], params: { model: "tree" }, tags: {} },
    { name: "e", metrics: [], params: {}, tags: { team: "100%" }, experimentId: other.id },
  ];
  for (const [i, { name, metrics, params, tags, experimentId }] of given.entries()) {
    const pairs = (record: object) =>
      Object.entries(record).map(([key, value]) => ({ key, value: String(value) }));
    const run = await at.newRun({
      name,
      startedMs: 1000 + i,
      experimentId: experimentId ?? "0",
      tags: pairs(tags),
    });
    names.set(run.id, name);
    await at.log(run.id, { metrics, params: pairs(params) });
    if (name === "a") await at.runs.update(ada, "p1", run.id, { status: "FINISHED", endedMs: 1500 });
    if (name === "b") await at.runs.update(ada, "p1", run.id, { status: "FAILED", endedMs: 1100 });
    const dataset = { name: `set-${name}`, digest: "1", sourceType: "local", source: "/" };
    if (name === "a" || name === "d") {
      const context = [{ key: "client.context", value: name === "a" ? "train" : "eval" }];
      await at.runs.logInputs(ada, "p1", run.id, { datasets: [{ dataset, tags: context }], modelIds: [] });
    }
  }
});
afterAll(() => at.db.close());

type Asked = Partial<Search> & { experimentIds?: string[]; sort?: string };
async function found(asked: Asked): Promise<string> {
  const { items } = await at.runs.search(ada, "p1", { pageSize: 10, orderBy: ["start_time ASC"], ...asked });
  return items.map(({ id }) => names.get(id)).join("");
}
const idOf = (name: string) => [...names].find(([, known]) => known === name)?.[0] ?? "";

test.each([
  ["", "abcde"],
  ["metrics.loss > 1", "bd"],
  ["metric.loss >= 1 and metrics.loss < 3", "ad"],
  ["metrics.loss = 0", ""],
  ["metrics.loss != 1", "bcd"],
  ["metrics.`loss` <= 1e0", "a"],
  ["params.lr = '0.1'", "ac"],
  ["param.lr != '0.1'", "b"],
  ['parameters."lr" = "0.2"', "b"],
  ["params.model LIKE 'T%'", "a"],
  ["params.model ilike 't%'", "ad"],
  ["params.lr IS NULL", "de"],
  ["parameter.lr is not null", "abc"],
  ["tags.team = 'red'", "a"],
  ["tag.team != 'red'", "ce"],
  ["tags.`a b` = 'x'", "b"],
  ["tags.team LIKE 'blue_1'", "c"],
  ["tags.team LIKE '100\\%'", ""],
  ["tags.team LIKE '1%'", "e"],
  ["tags.team IS NULL AND params.lr IS NOT NULL", "b"],
  ["attributes.status = 'FINISHED'", "a"],
  ["status != 'RUNNING'", "ab"],
  ["attribute.run_name LIKE '%'", "abcde"],
  ["run.run_name = 'c'", "c"],
  ["attr.`Run Name` = 'd'", "d"],
  ["user_id = 'Ada' and start_time > 1001", "cde"],
  ["attributes.created <= 1001", "ab"],
  ["end_time < 1200", "b"],
  ["end_time > 0", "ab"],
  ["attributes.artifact_uri LIKE 'any-scheme:/1/%'", "e"],
  ["datasets.name = 'set-a'", "a"],
  ["dataset.context = 'eval'", "d"],
  ["datasets.name IN ('set-a', 'set-d') and datasets.digest = '1'", "ad"],
  ["datasets.name NOT IN ('set-a')", "d"],
])("the filter %s finds %s", async (filter, expected) => {
  expect(await found({ filter })).toBe(expected);
});

test("runs are found by their ids, and by not having them", async () => {
  expect(await found({ filter: `run_id IN ('${idOf("b")}', '${idOf("e")}')` })).toBe("be");
  expect(await found({ filter: `attributes.run_id NOT IN ('${idOf("b")}')` })).toBe("acde");
  expect(await found({ filter: `run_id = '${idOf("c")}'` })).toBe("c");
});

test.each([
  "metrics.loss > '1'",
  "metrics.loss LIKE 'x'",
  "metrics.loss IS NULL",
  "params.lr = 1",
  "params.lr > '1'",
  "tags.team IN ('a')",
  "attributes.nope = 'x'",
  "attributes.constructor = 'x'",
  "start_time = 'x'",
  "status > 'x'",
  "status IN ('x')",
  "run_id LIKE 5",
  "datasets.nope = 'x'",
  "datasets.name > 'x'",
  "colour.x = 'y'",
  "toString.x = 'y'",
  "status = 'x' OR status = 'y'",
  "(status = 'x')",
  "status =",
  "status",
  "'x' = 'x'",
])("the filter %s is refused", async (filter) => {
  await expect(found({ filter })).rejects.toMatchObject({ code: "invalid" });
});

test.each<[Asked, string]>([
  [{ orderBy: [] }, "edcba"],
  [{ orderBy: ["metrics.loss ASC"] }, "adbce"],
  [{ orderBy: ["metrics.loss DESC"] }, "bdace"],
  [{ orderBy: ["metrics.loss DESC"], experimentIds: ["0"] }, "bdac"],
  [{ orderBy: ["metrics.nope DESC"], experimentIds: ["0"] }, "dcba"],
  [{ orderBy: ["params.lr ASC"] }, "cabed"],
  [{ orderBy: ["params.lr DESC", "start_time ASC"] }, "bacde"],
  [{ orderBy: ["params.lr", "metrics.loss"] }, "acbde"],
  [{ orderBy: ["tags.team DESC"] }, "acedb"],
  [{ orderBy: ["attributes.run_name DESC"] }, "edcba"],
  [{ orderBy: ["end_time ASC"] }, "baedc"],
  [{ orderBy: ["end_time DESC"] }, "abedc"],
  [{ orderBy: ["start_time ASC", "start_time DESC"] }, "abcde"],
  [{ orderBy: ["status", "run_id"], filter: "status != 'RUNNING'" }, "ba"],
  [{ orderBy: [], sort: "-metrics.loss" }, "bdace"],
  [{ orderBy: [], sort: "took" }, "baedc"],
  [{ orderBy: [], sort: "-took" }, "abedc"],
  [{ orderBy: [], sort: "name" }, "abcde"],
  [{ orderBy: [], sort: "params.model" }, "adecb"],
])("in the order %j come %s", async (asked, expected) => {
  expect(await found(asked)).toBe(expected);
});

test("what nothing is ordered by is refused", async () => {
  for (const asked of [
    { orderBy: ["metrics.loss UP"] },
    { orderBy: ["datasets.name"] },
    { sort: "nope" },
    { sort: "x.y" },
  ]) {
    await expect(found(asked)).rejects.toMatchObject({ code: "invalid" });
  }
});

test.each<Asked>([
  {},
  { orderBy: ["metrics.loss DESC"] },
  { orderBy: ["metrics.loss ASC"], experimentIds: ["0"] },
  { orderBy: ["metrics.loss DESC"], experimentIds: ["0"], filter: "params.lr IS NOT NULL" },
  { orderBy: ["params.lr DESC", "metrics.loss"] },
  { orderBy: ["tags.team", "end_time DESC"] },
  { sort: "-took" },
])("pages of one, of two and of three are the whole: %j", async (asked) => {
  const whole = await found({ orderBy: [], ...asked });
  for (const pageSize of [1, 2, 3]) {
    let pages = "";
    let pageToken: string | undefined;
    do {
      const page = await at.runs.search(ada, "p1", { ...asked, pageSize, pageToken });
      pages += page.items.map(({ id }) => names.get(id)).join("");
      pageToken = page.nextToken;
    } while (pageToken !== undefined);
    expect(pages).toBe(whole);
  }
});

test("a page token of another question, or of nobody's, is refused", async () => {
  const { nextToken } = await at.runs.search(ada, "p1", { pageSize: 1 });
  for (const asked of [
    { filter: "status = 'RUNNING'" },
    { orderBy: ["start_time ASC"] },
    { view: "all" as const },
    { experimentIds: ["0"] },
    { sort: "name" },
  ]) {
    const search = at.runs.search(ada, "p1", { ...asked, pageSize: 1, pageToken: nextToken });
    await expect(search).rejects.toMatchObject({ code: "invalid" });
  }
  const forged = JSON.parse(Buffer.from(nextToken ?? "", "base64url").toString()) as unknown[];
  for (const position of [
    ["x", "y"],
    [1.5, "y"],
    [1, 2],
    [1, null],
  ]) {
    const pageToken = Buffer.from(JSON.stringify([forged[0], ...position])).toString("base64url");
    await expect(at.runs.search(ada, "p1", { pageSize: 1, pageToken })).rejects.toMatchObject({
      code: "invalid",
    });
  }
  for (const pageToken of ["x", "WzFd", "e30", "!!!"]) {
    await expect(at.runs.search(ada, "p1", { pageSize: 1, pageToken })).rejects.toMatchObject({
      code: "invalid",
      message: "Invalid page token, could not base64-decode",
    });
  }
});

test("experiments that are chosen, unknown, or not one's to see", async () => {
  expect(await found({ experimentIds: ["1"] })).toBe("e");
  expect(await found({ experimentIds: ["0", "1"] })).toBe("abcde");
  expect(await found({ experimentIds: ["77"] })).toBe("");
  at.eveSees.ids = ["1"];
  const seen = await at.runs.search(eve, "p1", { pageSize: 10 });
  expect(seen.items.map(({ id }) => names.get(id))).toEqual(["e"]);
  expect((await at.runs.search(eve, "p1", { pageSize: 10, experimentIds: ["0"] })).items).toEqual([]);
  expect(await at.runs.counts(eve, "p1")).toMatchObject({ byStatus: { RUNNING: 1 } });
});

test("counts tell active runs by status, and the newest", async () => {
  expect(await at.runs.counts(ada, "p1")).toEqual({
    byStatus: { RUNNING: 3, FINISHED: 1, FAILED: 1 },
    lastDay: 0,
    newestMs: 1004,
  });
  expect(await at.runs.counts(ada, "empty")).toEqual({ byStatus: {}, lastDay: 0 });
});

test("runs that begin between two pages neither repeat nor hide another", async () => {
  const experimentId = (await at.experiments.create(ada, "p1", { name: "paging", tags: [] })).id;
  const old: string[] = [];
  for (let i = 0; i < 6; i += 1) old.unshift((await at.newRun({ experimentId, startedMs: 10 + i })).id);
  const first = await at.runs.search(ada, "p1", { experimentIds: [experimentId], pageSize: 3 });
  await at.newRun({ experimentId, startedMs: 99 });
  await at.runs.delete(ada, "p1", old[1] ?? "");
  const asked = { experimentIds: [experimentId], pageSize: 3, pageToken: first.nextToken };
  const second = await at.runs.search(ada, "p1", asked);
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(old);
});

test("NaN differs from every number and is neither greater nor less", async () => {
  const ids: string[] = [];
  for (const value of [0.5, Number.NaN, 1]) {
    const { id } = await at.newRun();
    await at.log(id, { metrics: [point("acc", value)] });
    ids.push(id);
  }
  const found = async (filter: string) => {
    const { items } = await at.runs.search(ada, "p1", { filter, pageSize: 10 });
    return items.map(({ id }) => ids.indexOf(id)).sort();
  };
  for (const operator of ["<", "<=", "=", ">=", ">"]) {
    expect(await found(`metrics.acc ${operator} 0`), operator).not.toContain(1);
  }
  expect(await found("metrics.acc < 0.9")).toEqual([0]);
  expect(await found("metrics.acc != 0.5")).toEqual([1, 2]);
});

test("an experiment's id that is no number is refused, and one that nobody has has no runs", async () => {
  const search = (experimentIds: string[]) => at.runs.search(ada, "p1", { experimentIds, pageSize: 10 });
  await expect(search(["0", "abc"])).rejects.toMatchObject({
    ...{ code: "invalid", message: "Invalid experiment ID 'abc'. Experiment ID must be a valid integer." },
  });
  expect(await search(["9".repeat(30)])).toEqual({ items: [] });
});
