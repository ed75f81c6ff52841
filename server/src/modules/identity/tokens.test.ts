import { afterEach, beforeEach, expect, test } from "vitest";
import { type House, instance, openHouse, organisation, project } from "../../testing/identity.ts";
import type { Actor } from "./actor.ts";

let house: House;
let ada: Actor;

beforeEach(async () => {
  house = await openHouse();
  ada = await house.user("ada@example.org", { roleId: "editor", place: organisation("o1") });
});
afterEach(() => house.db.close());

const inAnHour = () => house.clock.nowMs + 3600 * 1000;
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const basic = (name: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}`,
});

test("a token is its owner, as Bearer and as Basic password under any name", async () => {
  const { token, secret } = await house.identity.tokens.create(ada, {
    name: "laptop",
    expiresMs: inAnHour(),
  });
  expect(secret).toMatch(/^atrium_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}$/);
  expect(secret.startsWith(token.prefix)).toBe(true);
  expect(token).toMatchObject({ name: "laptop", owner: { kind: "user", id: ada.id, name: "ada" } });
  const via = { kind: "token", id: token.id };
  expect(await house.as(bearer(secret))).toMatchObject({ id: ada.id, via });
  for (const name of ["", "ada", "someone@example.org"]) {
    expect(await house.as(basic(name, secret))).toMatchObject({ id: ada.id, via });
  }
});

test("a mistyped token is refused without a look at the database", async () => {
  const { secret } = await house.identity.tokens.create(ada, { name: "t", expiresMs: inAnHour() });
  const mistyped = secret.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  house.reads();
  await expect(house.as(bearer(mistyped))).rejects.toMatchObject({ code: "unauthenticated" });
  await expect(house.as(basic("x", mistyped))).rejects.toMatchObject({ code: "unauthenticated" });
  expect(house.reads()).toBe(0);
});

test("broken and foreign headers are refused as such", async () => {
  for (const authorization of [
    "",
    "Bearer",
    "Bearer ",
    "Negotiate abc",
    "Basic !!!",
    `Bearer ${"x".repeat(5000)}`,
  ]) {
    await expect(house.as({ authorization })).rejects.toMatchObject({ code: "unauthenticated" });
  }
});

test("scopes narrow what a token may do and never widen it", async () => {
  const { access, tokens } = house.identity;
  const { secret } = await tokens.create(ada, {
    name: "t",
    scopes: ["run:read", "audit:read"],
    expiresMs: inAnHour(),
  });
  const robot = await house.as(bearer(secret));
  expect(await access.can(robot, "run:read", project("p1"))).toBe(true);
  expect(await access.can(robot, "run:write", project("p1"))).toBe(false);
  expect(await access.can(robot, "audit:read", project("p1"))).toBe(false);
  expect(await access.visibleProjects(robot, "run:write")).toEqual([]);
  expect((await house.identity.people.me(robot, "one")).permissions).toEqual({
    instance: [],
    project: ["run:read"],
    anywhere: ["run:read"],
  });
});

test("a token that is bound to a project reaches nothing else", async () => {
  const { access, tokens } = house.identity;
  const { secret } = await tokens.create(ada, { name: "t", projectId: "p1", expiresMs: inAnHour() });
  const robot = await house.as(bearer(secret));
  expect(robot.boundProjectId).toBe("p1");
  expect(await access.can(robot, "run:write", project("p1"))).toBe(true);
  expect(await access.can(robot, "run:write", project("p2"))).toBe(false);
  expect(await access.can(robot, "run:read", organisation("o1"))).toBe(false);
  expect(await access.visibleProjects(robot, "run:write")).toEqual(["p1"]);
  await expect(access.require(robot, "run:read", project("p2"))).rejects.toMatchObject({ code: "not_found" });
  const unseen = tokens.create(ada, { name: "t", projectId: "p3", expiresMs: inAnHour() });
  await expect(unseen).rejects.toMatchObject({ code: "not_found" });
});

test("a limited token makes none with fewer limits, and does not act on its owner", async () => {
  const { tokens, people, sessions } = house.identity;
  const made = await tokens.create(ada, {
    name: "t",
    scopes: ["run:read"],
    projectId: "p1",
    expiresMs: inAnHour(),
  });
  const robot = await house.as(bearer(made.secret));
  const make = (rest: object) => tokens.create(robot, { name: "u", expiresMs: inAnHour(), ...rest });
  expect((await make({})).token).toMatchObject({ scopes: ["run:read"], projectId: "p1" });
  await expect(make({ scopes: ["run:write"] })).rejects.toMatchObject({ reason: "escalation" });
  await expect(make({ projectId: "p2" })).rejects.toMatchObject({ code: "not_found" });
  await expect(make({ expiresMs: inAnHour() + 1 })).rejects.toMatchObject({ reason: "escalation" });
  await expect(people.updateMe(robot, { displayName: "x" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(people.changePassword(robot, { next: "a long password" })).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(sessions.revoke(robot, ada.via.id)).rejects.toMatchObject({ code: "forbidden" });
  const other = await tokens.create(ada, { name: "v", expiresMs: inAnHour() });
  await expect(tokens.revoke(robot, other.token.id)).rejects.toMatchObject({ code: "forbidden" });
  await tokens.revoke(robot, made.token.id);
  await expect(house.as(bearer(made.secret))).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a token ends when it says, and has to say so", async () => {
  const { tokens } = house.identity;
  const { secret, token } = await tokens.create(ada, { name: "t", expiresMs: inAnHour() });
  await house.as(bearer(secret));
  house.clock.nowMs = token.expiresMs ?? 0;
  await expect(house.as(bearer(secret))).rejects.toMatchObject({ code: "unauthenticated" });
  for (const expiresMs of [house.clock.nowMs, house.clock.nowMs + 20 * 365 * 24 * 3600 * 1000]) {
    const made = tokens.create(ada, { name: "t", expiresMs });
    await expect(made).rejects.toMatchObject({ code: "invalid", at: "body.expiresMs" });
  }
});

test("a revoked token is refused at once here and soon elsewhere", async () => {
  const far = house.another();
  const { secret, token } = await house.identity.tokens.create(ada, { name: "t", expiresMs: inAnHour() });
  const there = () =>
    far.authenticate({ authorization: `Bearer ${secret}`, ip: "192.0.2.1", userAgent: "", requestId: "r" });
  await house.as(bearer(secret));
  expect(await there()).toMatchObject({ id: ada.id });
  await house.identity.tokens.revoke(ada, token.id);
  await expect(house.as(bearer(secret))).rejects.toMatchObject({ code: "unauthenticated" });
  house.clock.nowMs += 3000;
  await expect(there()).rejects.toMatchObject({ code: "unauthenticated" });
  const { items } = await house.identity.tokens.list(ada, { owner: "me", pageSize: 10 });
  expect(items).toMatchObject([{ id: token.id, revokedMs: house.clock.nowMs - 3000 }]);
});

test("others' tokens are seen and revoked only by those who write users", async () => {
  const { tokens } = house.identity;
  const eve = await house.user("eve@example.org", { roleId: "maintainer", place: project("p1") });
  const { token } = await tokens.create(ada, { name: "t", expiresMs: inAnHour() });
  await expect(tokens.revoke(eve, token.id)).rejects.toMatchObject({ code: "not_found" });
  await expect(tokens.list(eve, { owner: "all", pageSize: 10 })).rejects.toMatchObject({ code: "forbidden" });
  await expect(tokens.list(eve, { owner: ada.id, pageSize: 10 })).rejects.toMatchObject({
    code: "not_found",
  });
  const admin = await house.user("admin@example.org", { roleId: "admin", place: instance });
  expect((await tokens.list(admin, { owner: "all", pageSize: 10 })).items.map((one) => one.name)).toEqual([
    "t",
    "Set by the server's operator",
  ]);
  await tokens.revoke(admin, token.id);
});

test("what has ended is cleaned away, what works stays", async () => {
  const { tokens, sessions } = house.identity;
  await tokens.create(ada, { name: "dead", expiresMs: inAnHour() });
  await house.session("ada@example.org");
  await house.identity.ownerLink();
  house.clock.nowMs += 40 * 24 * 3600 * 1000;
  await tokens.create(ada, { name: "alive", expiresMs: inAnHour() });
  const cookie = await house.session("ada@example.org");
  for (const job of house.jobs()) await job.run(new AbortController().signal);
  expect((await tokens.list(ada, { owner: "me", pageSize: 10 })).items.map((one) => one.name)).toEqual([
    "alive",
  ]);
  expect((await sessions.list(await house.as({ cookie }), { pageSize: 10 })).items).toMatchObject([
    { current: true },
  ]);
  const stored = await house.dump();
  expect(stored).not.toContain("dead");
  expect(stored).not.toContain('"kind":"sign-in"');
  expect(await house.owner()).toMatchObject({ name: "Owner" });
});
