import { API_PREFIX } from "@atrium/contract/http";
import { identityApi } from "@atrium/contract/identity";
import type { FastifyBaseLogger } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type App, createApp } from "../../roles/api/app.ts";
import {
  ADMIN_TOKEN,
  codeOf,
  type House,
  openHouse,
  PASSWORD,
  PROJECTS,
  project,
} from "../../testing/identity.ts";
import { identityRoutes } from "./routes.ts";

const silent = { level: "silent", child: () => silent } as unknown as FastifyBaseLogger;
for (const level of ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const)
  silent[level] = () => {};

let house: House;
let app: App;

beforeEach(async () => {
  house = await openHouse();
  app = await openApp(house);
});
afterEach(async () => {
  await app.fastify.close();
  await house.db.close();
});

function openApp({ identity }: House): Promise<App> {
  return createApp({
    allowedHosts: [],
    listenHost: "localhost",
    encrypted: false,
    logger: silent,
    access: identity.access,
    authenticate: (request) =>
      identity.authenticate({
        authorization: request.headers.authorization,
        cookie: request.headers.cookie,
        ip: request.ip,
        userAgent: request.headers["user-agent"] ?? "",
        requestId: request.id,
      }),
    checkCsrf: (request, actor) =>
      identity.checkCsrf(actor, { method: request.method, headers: request.headers }),
    resolveProject: async (name) => PROJECTS.find((one) => one.slug === name || one.id === name),
    observe: () => () => {},
    mount: async (_fastify, serve) => identityRoutes(serve, identity),
  });
}

interface Asked {
  body?: object;
  headers?: Record<string, string>;
}

async function ask(method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE", path: string, asked: Asked = {}) {
  const { body, headers = {} } = asked;
  const response = await app.fastify.inject({
    method,
    url: API_PREFIX + path,
    headers: { host: "localhost", ...headers },
    ...(body && { payload: body }),
  });
  return { status: response.statusCode, headers: response.headers, body: response.json() };
}

const admin = { authorization: `Bearer ${ADMIN_TOKEN}` };
const own = { "sec-fetch-site": "same-origin" };

test("every operation of the contract is mounted, and none beside them", () => {
  const mounted = app.endpoints.map((one) => `${one.method} ${one.path}`).sort();
  const declared = Object.values(identityApi).map((one) => `${one.method} ${one.path}`);
  expect(mounted).toEqual(declared.sort());
});

test("nothing but the entrances is open to those who did not prove who they are", async () => {
  for (const { method, path, permission } of Object.values(identityApi)) {
    if (permission === "public") continue;
    const { status } = await ask(method, path.replaceAll(/:\w+/g, "x"), method === "GET" ? {} : { body: {} });
    expect([method, path, status]).toEqual([method, path, 401]);
  }
});

test("a browser signs in by link, sets a password, signs in with it and signs out", async () => {
  const { path } = await house.identity.ownerLink();
  const entered = await ask("POST", "/session/link", { body: { code: codeOf(path) } });
  expect(entered).toMatchObject({ status: 200, body: { displayName: "Owner" } });
  expect(entered.headers["cache-control"]).toBe("no-store");
  let cookie = String(entered.headers["set-cookie"]).split(";", 1)[0] ?? "";
  expect((await ask("GET", "/me?project=one", { headers: { cookie } })).body).toMatchObject({
    kind: "user",
    via: "session",
    hasPassword: false,
    email: "owner@localhost",
  });
  const body = { next: PASSWORD };
  expect((await ask("PUT", "/me/password", { body, headers: { cookie } })).status).toBe(403);
  const changed = await ask("PUT", "/me/password", { body, headers: { cookie, ...own } });
  expect(changed.status).toBe(200);
  expect((await ask("GET", "/me", { headers: { cookie } })).status).toBe(401);
  cookie = String(changed.headers["set-cookie"]).split(";", 1)[0] ?? "";
  const renamed = await ask("PATCH", "/me", {
    body: { email: "ada@example.org" },
    headers: { cookie, ...own },
  });
  expect(renamed.body).toMatchObject({ email: "ada@example.org", hasPassword: true });
  const again = await ask("POST", "/session/password", {
    body: { email: "ADA@example.org", password: PASSWORD },
  });
  expect(again.status).toBe(200);
  const left = await ask("DELETE", "/session", { headers: { cookie, ...own } });
  expect(left.headers["set-cookie"]).toContain("Max-Age=0");
  expect((await ask("GET", "/me", { headers: { cookie } })).status).toBe(401);
});

test("too many guesses are answered with the time to wait", async () => {
  const body = { email: "ada@example.org", password: "guess" };
  for (let i = 0; i < 6; i += 1) expect((await ask("POST", "/session/password", { body })).status).toBe(401);
  const { status, headers } = await ask("POST", "/session/password", { body });
  expect(status).toBe(429);
  expect(Number(headers["retry-after"])).toBeGreaterThan(0);
});

test("people, groups, accounts, tokens, roles and grants are managed over the wire as the contract says", async () => {
  const asAdmin = (method: Parameters<typeof ask>[0], path: string, body?: object) =>
    ask(method, path, { headers: { ...admin, "x-atrium-project": "one" }, ...(body && { body }) });
  const ada = await house.user("ada@example.org", { roleId: "viewer", place: project("p1") });
  const group = await asAdmin("POST", "/groups", { name: "Makers" });
  expect(identityApi.createGroup.answer.parse(group.body)).toMatchObject({ organisationId: "o1" });
  const members = `/groups/${group.body.id}/members`;
  expect((await asAdmin("POST", members, { kind: "user", id: ada.id })).status).toBe(200);
  expect((await asAdmin("GET", members)).body.items).toMatchObject([{ id: ada.id, name: "ada" }]);
  expect((await asAdmin("PATCH", `/groups/${group.body.id}`, { description: "d" })).body.description).toBe(
    "d",
  );
  const account = await asAdmin("POST", "/service-accounts", { name: "robot" });
  expect(account).toMatchObject({
    status: 201,
    body: { organisationId: "o1", projectId: "p1", state: "active" },
  });
  const expiresMs = house.clock.nowMs + 1000;
  const made = await asAdmin("POST", `/service-accounts/${account.body.id}/tokens`, { name: "t", expiresMs });
  expect(identityApi.createServiceAccountToken.answer.parse(made.body).token.owner.name).toBe("robot");
  expect(
    (await ask("GET", "/me", { headers: { authorization: `Bearer ${made.body.secret}` } })).body,
  ).toMatchObject({
    kind: "service-account",
    name: "robot",
  });
  expect((await asAdmin("GET", `/tokens?owner=${account.body.id}`)).body.items).toHaveLength(1);
  expect((await asAdmin("DELETE", `/tokens/${made.body.token.id}`)).status).toBe(200);
  const role = await asAdmin("POST", "/roles", { name: "R", permissions: ["run:read"] });
  const principal = { kind: "group", id: group.body.id };
  const grant = await asAdmin("POST", "/grants", { principal, roleId: role.body.id, place: project("p1") });
  expect(identityApi.createGrant.answer.parse(grant.body).principal.name).toBe("Makers");
  expect((await asAdmin("DELETE", `/roles/${role.body.id}`)).status).toBe(409);
  expect((await asAdmin("DELETE", `/grants/${grant.body.id}`)).status).toBe(200);
  expect((await asAdmin("PATCH", `/roles/${role.body.id}`, { name: "S" })).body.name).toBe("S");
  expect((await asAdmin("DELETE", `/roles/${role.body.id}`)).status).toBe(200);
  const suspended = await asAdmin("PATCH", `/service-accounts/${account.body.id}`, { state: "suspended" });
  expect(suspended.body.state).toBe("suspended");
  expect((await asAdmin("POST", `/users/${ada.id}/reset-link`)).body.path).toMatch(
    /^\/reset#link=[0-9A-Za-z]{43}$/,
  );
  expect((await asAdmin("DELETE", `${members}/${ada.id}`)).status).toBe(200);
  expect((await asAdmin("DELETE", `/groups/${group.body.id}`)).status).toBe(200);
  for (const [name, { answer }] of [
    ["/users", identityApi.listUsers],
    ["/groups", identityApi.listGroups],
    ["/service-accounts", identityApi.listServiceAccounts],
    ["/tokens?owner=all", identityApi.listTokens],
    ["/roles", identityApi.listRoles],
    ["/grants", identityApi.listGrants],
    ["/sessions", identityApi.listSessions],
    ["/invitations", identityApi.listInvitations],
  ] as const) {
    const listed = await asAdmin("GET", name);
    expect([name, listed.status]).toEqual([name, 200]);
    answer.parse(listed.body);
  }
});

test("ids that lead nowhere are not found, whatever they are", async () => {
  for (const wrong of ["x", "'; drop table identity_users; --", "../..", "owner"]) {
    const id = encodeURIComponent(wrong);
    for (const [method, path, body] of [
      ["GET", `/users/${id}`, undefined],
      ["PATCH", `/users/${id}`, { state: "suspended" }],
      ["POST", `/users/${id}/reset-link`, undefined],
      ["DELETE", `/groups/${id}`, undefined],
      ["POST", `/groups/${id}/members`, { kind: "user", id: wrong }],
      ["PATCH", `/service-accounts/${id}`, { name: "n" }],
      ["DELETE", `/tokens/${id}`, undefined],
      ["DELETE", `/grants/${id}`, undefined],
      ["DELETE", `/sessions/${id}`, undefined],
      ["DELETE", `/invitations/${id}`, undefined],
    ] as const) {
      const { status } = await ask(method, path, { headers: admin, ...(body && { body }) });
      expect([method, path, status]).toEqual([method, path, 404]);
    }
  }
});

test("text that no store can keep is refused before it reaches one", async () => {
  const nul = "a\0b";
  const asked = [
    await ask("POST", "/session/password", { body: { email: nul, password: "x" } }),
    await ask("PATCH", "/me", { body: { displayName: nul }, headers: admin }),
    await ask("GET", "/users/a%00b", { headers: admin }),
    await ask("GET", "/users?text=a%00b", { headers: admin }),
    await ask("GET", `/users?pageToken=${Buffer.from(JSON.stringify([nul])).toString("base64url")}`, {
      headers: admin,
    }),
    await ask("POST", "/roles", { body: { name: nul, permissions: ["run:read"] }, headers: admin }),
  ];
  expect(asked.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400]);
  const basic = `Basic ${Buffer.from(`${nul}@x:secret`).toString("base64")}`;
  expect((await ask("GET", "/me", { headers: { authorization: basic } })).status).toBe(401);
});
