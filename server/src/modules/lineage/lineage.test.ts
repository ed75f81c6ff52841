import type { LineageRelation, LineageThing } from "@atrium/contract/lineage";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "#lib/errors";
import type { AccessControl, Actor } from "#modules/identity";
import type { Database } from "#ports/database";
import { openTestDatabase } from "../../testing/database.ts";
import type { Lineage, NewEdge } from "./door.ts";
import { createLineage } from "./lineage.ts";

const ada: Actor = {
  kind: "user",
  id: "ada",
  name: "Ada",
  via: { kind: "session", id: "s" },
  request: { id: "r", ip: "", userAgent: "" },
};

/** Everyone may read in p1, nobody elsewhere. */
const access: AccessControl = {
  can: async () => true,
  require: async (_actor, _permission, place) => {
    if (!("projectId" in place) || place.projectId !== "p1") throw new AppError("not_found", "Nothing here.");
  },
  visible: async () => ({ all: true }),
  visibleProjects: async () => ["p1"],
};

let db: Database;
let lineage: Lineage;
let nowMs: number;

beforeEach(async () => {
  db = await openTestDatabase();
  nowMs = 0;
  lineage = createLineage({ db, clock: { now: () => nowMs }, access });
});

afterEach(() => db.close());

/** `run 1` is a run with id 1; `model 1 v2` has a version. */
function thing(text: string): LineageThing {
  const [type = "", id = "", version] = text.split(" ");
  return version === undefined ? { type, id } : { type, id, version };
}

async function link(from: string, relation: LineageRelation, to: string): Promise<void> {
  await linkIn("p1", { from: thing(from), relation, to: thing(to) });
}

async function linkIn(projectId: string, between: Omit<NewEdge, "projectId">): Promise<void> {
  nowMs += 1;
  const edge = { projectId, ...between };
  await db.transaction((tx) => lineage.link(tx, edge));
}

async function flights(): Promise<void> {
  await link("run 1", "consumed", "dataset flights");
  await link("run 1", "produced", "model m v1");
  await link("run 2", "consumed", "dataset flights");
  await link("run 2", "produced", "model m v2");
  await link("model m v2", "deployed", "endpoint live");
}

async function walk(from: string, direction: "up" | "down" | "both", depthMax = 5) {
  const { edges, more } = await lineage.walk(ada, {
    projectId: "p1",
    from: thing(from),
    direction,
    depthMax,
  });
  return { edges: edges.map((e) => `${e.from.id} ${e.relation} ${e.to.id}`).sort(), more };
}

test("up is where a thing came from, and only that", async () => {
  await flights();
  expect(await walk("endpoint live", "up")).toEqual({
    edges: ["2 consumed flights", "2 produced m", "m deployed live"],
    more: false,
  });
});

test("down is what came of a thing, over all its runs", async () => {
  await flights();
  const { edges } = await walk("dataset flights", "down");
  expect(edges).toHaveLength(5);
});

test("a walk that is cut by its depth says that there is more", async () => {
  await flights();
  expect(await walk("endpoint live", "up", 1)).toEqual({ edges: ["m deployed live"], more: true });
  expect((await walk("endpoint live", "up", 3)).more).toBe(false);
});

test("the same edge twice is one, and a circle ends", async () => {
  await link("model a", "derived", "model b");
  await link("model a", "derived", "model b");
  await link("model b", "derived", "model a");
  expect(await walk("model a", "both")).toEqual({ edges: ["a derived b", "b derived a"], more: false });
});

test("the ribbon follows what was newest, from origin to last use", async () => {
  await flights();
  const path = await lineage.ribbon(ada, "p1", thing("dataset flights"));
  expect(path.map((step) => step.id)).toEqual(["flights", "2", "m", "live"]);
  expect(path.filter((step) => step.self).map((step) => step.id)).toEqual(["flights"]);
});

test("the ribbon comes from data rather than from the steps and jobs that worked on it", async () => {
  await link("run 1", "consumed", "training-set late v1");
  await link("training-set late v1", "derived", "dataset flights v1");
  await link("job 9", "produced", "run 1");
  await link("job 9", "produced", "training-set late v1");
  await link("run 1", "produced", "model m v1");
  const path = await lineage.ribbon(ada, "p1", thing("model m v1"));
  expect(path.map((step) => step.id)).toEqual(["flights", "late", "1", "m"]);
});

test("a thing that is gone leaves no edge", async () => {
  await flights();
  await db.transaction((tx) => lineage.unlink(tx, "p1", thing("model m v2")));
  expect((await walk("endpoint live", "both")).edges).toEqual([]);
});

test("another project's edges are neither reachable nor readable", async () => {
  await flights();
  await linkIn("p2", { from: thing("run 1"), relation: "produced", to: thing("model secret") });
  expect((await walk("run 1", "down")).edges).toEqual(["1 produced m"]);
  const other = lineage.walk(ada, { projectId: "p2", from: thing("run 1"), direction: "down", depthMax: 1 });
  await expect(other).rejects.toMatchObject({ code: "not_found" });
});

test("a renamed thing keeps its edges, and one whose name begins alike keeps its own", async () => {
  await link("run 1", "produced", "model old v1");
  await link("model old v2", "derived", "model old v1");
  await link("run 2", "produced", "model old2 v1");
  await link("model old", "deployed", "endpoint live");
  await db.transaction((tx) => lineage.rename(tx, "p1", { type: "model", id: "old", newId: 'n"é' }));
  const { edges } = await lineage.walk(ada, {
    projectId: "p1",
    from: { type: "model", id: 'n"é', version: "v1" },
    direction: "both",
    depthMax: 3,
  });
  expect(edges.map((edge) => [edge.from, edge.to])).toEqual([
    [
      { type: "run", id: "1" },
      { type: "model", id: 'n"é', version: "v1" },
    ],
    [
      { type: "model", id: 'n"é', version: "v2" },
      { type: "model", id: 'n"é', version: "v1" },
    ],
  ]);
  expect(await walk("run 2", "down")).toEqual({ edges: ["2 produced old2"], more: false });
  expect(await walk("endpoint live", "up")).toEqual({ edges: ['n"é deployed live'], more: false });
});

test("unlinked by name, a thing goes with all its versions", async () => {
  await flights();
  await link("run 3", "produced", "model m2 v1");
  await db.transaction((tx) => lineage.unlink(tx, "p1", thing("model m")));
  expect(await walk("run 2", "both")).toEqual({ edges: ["2 consumed flights"], more: false });
  expect(await walk("run 3", "down")).toEqual({ edges: ["3 produced m2"], more: false });
});
