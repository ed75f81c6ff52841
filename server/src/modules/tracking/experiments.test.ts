import { afterEach, beforeEach, expect, test } from "vitest";
import { ada, eve, type OpenTracking, openTracking, point } from "./testing.ts";
import { createTracking } from "./tracking.ts";

let at: OpenTracking;
beforeEach(async () => {
  at = await openTracking();
});
afterEach(() => at.db.close());

const create = (name: string, tags: { key: string; value: string }[] = []) =>
  at.experiments.create(ada, "p1", { name, tags });

test("every project has the experiment 0 from the first look, however it is looked for", async () => {
  expect(await at.experiments.get(ada, "p1", "0")).toMatchObject({ id: "0", name: "Default" });
  expect((await at.experiments.getByName(ada, "p2", "Default")).id).toBe("0");
  expect((await at.experiments.search(ada, "p3", { pageSize: 10 })).items.map(({ id }) => id)).toEqual(["0"]);
  expect((await at.runs.create(ada, "p4", { experimentId: "0", tags: [] })).experimentId).toBe("0");
});

test("many who look first at once find one and the same", async () => {
  const looks = Array.from({ length: 10 }, () => createTracking(at.deps).experiments.get(ada, "p9", "0"));
  expect(new Set((await Promise.all(looks)).map(({ id }) => id))).toEqual(new Set(["0"]));
});

test("ids count from 1 in each project, also when many are made at once", async () => {
  const made = await Promise.all(Array.from({ length: 12 }, (_, i) => create(`e${i}`)));
  expect(made.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 12 }, (_, i) => i + 1),
  );
  expect((await at.experiments.create(ada, "p2", { name: "e0", tags: [] })).id).toBe("1");
});

test("a name is taken once, by deleted ones too, and at once by one", async () => {
  const { id } = await create("churn");
  await at.experiments.delete(ada, "p1", id);
  await expect(create("churn")).rejects.toMatchObject({
    code: "conflict",
    reason: "already_exists",
    message: "Experiment(name=churn) already exists.",
  });
  const outcomes = await Promise.allSettled([create("x"), create("x"), create("x")]);
  expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBe(1);
});

test("what is not there is told in the words that clients match", async () => {
  await expect(at.experiments.get(ada, "p1", "77")).rejects.toMatchObject({
    code: "not_found",
    message: "No Experiment with id=77 exists",
  });
  await expect(at.experiments.getByName(ada, "p1", "nope")).rejects.toMatchObject({
    code: "not_found",
    message: "Could not find experiment with name 'nope'",
  });
  await expect(at.experiments.get(ada, "p1", "abc")).rejects.toMatchObject({ code: "invalid" });
  const huge = "9".repeat(40);
  await expect(at.experiments.get(ada, "p1", huge)).rejects.toMatchObject({ code: "not_found" });
});

test("a deleted experiment is still shown, takes nothing, and takes its runs with it and back", async () => {
  const { id } = await create("churn");
  const [alone, kept] = [await at.newRun({ experimentId: id }), await at.newRun({ experimentId: id })];
  await at.runs.delete(ada, "p1", alone.id);
  expect(at.quota).toMatchObject({ experiments: 1, runs: 1 });
  await at.experiments.delete(ada, "p1", id);
  expect(at.quota).toMatchObject({ experiments: 0, runs: 0 });
  expect((await at.experiments.get(ada, "p1", id)).lifecycle).toBe("deleted");
  expect((await at.get(kept.id)).lifecycle).toBe("deleted");
  await expect(at.log(kept.id, { metrics: [point("m", 1)] })).rejects.toMatchObject({ reason: "deleted" });
  await expect(at.newRun({ experimentId: id })).rejects.toMatchObject({ code: "invalid", reason: "deleted" });
  await expect(at.experiments.rename(ada, "p1", id, "x")).rejects.toMatchObject({ reason: "deleted" });
  await expect(at.runs.restore(ada, "p1", kept.id)).rejects.toMatchObject({ reason: "deleted" });
  await expect(at.experiments.delete(ada, "p1", id)).rejects.toMatchObject({ code: "not_found" });

  await at.experiments.restore(ada, "p1", id);
  expect(at.quota).toMatchObject({ experiments: 1, runs: 2 });
  expect([(await at.get(alone.id)).lifecycle, (await at.get(kept.id)).lifecycle]).toEqual([
    "active",
    "active",
  ]);
  await at.runs.delete(ada, "p1", alone.id);
  const shown = await at.runs.search(ada, "p1", { experimentIds: [id], pageSize: 10 });
  expect(shown.items.map((run) => run.id)).toEqual([kept.id]);
  const deleted = await at.runs.search(ada, "p1", { experimentIds: [id], pageSize: 10, view: "deleted" });
  expect(deleted.items.map((run) => run.id)).toEqual([alone.id]);
});

test("a rename and tags change it; a tag that is not there cannot be deleted", async () => {
  const { id } = await create("churn", [{ key: "team", value: "red" }]);
  at.time.nowMs += 10;
  const renamed = await at.experiments.rename(ada, "p1", id, "churn 2");
  expect(renamed).toMatchObject({ name: "churn 2", tags: { team: "red" }, updatedMs: at.time.nowMs });
  await at.experiments.setTags(ada, "p1", id, [{ key: "team", value: "blue" }]);
  await expect(at.experiments.deleteTag(ada, "p1", id, "other")).rejects.toMatchObject({
    ...{ code: "not_found", message: `No tag with name: other in experiment with id ${id}` },
  });
  expect((await at.experiments.get(ada, "p1", id)).tags).toEqual({ team: "blue" });
  await at.experiments.deleteTag(ada, "p1", id, "team");
  expect((await at.experiments.get(ada, "p1", id)).tags).toEqual({});
  await expect(at.experiments.rename(ada, "p1", id, "Default")).rejects.toMatchObject({
    reason: "already_exists",
  });
  await expect(
    at.experiments.setTags(ada, "p1", id, [{ key: "t", value: "x".repeat(5001) }]),
  ).rejects.toMatchObject({ code: "invalid" });
});

test("names are bounded, and empty ones are refused", async () => {
  for (const name of ["", "x".repeat(501), "a\0b"])
    await expect(create(name)).rejects.toMatchObject({ code: "invalid" });
});

test("searches filter by name, time and tag, order, and page without a gap", async () => {
  await at.experiments.get(ada, "p1", "0");
  for (const [i, name] of ["alpha", "beta", "Alpine"].entries()) {
    at.time.nowMs += 1;
    await create(name, i === 1 ? [] : [{ key: "team", value: name }]);
  }
  const names = async (filter: string, orderBy: string[] = ["name"]) =>
    (await at.experiments.search(ada, "p1", { filter, orderBy, pageSize: 10 })).items.map(({ name }) => name);
  expect(await names("name LIKE 'alp%'")).toEqual(["alpha"]);
  expect(await names("attribute.name ILIKE 'ALP%'")).toEqual(["Alpine", "alpha"]);
  expect(await names("tags.team != 'alpha'")).toEqual(["Alpine"]);
  expect(await names("tag.team IS NULL")).toEqual(["Default", "beta"]);
  expect(await names(`creation_time > ${at.time.nowMs - 1}`)).toEqual(["Alpine"]);
  expect(await names("", [])).toEqual(["Alpine", "beta", "alpha", "Default"]);
  const first = await at.experiments.search(ada, "p1", { pageSize: 3 });
  const second = await at.experiments.search(ada, "p1", { pageSize: 3, pageToken: first.nextToken });
  expect([...first.items, ...second.items].map(({ name }) => name)).toEqual([
    "Alpine",
    "beta",
    "alpha",
    "Default",
  ]);
  expect(second.nextToken).toBeUndefined();
  await expect(
    at.experiments.search(ada, "p1", { pageSize: 3, pageToken: first.nextToken, view: "all" }),
  ).rejects.toMatchObject({ code: "invalid" });
  await expect(names("tags.a = 1")).rejects.toMatchObject({ code: "invalid" });
  await expect(names("params.a = 'x'")).rejects.toMatchObject({ code: "invalid" });
});

test("who sees some experiments finds only those, also by name", async () => {
  const { id } = await create("open");
  await create("closed");
  at.eveSees.ids = [id];
  expect((await at.experiments.search(eve, "p1", { pageSize: 10 })).items.map(({ name }) => name)).toEqual([
    "open",
  ]);
  expect((await at.experiments.getByName(eve, "p1", "open")).id).toBe(id);
  await expect(at.experiments.getByName(eve, "p1", "closed")).rejects.toMatchObject({
    message: "Could not find experiment with name 'closed'",
  });
  at.eveSees.ids = [];
  expect(await at.experiments.search(eve, "p1", { pageSize: 10 })).toEqual({ items: [] });
});
