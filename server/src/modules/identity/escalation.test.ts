import { PERMISSIONS } from "@atrium/contract/permissions";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  codeOf,
  type House,
  instance,
  openHouse,
  organisation,
  PASSWORD,
  project,
} from "../../testing/identity.ts";
import type { Actor } from "./actor.ts";

let house: House;
let owner: Actor;

beforeEach(async () => {
  house = await openHouse();
  owner = await house.owner();
});
afterEach(() => house.db.close());

const principal = (actor: { id: string }) => ({ kind: "user", id: actor.id }) as const;

test("nobody gives a role that holds more than they hold there", async () => {
  const mia = await house.user("mia@example.org", { roleId: "maintainer", place: project("p1") });
  const eve = await house.user("eve@example.org", { roleId: "viewer", place: project("p1") });
  const give = (
    by: Actor,
    roleId: string,
    place: Parameters<typeof house.identity.grants.create>[1]["place"],
  ) => house.identity.grants.create(by, { principal: principal(eve), roleId, place });
  expect(await give(mia, "editor", project("p1"))).toMatchObject({ roleId: "editor", createdBy: "mia" });
  await expect(give(mia, "admin", project("p1"))).rejects.toMatchObject({
    code: "forbidden",
    reason: "escalation",
  });
  await expect(give(mia, "owner", instance)).rejects.toMatchObject({ code: "forbidden" });
  await expect(give(mia, "viewer", project("p2"))).rejects.toMatchObject({ code: "not_found" });
  await expect(give(mia, "viewer", organisation("o1"))).rejects.toMatchObject({ code: "forbidden" });
  await expect(give(eve, "viewer", project("p1"))).rejects.toMatchObject({ code: "forbidden" });
  await expect(give(mia, "editor", project("p1"))).rejects.toMatchObject({ code: "conflict" });
  await expect(give(owner, "nothing", project("p1"))).rejects.toMatchObject({ code: "not_found" });
  await expect(give(owner, "owner", project("p1"))).rejects.toMatchObject({ code: "invalid" });
});

test("nobody takes away what they do not hold", async () => {
  const mia = await house.user("mia@example.org", { roleId: "maintainer", place: project("p1") });
  await house.user("ann@example.org", { roleId: "admin", place: project("p1") });
  const { items } = await house.identity.grants.list(mia, { pageSize: 10, projectId: "p1" });
  const admins = items.find((grant) => grant.roleId === "admin");
  await expect(house.identity.grants.revoke(mia, admins?.id ?? "")).rejects.toMatchObject({
    reason: "escalation",
  });
});

test("an invitation promises only what its maker could give, and asks for a right even when it promises nothing", async () => {
  const mia = await house.user("mia@example.org", { roleId: "maintainer", place: project("p1") });
  const invite = (roleId: string) =>
    house.identity.people.invite(mia, { email: "x@example.org", grants: [{ roleId, place: project("p1") }] });
  await expect(invite("admin")).rejects.toMatchObject({ reason: "escalation" });
  expect((await invite("viewer")).invitation.createdBy).toBe("mia");
  const bare = house.identity.people.invite(mia, { email: "y@example.org", grants: [] });
  await expect(bare).rejects.toMatchObject({ code: "forbidden" });
  const again = house.identity.people.invite(mia, { email: "MIA@example.org", grants: [] });
  await expect(again).rejects.toMatchObject({ code: "forbidden" });
});

test("a later invitation for the same address ends the earlier one", async () => {
  const grants = [{ roleId: "viewer", place: project("p1") }];
  const first = await house.identity.people.invite(owner, { email: "x@example.org", grants });
  await house.identity.people.invite(owner, { email: "X@example.org", grants });
  const given = { code: codeOf(first.path), displayName: "X", password: PASSWORD };
  const accepted = house.identity.signIn.acceptInvitation(given, house.anonymous());
  await expect(accepted).rejects.toMatchObject({ code: "not_found" });
  expect((await house.identity.people.listInvitations(owner, { pageSize: 10 })).items).toHaveLength(1);
});

test("nobody joins themselves or others to a group that holds more than they hold", async () => {
  const { groups, grants } = house.identity;
  const lead = await house.user("lead@example.org", { roleId: "admin", place: organisation("o1") });
  const group = await groups.create(lead, { organisationId: "o1", name: "Strong", description: "" });
  await groups.addMember(lead, group.id, { kind: "user", id: lead.id });
  await grants.create(owner, {
    principal: { kind: "group", id: group.id },
    roleId: "admin",
    place: organisation("o2"),
  });
  await groups.removeMember(lead, group.id, lead.id);
  const joined = groups.addMember(lead, group.id, { kind: "user", id: lead.id });
  await expect(joined).rejects.toMatchObject({ code: "forbidden", reason: "escalation" });
  await expect(groups.delete(lead, group.id)).rejects.toMatchObject({ reason: "escalation" });
});

test("a role is made and changed only from what its maker holds", async () => {
  const { roles } = house.identity;
  const admin = await house.user("admin@example.org", { roleId: "admin", place: instance });
  const make = (permissions: (typeof PERMISSIONS)[number][]) =>
    roles.create(admin, { name: "Mine", description: "", permissions });
  await expect(make(["instance:write"])).rejects.toMatchObject({ reason: "escalation" });
  const mine = await make(["run:read"]);
  await expect(roles.update(admin, mine.id, { permissions: ["instance:write"] })).rejects.toMatchObject({
    reason: "escalation",
  });
  const strong = await roles.create(owner, {
    name: "Strong",
    description: "",
    permissions: [...PERMISSIONS],
  });
  await expect(roles.update(admin, strong.id, { permissions: ["run:read"] })).rejects.toMatchObject({
    reason: "escalation",
  });
});

test("a service account's token is made only by who holds all that the account holds", async () => {
  const { serviceAccounts, grants } = house.identity;
  const mia = await house.user("mia@example.org", { roleId: "maintainer", place: project("p1") });
  const robot = await serviceAccounts.create(mia, {
    organisationId: "o1",
    projectId: "p1",
    name: "robot",
    description: "",
  });
  const make = () =>
    serviceAccounts.createToken(mia, robot.id, { name: "t", expiresMs: house.clock.nowMs + 1000 });
  const { secret } = await make();
  expect(await house.as({ authorization: `Bearer ${secret}` })).toMatchObject({
    kind: "service-account",
    name: "robot",
  });
  const account = { kind: "service-account", id: robot.id } as const;
  await grants.create(owner, { principal: account, roleId: "admin", place: project("p1") });
  await expect(make()).rejects.toMatchObject({ code: "forbidden", reason: "escalation" });
  const eve = await house.user("eve@example.org", { roleId: "viewer", place: project("p1") });
  const seen = serviceAccounts.createToken(eve, robot.id, { name: "t", expiresMs: house.clock.nowMs + 1000 });
  await expect(seen).rejects.toMatchObject({ code: "not_found" });
});

test("nobody becomes a stronger user by a password link, nor shuts them out", async () => {
  const { people } = house.identity;
  const admin = await house.user("admin@example.org", { roleId: "admin", place: instance });
  await expect(people.createResetLink(admin, owner.id)).rejects.toMatchObject({ reason: "escalation" });
  await expect(people.update(admin, owner.id, { state: "suspended" })).rejects.toMatchObject({
    reason: "escalation",
  });
});

test("the last owner stays: not suspended, not robbed of the role", async () => {
  const { people, grants } = house.identity;
  const { items } = await grants.list(owner, { pageSize: 10, principalId: owner.id });
  const owning = items.find((grant) => grant.roleId === "owner")?.id ?? "";
  await expect(people.update(owner, owner.id, { state: "suspended" })).rejects.toMatchObject({
    code: "conflict",
  });
  await expect(grants.revoke(owner, owning)).rejects.toMatchObject({ code: "conflict" });
  const ada = await house.user("ada@example.org", { roleId: "owner", place: instance });
  await people.update(owner, ada.id, { state: "suspended" });
  await expect(grants.revoke(owner, owning)).rejects.toMatchObject({ code: "conflict" });
  await people.update(owner, ada.id, { state: "active" });
  await grants.revoke(owner, owning);
  expect(await house.identity.access.can(await house.owner(), "run:read", instance)).toBe(false);
});

test("of two owners who leave together one stays", async () => {
  const { people } = house.identity;
  const ada = await house.user("ada@example.org", { roleId: "owner", place: instance });
  const both = await Promise.allSettled([
    people.update(owner, ada.id, { state: "suspended" }),
    people.update(ada, owner.id, { state: "suspended" }),
  ]);
  expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("a suspended user is refused at once, by session, token and password, and comes back without the session", async () => {
  const { people, tokens } = house.identity;
  const ada = await house.user("ada@example.org", { roleId: "editor", place: project("p1") });
  const cookie = await house.session("ada@example.org");
  const { secret } = await tokens.create(ada, { name: "t", expiresMs: house.clock.nowMs + 100_000 });
  const bearer = { authorization: `Bearer ${secret}` };
  const basic = { authorization: `Basic ${Buffer.from(`ada@example.org:${PASSWORD}`).toString("base64")}` };
  for (const proof of [{ cookie }, bearer, basic]) expect((await house.as(proof)).id).toBe(ada.id);
  await people.update(owner, ada.id, { state: "suspended" });
  for (const proof of [{ cookie }, bearer, basic]) {
    await expect(house.as(proof)).rejects.toMatchObject({ code: "unauthenticated" });
  }
  expect(await house.identity.access.can(ada, "run:read", project("p1"))).toBe(false);
  await people.update(owner, ada.id, { state: "active" });
  await expect(house.as({ cookie })).rejects.toMatchObject({ code: "unauthenticated" });
  expect((await house.as(bearer)).id).toBe(ada.id);
});

test("people see those who share a place with them, and no others", async () => {
  const { people, groups, grants } = house.identity;
  const ada = await house.user("ada@example.org", { roleId: "viewer", place: project("p1") });
  await house.user("bob@example.org", { roleId: "viewer", place: project("p2") });
  const carl = await house.user("carl@example.org", { roleId: "viewer", place: project("p3") });
  const names = async (actor: Actor, text?: string) =>
    (await people.list(actor, { pageSize: 10, text })).items.map((user) => user.displayName);
  expect(await names(ada)).toEqual(["ada"]);
  const group = await groups.create(owner, { organisationId: "o1", name: "G", description: "" });
  await groups.addMember(owner, group.id, { kind: "user", id: carl.id });
  await grants.create(owner, {
    principal: { kind: "group", id: group.id },
    roleId: "viewer",
    place: project("p1"),
  });
  expect(await names(ada)).toEqual(["ada", "carl"]);
  expect(await names(owner)).toEqual(["ada", "bob", "carl", "Owner"]);
  expect(await names(owner, "CARL")).toEqual(["carl"]);
  expect(await names(owner, "100%")).toEqual([]);
  await expect(people.get(ada, owner.id)).rejects.toMatchObject({ code: "not_found" });
  expect(await people.get(ada, carl.id)).toMatchObject({ email: "carl@example.org" });
  await expect(people.update(ada, carl.id, { displayName: "x" })).rejects.toMatchObject({
    code: "forbidden",
  });
});

test("lists come in pages", async () => {
  for (const name of ["ann", "ben", "cid"]) {
    await house.user(`${name}@example.org`, { roleId: "viewer", place: project("p1") });
  }
  const first = await house.identity.people.list(owner, { pageSize: 2 });
  const second = await house.identity.people.list(owner, { pageSize: 2, pageToken: first.nextToken });
  expect([...first.items, ...second.items].map((user) => user.displayName)).toEqual([
    "ann",
    "ben",
    "cid",
    "Owner",
  ]);
  expect(second.nextToken).toBeUndefined();
  const pages = await house.identity.grants.list(owner, { pageSize: 3 });
  expect(pages.items.map((grant) => grant.principal.name)).toEqual(["cid", "ben", "ann"]);
  await expect(house.identity.grants.list(owner, { pageSize: 3, pageToken: "x" })).rejects.toMatchObject({
    code: "invalid",
  });
});
