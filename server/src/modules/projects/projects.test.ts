import { afterEach, beforeEach, expect, test } from "vitest";
import { AppError } from "#lib/errors";
import type { AccessControl, Actor, Place } from "#modules/identity";
import type { Database, Tx } from "#ports/database";
import type { DomainEvent, Events } from "#ports/events";
import { openTestDatabase } from "../../testing/database.ts";
import type { Projects } from "./door.ts";
import { createProjects } from "./projects.ts";
import { saveProject } from "./queries.ts";

const request = { id: "r1", ip: "192.0.2.1", userAgent: "test" };
const ada: Actor = { kind: "user", id: "ada", name: "Ada", via: { kind: "session", id: "s" }, request };
const eve: Actor = { ...ada, id: "eve", name: "Eve" };

const keeper = {
  keyId: "test",
  wrap: async (key: Buffer, purpose: string) => JSON.stringify([purpose, key.toString("hex")]),
  unwrap: async (wrapped: string, purpose: string) => {
    const [wanted, hex] = JSON.parse(wrapped) as [string, string];
    if (wanted !== purpose) throw new AppError("unavailable", "Another purpose.");
    return Buffer.from(hex, "hex");
  },
};

let db: Database;
let projects: Projects;
let told: DomainEvent[];
let recorded: string[];
let askedFor: Place[];

/** Ada may do everything; Eve sees nothing. */
const access: AccessControl = {
  can: async (actor) => actor.id === "ada",
  require: async (actor, _permission, place) => {
    askedFor.push(place);
    if (actor.id !== "ada") throw new AppError("not_found", "There is nothing here.");
  },
  visible: async () => ({ all: true }),
  visibleProjects: async (actor) => (actor.id === "ada" ? (await projects.all()).map((ref) => ref.id) : []),
};

beforeEach(async () => {
  db = await openTestDatabase();
  told = [];
  recorded = [];
  askedFor = [];
  const events: Events = {
    announce: async (_tx: Tx, event) => {
      told.push(event);
    },
    subscribe: () => {},
    follow: async () => () => {},
    start: () => {},
    stop: async () => {},
  };
  const audit = {
    record: async (_tx: Tx, _actor: unknown, entry: { action: string }) => {
      recorded.push(entry.action);
    },
    recordAccess: async () => {},
  };
  projects = createProjects({ db, clock: { now: () => 1000 }, access, audit, events, secrets: keeper });
  await projects.start();
});

afterEach(() => db.close());

test("the first start makes a default project, the second makes nothing", async () => {
  await projects.start();
  expect((await projects.all()).map((ref) => ref.slug)).toEqual(["default"]);
  expect(recorded).toEqual(["project.created"]);
  expect((await projects.keys.keyOf((await projects.get(ada, "default")).id)).length).toBe(32);
});

test("a project is found by slug and by id as soon as it is made", async () => {
  expect(await projects.resolve("fraud")).toBeUndefined();
  const made = await projects.create(ada, { slug: "fraud" });
  expect(await projects.resolve("fraud")).toEqual(await projects.resolve(made.id));
  expect(await projects.get(ada, made.id)).toEqual(made);
  expect(told.at(-1)).toMatchObject({ kind: "project.created", body: { slug: "fraud" } });
});

test("a slug is taken once", async () => {
  await expect(projects.create(ada, { slug: "default" })).rejects.toMatchObject({
    code: "conflict",
    at: "slug",
  });
});

test("who may see nothing is told that nothing is there", async () => {
  await expect(projects.get(eve, "default")).rejects.toMatchObject({ code: "not_found" });
  await expect(projects.create(eve, { slug: "x" })).rejects.toMatchObject({ code: "not_found" });
  await expect(projects.purge(eve, "default", "default")).rejects.toMatchObject({ code: "not_found" });
  expect(await projects.list(eve, { state: "active", pageSize: 10 })).toEqual({ items: [] });
  expect(await projects.listOrganisations(eve)).toEqual([]);
});

test("lists come in pages by slug", async () => {
  for (const slug of ["c", "a", "b"]) await projects.create(ada, { slug });
  const first = await projects.list(ada, { state: "active", pageSize: 3 });
  const second = await projects.list(ada, { state: "active", pageSize: 3, pageToken: first.nextToken });
  expect([...first.items, ...second.items].map((p) => p.slug)).toEqual(["a", "b", "c", "default"]);
  expect(second.nextToken).toBeUndefined();
});

test("a deleted project comes back, unchanged while it was away", async () => {
  await projects.create(ada, { slug: "fraud", description: "old" });
  await projects.setState(ada, "fraud", "deleted");
  await expect(projects.update(ada, "fraud", { description: "new" })).rejects.toMatchObject({
    code: "conflict",
  });
  const restored = await projects.setState(ada, "fraud", "active");
  expect(restored).toMatchObject({ state: "active", description: "old" });
  expect(restored.deletedMs).toBeUndefined();
});

test("a purge asks for deletion and the slug, and takes the key with it", async () => {
  const { id } = await projects.create(ada, { slug: "fraud" });
  await projects.setSecret(ada, id, "TOKEN", "hush");
  await expect(projects.purge(ada, "fraud", "fraud")).rejects.toMatchObject({ code: "conflict" });
  await projects.setState(ada, "fraud", "deleted");
  await expect(projects.purge(ada, "fraud", "other")).rejects.toMatchObject({ code: "invalid" });
  await projects.purge(ada, "fraud", "fraud");
  await expect(projects.keys.keyOf(id)).rejects.toMatchObject({ code: "not_found" });
  expect(await projects.resolve("fraud")).toBeUndefined();
});

test("a quota holds to the last unit, gives back, and undoes with its transaction", async () => {
  const { id } = await projects.get(ada, "default");
  await projects.setQuota(ada, id, "runs", 10);
  const use = (adding: number) => db.transaction((tx) => projects.checkQuota(tx, id, "runs", adding));
  await use(10);
  await expect(use(1)).rejects.toMatchObject({ code: "exhausted", reason: "quota" });
  await use(-4);
  await use(4);
  const undone = db.transaction(async (tx) => {
    await projects.checkQuota(tx, id, "runs", -10);
    throw new Error("no");
  });
  await expect(undone).rejects.toThrow("no");
  expect((await projects.quotas(ada, id)).find((q) => q.resource === "runs")).toEqual({
    resource: "runs",
    used: 10,
    maximum: 10,
  });
});

test("without a limit use is counted all the same", async () => {
  const { id } = await projects.get(ada, "default");
  await db.transaction((tx) => projects.checkQuota(tx, id, "artifactBytes", 5_000_000_000));
  const [first] = await projects.quotas(ada, id);
  expect(first).toEqual({ resource: "artifactBytes", used: 5_000_000_000 });
});

test("a secret is given to jobs, listed by name, sealed at rest, and every reading is recorded", async () => {
  const { id } = await projects.get(ada, "default");
  await projects.setSecret(ada, id, "TOKEN", "hush-hush");
  await projects.setSecret(ada, id, "TOKEN", "hush");
  expect(await projects.listSecrets(ada, id)).toEqual([
    { name: "TOKEN", createdMs: 1000, updatedMs: 1000, updatedBy: "Ada" },
  ]);
  expect(await projects.secretValues(ada, id, ["TOKEN"])).toEqual({ TOKEN: "hush" });
  expect(recorded.slice(-3)).toEqual(["secret.created", "secret.replaced", "secret.read"]);
  await expect(projects.secretValues(ada, id, ["TOKEN", "OTHER"])).rejects.toMatchObject({
    code: "not_found",
  });
  await projects.deleteSecret(ada, id, "TOKEN");
  await expect(projects.deleteSecret(ada, id, "TOKEN")).rejects.toMatchObject({ code: "not_found" });
});

test("what reads like one of our ids is refused as a slug", async () => {
  const { id } = await projects.get(ada, "default");
  const asked = { slug: id, name: "A copy" };
  await expect(projects.create(ada, asked)).rejects.toMatchObject({ code: "invalid", at: "slug" });
  await expect(projects.createOrganisation(ada, asked)).rejects.toMatchObject({
    code: "invalid",
    at: "slug",
  });
  await projects.create(ada, { slug: id.slice(1) });
});

test("a project whose slug is the id of another one is not taken for it where an id is meant", async () => {
  const { id, organisationId } = await projects.get(ada, "default");
  const elsewhere = await projects.createOrganisation(ada, { slug: "elsewhere", name: "Elsewhere" });
  const another = await projects.create(ada, { slug: "another", organisationId: elsewhere.id });
  const misleading = { ...another, slug: id };
  await db.transaction((tx) => saveProject(tx, misleading));
  await projects.update(ada, misleading.id, {});
  expect(await projects.resolve(id)).toMatchObject({ id: misleading.id });
  expect(await projects.byId(id)).toMatchObject({ id, organisationId });
  await projects.setQuota(ada, id, "runs", 5);
  expect(askedFor.at(-1)).toEqual({ kind: "organisation", organisationId });
});
