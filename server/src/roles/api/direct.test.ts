import { createHmac } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import type { FastifyBaseLogger } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DirectRoute } from "#lib/direct";
import type { TimedRequest } from "#lib/http-metrics";
import { ADMIN_TOKEN, type House, openHouse, PROJECTS } from "../../testing/identity.ts";
import { type App, createApp } from "./app.ts";

const silent = { level: "silent", child: () => silent } as unknown as FastifyBaseLogger;
for (const level of ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const)
  silent[level] = () => {};

const ASKED = "/echo/one";
const HEADERS = { authorization: `Bearer ${ADMIN_TOKEN}`, "x-atrium-project": "one" };

let house: House;
let app: App;
let url: string;
let timed: TimedRequest[];
let archived: string[];
let begun: PromiseWithResolvers<void>;
let left: PromiseWithResolvers<void>;

/** Says what it was given, and waits for its caller to leave when it is told to. */
const ECHO: DirectRoute = {
  pattern: "/echo/:name",
  permission: "endpoint:invoke",
  path: /^\/echo\/(\w+)$/,
  async answer({ projectId, named, body, signal }) {
    if (named[0] === "wait") {
      begun.resolve();
      await once(signal, "abort");
      left.resolve();
    }
    const bytes = JSON.stringify({ by: "direct", projectId, named, body: body.toString() });
    return { status: 200, headers: [["x-own", "yes"]], bytes };
  },
};

beforeEach(async () => {
  house = await openHouse();
  timed = [];
  archived = [];
  const { identity } = house;
  begun = Promise.withResolvers();
  left = Promise.withResolvers();
  app = await createApp({
    allowedHosts: [],
    listenHost: "localhost",
    encrypted: false,
    logger: silent,
    access: identity.access,
    authenticate: ({ id, ip, headers }) =>
      identity.authenticate({
        ...{ authorization: headers.authorization, cookie: headers.cookie },
        ...{ ip, userAgent: "test", requestId: id },
      }),
    checkCsrf: (request, actor) => identity.checkCsrf(actor, request),
    resolveProject: async (name) => {
      const found = PROJECTS.find((one) => one.slug === name || one.id === name);
      return found && { ...found, state: archived.includes(found.id) ? "archived" : "active" };
    },
    observe: () => (request) => timed.push(request),
    mount: async (fastify, _serve, { direct }) => {
      direct.add(ECHO);
      fastify.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
      const config = { permission: "endpoint:invoke" } as const;
      fastify.post("/echo/:name", { config }, async ({ projectId, body }) => ({
        ...{ by: "framework", projectId, body },
      }));
    },
  });
  app.http.listen(0, "127.0.0.1");
  await once(app.http, "listening");
  url = `http://127.0.0.1:${(app.http.address() as AddressInfo).port}`;
});
afterEach(async () => {
  app.http.closeAllConnections();
  await app.fastify.close();
  await house.db.close();
});

async function ask(path: string, headers: Record<string, string> = {}, body: string | undefined = "tensors") {
  const given = { "content-type": "text/x-any", ...HEADERS, ...headers };
  const init = body === "" ? {} : { body };
  const answer = await fetch(url + path, { method: "POST", headers: given, ...init });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: JSON.parse(text) };
}

test("a plain request is answered with its project, its body and every header that others carry, and is timed", async () => {
  const answer = await ask(ASKED);
  expect(answer.body).toEqual({ by: "direct", projectId: "p1", named: ["one"], body: "tensors" });
  expect(answer.headers.get("x-own")).toBe("yes");
  const framework = await ask(ASKED, { "content-encoding": "identity" });
  expect(framework.body).toEqual({ by: "framework", projectId: "p1", body: "tensors" });
  for (const [name] of framework.headers)
    if (!["content-type", "content-length"].includes(name)) expect(answer.headers.has(name), name).toBe(true);
  expect(timed.map(({ tookMs, ...rest }) => [rest, tookMs > 0])).toEqual([
    [{ method: "POST", route: "/echo/:name", status: 200 }, true],
  ]);
});

test("the project may stand in the address, and an empty body is one", async () => {
  const { body } = await ask("/p/two/echo/one", {}, "");
  expect(body).toEqual({ by: "direct", projectId: "p2", named: ["one"], body: "" });
});

test.each([
  ["a cookie", ASKED, { cookie: "a=b" }],
  ["an origin", ASKED, { origin: "http://localhost" }],
  ["a packed body", ASKED, { "content-encoding": "identity" }],
  ["a query", `${ASKED}?a=b`, {}],
  ["a name that is encoded", "/echo/o%6Ee", {}],
  ["a slash behind it", `${ASKED}/`, {}],
  [
    "a token as a password",
    ASKED,
    { authorization: `Basic ${Buffer.from(`x:${ADMIN_TOKEN}`).toString("base64")}` },
  ],
])("what has %s is left to the framework, body and all", async (_what, path, headers) => {
  const { body } = await ask(path, headers as Record<string, string>);
  expect(body).toEqual({ by: "framework", projectId: "p1", body: "tensors" });
});

test("a long body is left to the framework", async () => {
  const long = "x".repeat(1024 * 1024 + 1);
  const { status } = await ask(ASKED, {}, long);
  expect(status).toBe(413); // The limit of its route here; the direct one would have answered.
});

test("whoever may not is refused by the framework's gate", async () => {
  const statusOf = async (headers: Record<string, string>) => (await ask(ASKED, headers)).status;
  const wrong = createHmac("sha256", "a").update("b").digest("hex");
  expect(await statusOf({ authorization: `Bearer ${wrong}` })).toBe(401);
  expect(await statusOf({ "x-atrium-project": "none" })).toBe(404);
  expect(await statusOf({ authorization: "Bearer " })).toBe(401);
  archived.push("p1");
  expect(await statusOf({})).toBe(409);
  archived.length = 0;
  expect(await statusOf({})).toBe(200);
});

test("a token that is revoked opens nothing from then on", async () => {
  const owner = await house.owner();
  const made = await house.identity.tokens.create(owner, {
    name: "t",
    expiresMs: house.clock.nowMs + 100_000,
  });
  const headers = { authorization: `Bearer ${made.secret}` };
  expect((await ask(ASKED, headers)).body.by).toBe("direct");
  await house.identity.tokens.revoke(owner, made.token.id);
  house.deliver();
  expect((await ask(ASKED, headers)).status).toBe(401);
});

test("a foreign name of the server is refused", async () => {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(
    `POST ${ASKED} HTTP/1.1\r\nhost: evil.example\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\ncontent-length: 0\r\n\r\n`,
  );
  const [answer] = (await once(socket, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 403 /);
  socket.destroy();
});

test("work is told when its client leaves, and one that leaves in its body is forgotten", async () => {
  const port = Number(new URL(url).port);
  const head = (path: string, length: number) =>
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${ADMIN_TOKEN}\r\nx-atrium-project: one\r\ncontent-length: ${length}\r\n\r\n`;
  const half = connect(port, "127.0.0.1");
  half.write(`${head(ASKED, 10)}half`);
  const waiting = connect(port, "127.0.0.1");
  waiting.write(head("/echo/wait", 0));
  await begun.promise;
  half.destroy();
  waiting.destroy();
  await left.promise;
  expect((await ask(ASKED)).body.by).toBe("direct");
  expect(timed.filter(({ status }) => status !== 200)).toEqual([]);
});
