import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { signatureOf } from "#lib/webhook";
import { registryJobs } from "./jobs.ts";
import { actorNamed, openRegistry, PROJECT, PROMPT } from "./testing.ts";

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

const SECRET = "between us";
const MINUTE_MS = 60_000;
let room: Awaited<ReturnType<typeof openRegistry>>;
let receiver: Server;
let url: string;
let received: Received[];
let answer: number;

beforeEach(async () => {
  room = await openRegistry();
  received = [];
  answer = 204;
  receiver = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      received.push({ headers: request.headers, body: Buffer.concat(pieces).toString() });
      response.writeHead(answer).end("what it says is not read");
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  room.settings.privateWebhookHosts = ["127.0.0.1"];
});
afterEach(async () => {
  receiver.close();
  await room.db.close();
});

async function run(name: string, projectIds: string[] = [PROJECT]): Promise<void> {
  const jobs = registryJobs({ ...room.deps, projectIds: async () => projectIds });
  await jobs.find((job) => job.name === name)?.run(new AbortController().signal);
}
const send = () => run("registry-webhooks");
const hook = (given: Partial<Parameters<typeof room.registry.webhooks.create>[2]> = {}) =>
  room.registry.webhooks.create(room.owner, PROJECT, {
    ...{ name: "told", url, secret: SECRET },
    events: ["registered_model.created", "model_version.created", "model_version_alias.created"],
    ...given,
  });
const sent = () => received.map(({ body }) => JSON.parse(body) as { entity: string; data: object });

test("what a webhook asked for is told to it, signed, with the project's name, and nothing else is", async () => {
  const { id } = await hook();
  await room.registry.create(room.owner, PROJECT, { name: "m", tags: { team: "a" } });
  await room.registry.versions.create(room.owner, { projectId: PROJECT, name: "m" }, { source: "s3://b/x" });
  await room.registry.setAlias(room.owner, { projectId: PROJECT, name: "m", alias: "champion" }, 1);
  await room.registry.deleteAlias(room.owner, { projectId: PROJECT, name: "m", alias: "champion" });
  await send();
  const at = "1970-01-01T00:00:01.000Z";
  const same = { timestamp: at, workspace: "main" };
  expect(sent().sort((a, b) => a.entity.localeCompare(b.entity))).toEqual([
    {
      ...{ ...same, entity: "model_version", action: "created" },
      data: { name: "m", version: "1", description: null, source: "s3://b/x", run_id: null, tags: {} },
    },
    {
      ...{ ...same, entity: "model_version_alias", action: "created" },
      data: { name: "m", alias: "champion", version: "1" },
    },
    {
      ...{ ...same, entity: "registered_model", action: "created" },
      data: { name: "m", tags: { team: "a" }, description: null },
    },
  ]);
  for (const { headers, body } of received) {
    const message = { id: String(headers["x-mlflow-delivery-id"]), body, atMs: room.time.nowMs };
    expect(headers["x-mlflow-signature"]).toBe(signatureOf({ ...message, secret: SECRET }));
    expect(headers["x-mlflow-timestamp"]).toBe("1");
  }
  const log = await room.registry.webhooks.deliveries(
    room.owner,
    { projectId: PROJECT, webhook: id },
    {
      pageSize: 10,
    },
  );
  expect(log.items).toHaveLength(3);
  expect(log.items[0]).toMatchObject({ state: "delivered", attempts: 1, lastStatus: 204 });
});

test("prompts have events of their own, without the tags that only mark them", async () => {
  await hook({
    events: ["prompt.created", "prompt_version.created", "prompt_tag.set", "prompt_tag.deleted"],
  });
  const name = "greeting";
  await room.registry.create(room.owner, PROJECT, { name, tags: { [PROMPT]: "true", tone: "kind" } });
  await room.registry.create(room.owner, PROJECT, { name: "m" });
  const at = { projectId: PROJECT, name };
  const tags = {
    [PROMPT]: "true",
    "mlflow.prompt.text": "Hello {{name}}",
    _mlflow_prompt_type: "text",
    by: "Ada",
  };
  await room.registry.versions.create(room.owner, at, { source: "dummy", tags });
  await room.registry.update(room.owner, at, { tags: { tone: "dry", old: null } });
  await send();
  expect(sent().map(({ data }) => data)).toEqual(
    expect.arrayContaining([
      { name, tags: { tone: "kind" }, description: null },
      { name, version: "1", description: null, template: "Hello {{name}}", tags: { by: "Ada" } },
      { name, key: "tone", value: "dry" },
      { name, key: "old" },
    ]),
  );
  expect(sent()).toHaveLength(4);
});

test("a change that is refused tells nobody", async () => {
  await hook();
  const tags = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, "v"]));
  await room.registry.create(room.owner, PROJECT, { name: "m", tags });
  await expect(room.registry.create(room.owner, PROJECT, { name: "m" })).rejects.toMatchObject({
    code: "conflict",
  });
  await send();
  expect(received).toHaveLength(1);
});

test("a receiver that fails is asked again, later each time, with the same id; then the log says failed", async () => {
  const { id } = await hook();
  answer = 503;
  await room.registry.create(room.owner, PROJECT, { name: "m" });
  await send();
  await send();
  expect(received).toHaveLength(1);
  for (let minute = 0; minute < 30; minute += 1) {
    room.time.nowMs += MINUTE_MS;
    await send();
  }
  expect(received).toHaveLength(8);
  expect(new Set(received.map(({ headers }) => headers["x-mlflow-delivery-id"])).size).toBe(1);
  const at = { projectId: PROJECT, webhook: id };
  const [last] = (await room.registry.webhooks.deliveries(room.owner, at, { pageSize: 1 })).items;
  expect(last).toMatchObject({ state: "failed", attempts: 8, lastStatus: 503 });
  expect(last?.lastError).toContain("503");
});

test("a webhook is switched off, changed and deleted, and its log is kept a month", async () => {
  const { id } = await hook();
  const at = { projectId: PROJECT, webhook: id };
  await room.registry.webhooks.update(room.owner, at, { state: "disabled" });
  await room.registry.create(room.owner, PROJECT, { name: "unheard" });
  const changed = await room.registry.webhooks.update(room.owner, at, { state: "active", secret: "" });
  expect(changed).toMatchObject({ name: "told", state: "active", signed: false });
  await room.registry.create(room.owner, PROJECT, { name: "heard" });
  await send();
  expect(sent().map(({ data }) => data)).toMatchObject([{ name: "heard" }]);
  expect(received[0]?.headers["x-mlflow-signature"]).toBeUndefined();
  room.time.nowMs += 31 * 24 * 60 * MINUTE_MS;
  await run("registry-sweep");
  expect((await room.registry.webhooks.deliveries(room.owner, at, { pageSize: 9 })).items).toEqual([]);
  await room.registry.webhooks.delete(room.owner, at);
  await expect(room.registry.webhooks.get(room.owner, at)).rejects.toMatchObject({ code: "not_found" });
});

test("a test sends an example at once and says how it went", async () => {
  const { id } = await hook();
  const at = { projectId: PROJECT, webhook: id };
  expect(await room.registry.webhooks.test(room.owner, at)).toEqual({ delivered: true, status: 204 });
  expect(sent()).toMatchObject([{ entity: "registered_model", data: { name: "delay-forecast" } }]);
  answer = 400;
  const refused = await room.registry.webhooks.test(room.owner, at, "model_version.created");
  expect(refused).toMatchObject({ delivered: false, status: 400 });
});

test.each([
  [{ url: "ftp://example.org/" }, /http or https/],
  [{ url: "https://ada:secret@example.org/" }, /without a name or password/],
  [{ url: "nowhere" }, /no address/],
  [{ url: "http://169.254.169.254/latest/meta-data" }, /private network/],
  [{ name: "-" }, /start and end with a letter or digit/],
])("%o is refused when it is made", async (given, words) => {
  await expect(hook(given)).rejects.toMatchObject({ code: "invalid", message: expect.stringMatching(words) });
});

test("who may not promote models sees no webhook and makes none", async () => {
  const { id } = await hook();
  room.rights.reader = { permissions: ["model:read", "model:write"], visible: { all: true } };
  const reader = actorNamed("reader");
  const at = { projectId: PROJECT, webhook: id };
  const asked = [
    room.registry.webhooks.list(reader, PROJECT, { pageSize: 1 }),
    room.registry.webhooks.get(reader, at),
    room.registry.webhooks.delete(reader, at),
    room.registry.webhooks.test(reader, at),
    room.registry.webhooks.deliveries(reader, at, { pageSize: 1 }),
  ];
  for (const one of asked) await expect(one).rejects.toMatchObject({ code: "forbidden" });
  await expect(room.registry.webhooks.get(room.owner, { ...at, projectId: "p2" })).rejects.toMatchObject({
    code: "not_found",
  });
});

test("webhooks go with their purged project, and their secret stands nowhere as it is", async () => {
  const { id } = await hook();
  const text = JSON.stringify(
    await room.registry.webhooks.get(room.owner, { projectId: PROJECT, webhook: id }),
  );
  expect(text + JSON.stringify(room.told)).not.toContain(SECRET);
  await run("registry-purge", ["another"]);
  expect(await room.registry.webhooks.list(room.owner, PROJECT, { pageSize: 1 })).toEqual({ items: [] });
});
