import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  ADMIN_TOKEN,
  codeOf,
  type House,
  instance,
  openHouse,
  PASSWORD,
  project,
} from "../../testing/identity.ts";
import { hashSecret } from "./secret.ts";

let house: House;

beforeEach(async () => {
  house = await openHouse();
});
afterEach(() => house.db.close());

test("the first start makes one owner, the second none", async () => {
  await house.another().start({});
  const { items } = await house.identity.people.list(await house.owner(), { pageSize: 10 });
  expect(items.map((user) => user.displayName)).toEqual(["Owner"]);
  expect(house.recorded.map((entry) => entry.action)).toEqual(["user.created", "grant.created", "token.set"]);
});

test("the operator's token is the owner's, and another one replaces it", async () => {
  expect(await house.owner()).toMatchObject({ kind: "user", name: "Owner", via: { kind: "token" } });
  const next = "another-admin-token-of-32-characters";
  await house.another().start({ adminToken: next });
  house.clock.nowMs += 4000;
  await expect(house.owner()).rejects.toMatchObject({ code: "unauthenticated" });
  expect(await house.as({ authorization: `Bearer ${next}` })).toMatchObject({ name: "Owner" });
  await house.another().start({ adminToken: ADMIN_TOKEN });
  house.clock.nowMs += 4000;
  expect(await house.owner()).toMatchObject({ name: "Owner" });
});

test("the operator's token that was revoked does not come back with the next start", async () => {
  const owner = await house.owner();
  await house.identity.tokens.revoke(owner, owner.via.id);
  await house.another().start({ adminToken: ADMIN_TOKEN });
  await expect(house.owner()).rejects.toMatchObject({ code: "unauthenticated" });
});

test("an owner's link signs in once, and a newer one ends it", async () => {
  const first = await house.identity.ownerLink();
  const second = await house.identity.ownerLink();
  const enter = (path: string) => house.identity.signIn.withLink(codeOf(path), house.anonymous());
  await expect(enter(first.path)).rejects.toMatchObject({ code: "not_found" });
  expect(await house.identity.signIn.inspectLink(codeOf(second.path), house.anonymous())).toMatchObject({
    kind: "sign-in",
    displayName: "Owner",
  });
  const { cookie } = await enter(second.path);
  expect(await house.as({ cookie })).toMatchObject({ name: "Owner", via: { kind: "session" } });
  await expect(enter(second.path)).rejects.toMatchObject({ code: "not_found" });
  expect(house.recorded.filter((entry) => entry.action === "session.refused")).toHaveLength(2);
});

test("of two who use a link together one gets in", async () => {
  const { path } = await house.identity.ownerLink();
  const both = await Promise.allSettled(
    [1, 2].map(() => house.identity.signIn.withLink(codeOf(path), house.anonymous())),
  );
  expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("an owner's link expires", async () => {
  const { path, expiresMs } = await house.identity.ownerLink();
  house.clock.nowMs = expiresMs;
  const late = house.identity.signIn.withLink(codeOf(path), house.anonymous());
  await expect(late).rejects.toMatchObject({ code: "not_found" });
});

test("a cookie is out of reach for scripts, and bound to the host where the connection is encrypted", async () => {
  const cookieOf = async (from: House) => {
    const { path } = await from.identity.ownerLink();
    return (await from.identity.signIn.withLink(codeOf(path), from.anonymous())).cookie;
  };
  expect(await cookieOf(house)).toMatch(
    /^atrium_session=[0-9A-Za-z]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1209600$/,
  );
  const encrypted = await openHouse({ connection: "encrypted" });
  const cookie = await cookieOf(encrypted);
  expect(cookie).toMatch(/^__Host-atrium_session=.*; Path=\/; HttpOnly; SameSite=Lax; .*; Secure$/);
  expect(await encrypted.as({ cookie: cookie.split(";", 1)[0] ?? "" })).toMatchObject({ name: "Owner" });
  const renamed = cookie.replace("__Host-", "");
  expect(await encrypted.as({ cookie: renamed })).toMatchObject({ kind: "anonymous" });
  await encrypted.db.close();
});

test("a session ends by rest, by age and by signing out", async () => {
  await house.user("ada@example.org");
  const hour = 3600 * 1000;
  const idle = await house.session("ada@example.org");
  house.clock.nowMs += 24 * hour;
  await expect(house.as({ cookie: idle })).rejects.toMatchObject({ code: "unauthenticated" });

  const old = await house.session("ada@example.org");
  for (let hours = 0; hours < 14 * 24 - 12; hours += 12) {
    house.clock.nowMs += 12 * hour;
    await house.as({ cookie: old });
  }
  house.clock.nowMs += 12 * hour;
  await expect(house.as({ cookie: old })).rejects.toMatchObject({ code: "unauthenticated" });

  const left = await house.session("ada@example.org");
  expect(await house.identity.signIn.out(await house.as({ cookie: left }))).toContain("Max-Age=0");
  await expect(house.as({ cookie: left })).rejects.toMatchObject({ code: "unauthenticated" });
});

test("signing in again ends the session that the browser had", async () => {
  await house.user("ada@example.org");
  const first = await house.session("ada@example.org");
  const from = await house.as({ cookie: first });
  await house.identity.signIn.withPassword({ email: "Ada@Example.org", password: PASSWORD }, from);
  await expect(house.as({ cookie: first })).rejects.toMatchObject({ code: "unauthenticated" });
});

test("a wrong password and an unknown address are told alike, and both are recorded without the address", async () => {
  await house.user("ada@example.org");
  const tried = (email: string) =>
    house.identity.signIn
      .withPassword({ email, password: "not the password" }, house.anonymous())
      .catch((e) => e);
  const [wrong, unknown] = [await tried("ada@example.org"), await tried("bob@example.org")];
  expect(wrong).toMatchObject({ code: "unauthenticated" });
  expect(unknown.message).toBe(wrong.message);
  expect(house.recorded.filter((entry) => entry.action === "session.refused")).toHaveLength(2);
  expect(JSON.stringify([house.recorded, house.told])).not.toContain("example.org");
});

test("a guesser is slowed down at one account, and the account's owner elsewhere is not", async () => {
  await house.user("ada@example.org");
  await house.session("ada@example.org", "198.51.100.7");
  const guess = (ip: string) =>
    house.identity.signIn.withPassword({ email: "ada@example.org", password: "guess" }, house.anonymous(ip));
  for (let i = 0; i < 6; i += 1) {
    await expect(guess("203.0.113.1")).rejects.toMatchObject({ code: "unauthenticated" });
  }
  const slowed = await guess("203.0.113.1").catch((thrown) => thrown);
  expect(slowed).toMatchObject({ code: "exhausted" });
  expect(slowed.retryAfterSeconds).toBeGreaterThan(0);
  expect(house.recorded.at(-1)).toMatchObject({
    action: "session.refused",
    details: { reason: "throttled" },
  });
  expect(await house.session("ada@example.org", "198.51.100.7")).toContain("atrium_session=");
  house.clock.nowMs += slowed.retryAfterSeconds * 1000;
  await expect(guess("203.0.113.1")).rejects.toMatchObject({ code: "unauthenticated" });
});

test("secrets are kept as hashes only", async () => {
  await house.user("ada@example.org");
  const cookie = await house.session("ada@example.org");
  const { path } = await house.identity.ownerLink();
  const { secret } = await house.identity.tokens.create(await house.owner(), {
    name: "t",
    expiresMs: house.clock.nowMs + 1000,
  });
  const everything = await house.dump();
  for (const hidden of [ADMIN_TOKEN, cookie.split("=")[1] ?? "", codeOf(path), secret, PASSWORD]) {
    expect(everything).not.toContain(hidden);
  }
  expect(everything).toContain(hashSecret(secret));
  expect(everything).toContain("$argon2id$v=19$m=19456,t=2,p=1$");
  expect(JSON.stringify([house.recorded, house.told])).not.toMatch(/argon2|example\.org/);
});

test("an e-mail's password works for programs that know only Basic, until it is changed", async () => {
  const ada = await house.user("ada@example.org");
  const authorization = `Basic ${Buffer.from(`ada@example.org:${PASSWORD}`).toString("base64")}`;
  expect(await house.as({ authorization })).toMatchObject({ id: ada.id, via: { kind: "password" } });
  await house.identity.people.changePassword(ada, { current: PASSWORD, next: "another long password" });
  await expect(house.as({ authorization })).rejects.toMatchObject({ code: "unauthenticated" });
});

test("changing the password ends all other sessions and goes on under a fresh cookie", async () => {
  const ada = await house.user("ada@example.org");
  const other = await house.session("ada@example.org");
  const asked = { current: "wrong", next: "another long password" };
  await expect(house.identity.people.changePassword(ada, asked)).rejects.toMatchObject({
    code: "invalid",
    at: "current",
  });
  const { cookie } = await house.identity.people.changePassword(ada, { ...asked, current: PASSWORD });
  await expect(house.as({ cookie: other })).rejects.toMatchObject({ code: "unauthenticated" });
  expect(await house.as({ cookie: cookie ?? "" })).toMatchObject({ id: ada.id });
});

test("a reset link sets a password once and ends the sessions", async () => {
  const ada = await house.user("ada@example.org");
  const old = await house.session("ada@example.org");
  const { path } = await house.identity.people.createResetLink(await house.owner(), ada.id);
  const given = { code: codeOf(path), password: "another long password" };
  const { cookie } = await house.identity.signIn.resetPassword(given, house.anonymous());
  expect(await house.as({ cookie })).toMatchObject({ id: ada.id });
  await expect(house.as({ cookie: old })).rejects.toMatchObject({ code: "unauthenticated" });
  await expect(house.session("ada@example.org")).rejects.toMatchObject({ code: "unauthenticated" });
  await expect(house.identity.signIn.resetPassword(given, house.anonymous())).rejects.toMatchObject({
    code: "not_found",
  });
});

test("an invitation makes a user with what was promised, if the inviter still holds it", async () => {
  const viewer = { roleId: "viewer", place: project("p1") };
  const mia = await house.user("mia@example.org", { roleId: "maintainer", place: project("p1") });
  const { path } = await house.identity.people.invite(mia, { email: "eve@example.org", grants: [viewer] });
  const { items } = await house.identity.grants.list(await house.owner(), {
    pageSize: 10,
    principalId: mia.id,
  });
  await house.identity.grants.revoke(await house.owner(), items[0]?.id ?? "");
  const accept = () =>
    house.identity.signIn.acceptInvitation(
      { code: codeOf(path), displayName: "Eve", password: PASSWORD },
      house.anonymous(),
    );
  await expect(accept()).rejects.toMatchObject({ code: "conflict" });
  await house.identity.grants.create(await house.owner(), {
    principal: { kind: "user", id: mia.id },
    roleId: "maintainer",
    place: project("p1"),
  });
  const eve = await house.as({ cookie: (await accept()).cookie });
  expect(await house.identity.access.can(eve, "run:read", project("p1"))).toBe(true);
  expect(await house.identity.access.can(eve, "run:read", project("p2"))).toBe(false);
  expect(await house.identity.access.can(eve, "user:read", instance)).toBe(false);
});

test("the last use is noted, at most once a minute", async () => {
  const owner = await house.owner();
  const lastUsed = async () =>
    (await house.identity.tokens.list(owner, { owner: "me", pageSize: 5 })).items[0]?.lastUsedMs;
  const first = house.clock.nowMs;
  await vi.waitFor(async () => expect(await lastUsed()).toBe(first));
  house.clock.nowMs += 30_000;
  await house.owner();
  house.clock.nowMs += 31_000;
  await house.owner();
  await vi.waitFor(async () => expect(await lastUsed()).toBe(first + 61_000));
});

test("more sign-ins than can be checked are sent away for a moment, unchecked", async () => {
  const enter = (email: string) =>
    house.identity.signIn.withPassword({ email, password: PASSWORD }, house.anonymous());
  const crowd = await Promise.allSettled(
    Array.from({ length: 12 }, (_, i) => enter(`nobody-${i}@example.org`)),
  );
  const refused = crowd.filter((one) => one.status === "rejected").map((one) => one.reason);
  expect(refused.filter((thrown) => thrown.code === "unauthenticated")).toHaveLength(8);
  const away = refused.filter((thrown) => thrown.code === "exhausted");
  expect(away).toHaveLength(4);
  for (const thrown of away) expect(thrown).toMatchObject({ reason: undefined, retryAfterSeconds: 2 });
});

test("who is unknown costs as much as who is known", async () => {
  await house.user("ada@example.org");
  const cost = async (email: string) => {
    const before = process.cpuUsage();
    await house.identity.signIn
      .withPassword({ email, password: "not it at all" }, house.anonymous())
      .catch(() => undefined);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const known: number[] = [];
  const unknown: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    known.push(await cost("ada@example.org"));
    unknown.push(await cost(`nobody-${i}@example.org`));
  }
  const least = (list: number[]) => Math.min(...list);
  expect(least(unknown) / least(known)).toBeGreaterThan(0.5);
  expect(least(unknown) / least(known)).toBeLessThan(2);
});
