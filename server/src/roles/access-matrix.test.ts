import { API_PREFIX } from "@atrium/contract/http";
import { identityApi } from "@atrium/contract/identity";
import { BUILT_IN_ROLES, type BuiltInRole, type Permission } from "@atrium/contract/permissions";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type House, openHouse } from "../testing/house.ts";

const STREAMS = /\/(tail|live)$/; // Of any other route only its answer counts, however slow.
const STREAM_MS = 150; // A stream that is allowed goes on.
const REFUSAL_MS = 10_000; // A refusal comes, however busy the machine is; one that never comes is a hole.
const NOT_IMPLEMENTED = 501; // How a protocol says that its client should take another way.
const LEVELS = ["instance", "organisation", "project"] as const;
type Level = (typeof LEVELS)[number];
const GIVEN: readonly BuiltInRole[] = ["viewer", "editor", "maintainer", "admin", "auditor"];
const COVERS: Record<Level, readonly Level[]> = {
  instance: ["instance", "organisation", "project"],
  organisation: ["organisation", "project"],
  project: ["project"],
};

interface Person {
  name: string;
  token: string;
  may(permission: Permission, scope: Level): boolean;
}

let house: House;
const people: Person[] = [];

beforeAll(async () => {
  house = await openHouse();
  const { id: projectId, organisationId } = await mustGet(`/projects/default`);
  const places = {
    instance: { kind: "instance" },
    organisation: { kind: "organisation", organisationId },
    project: { kind: "project", projectId },
  };
  people.push({ name: "nobody", token: "", may: () => false });
  people.push({ name: "a stranger", token: await newcomer("stranger"), may: () => false });
  people.push({ name: "the owner", token: house.adminToken, may: () => true });
  for (const role of GIVEN) {
    for (const level of LEVELS) {
      const token = await newcomer(`${role}-${level}`, { roleId: role, place: places[level] });
      people.push({
        name: `${role} of the ${level}`,
        token,
        may: (permission, scope) =>
          COVERS[level].includes(scope) && BUILT_IN_ROLES[role].some((held) => held === permission),
      });
    }
  }
  const other = await mustPost("/projects", { slug: "other" });
  const elsewhere = { roleId: "maintainer", place: { kind: "project", projectId: other.id } };
  people.push({
    name: "a maintainer of another project",
    token: await newcomer("elsewhere", elsewhere),
    may: () => false,
  });
}, 60_000);
afterAll(() => house.close());

describe("every route, asked by everyone", () => {
  test("there are routes of our own API, of the protocols and of operations, and each says who may", () => {
    const urls = house.app.routes.map(({ url }) => url);
    expect(urls).toContain("/metrics");
    expect(urls).toContain("/api/2.0/mlflow/runs/log-batch");
    expect(urls.filter((url) => url.startsWith(API_PREFIX)).length).toBeGreaterThan(70);
    for (const { permission, method, url } of house.app.routes) {
      expect(permission, `${method} ${url}`).toMatch(/^(public|signed-in|[a-z-]+:[a-z]+)$/);
    }
  });

  test("whoever lacks the permission is refused, and whoever has it is not", async () => {
    const holes: string[] = [];
    for (const route of house.app.routes) {
      for (const person of people) {
        const status = await askAs(person, route);
        const line = `${person.name}: ${route.method} ${route.url} (${route.permission}) answered ${status}`;
        if (!fits(person, route, status)) holes.push(line);
      }
    }
    expect(holes).toEqual([]);
  }, 180_000);
});

type Route = House["app"]["routes"][number];

function fits(person: Person, route: Route, status: number): boolean {
  const denied = [401, 403, 404].includes(status);
  if (status >= 500 && status !== NOT_IMPLEMENTED) return false;
  if (route.permission === "public") return status !== 403;
  if (person.token === "") return status === 401;
  if (status === 401) return false;
  if (route.permission === "signed-in") return true;
  const allowed = person.may(route.permission as Permission, route.scope as Level);
  // A made-up id is not found for everybody; that somebody is not refused is seen by 403 alone.
  return allowed ? status !== 403 : denied;
}

async function askAs({ token, may }: Person, { method, url, permission, scope }: Route): Promise<number> {
  const path = url.replaceAll(/:[A-Za-z]+/g, "nothing").replace("*", "nothing");
  const body = ["GET", "HEAD", "OPTIONS"].includes(method) ? {} : { body: {} };
  const asked = house.ask(method, path, { token, ...body }).then(({ status }) => status);
  if (!STREAMS.test(url)) return asked;
  const opens = ["public", "signed-in"].includes(permission) || may(permission as Permission, scope as Level);
  const streams = new Promise<number>((resolve) => setTimeout(resolve, opens ? STREAM_MS : REFUSAL_MS, 200));
  return Promise.race([asked, streams]);
}

async function newcomer(name: string, given?: { roleId: string; place: object }): Promise<string> {
  const account = await mustPost("/service-accounts", { name, owner: "organisation" });
  if (given !== undefined) {
    await mustPost("/grants", { principal: { kind: "service-account", id: account.id }, ...given });
  }
  const expiresMs = Date.now() + 3_600_000;
  const path = identityApi.createServiceAccountToken.path.replace(":account", account.id);
  return (await mustPost(path, { name, expiresMs })).secret;
}

async function mustPost(path: string, body: object) {
  const { status, text } = await house.ask("POST", API_PREFIX + path, { body });
  expect(status, text).toBe(201);
  return JSON.parse(text);
}

async function mustGet(path: string) {
  const { status, text } = await house.ask("GET", API_PREFIX + path);
  expect(status, text).toBe(200);
  return JSON.parse(text);
}
