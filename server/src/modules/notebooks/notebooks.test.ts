import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { API_PREFIX } from "@atrium/contract/http";
import { notebooksApi } from "@atrium/contract/notebooks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tables } from "#ports/database";
import { type House, openHouse } from "../../testing/house.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

async function ask(
  method: string,
  path: string,
  { body, status = 200 }: { body?: unknown; status?: number } = {},
) {
  const isText = typeof body === "string";
  const answer = await house.ask(method, `${API_PREFIX}${path}`, {
    ...(isText ? { headers: { "content-type": "application/octet-stream" } } : {}),
    ...(body === undefined ? {} : { body }),
  });
  expect(answer.status, answer.text).toBe(status);
  return answer;
}

async function put(
  path: string,
  content: string,
  { expectedVersion, status = 200 }: { expectedVersion?: number; status?: number } = {},
) {
  const query = expectedVersion === undefined ? "" : `&expectedVersion=${expectedVersion}`;
  const at = `/notebooks/content?path=${encodeURIComponent(path)}${query}`;
  const { text } = await ask("PUT", at, { body: content, status });
  return status === 200 ? notebooksApi.putFile.answer.parse(JSON.parse(text)) : JSON.parse(text).error;
}

async function pathsBelow(path: string, below = "all"): Promise<string[]> {
  const { text } = await ask("GET", `/notebooks/files?path=${path}&below=${below}`);
  return notebooksApi.listFiles.answer.parse(JSON.parse(text)).items.map((item) => item.path);
}

test("each save is a version, and the same bytes again are none", async () => {
  expect((await put("plan.txt", "one")).version).toBe(1);
  expect((await put("plan.txt", "two")).version).toBe(2);
  expect((await put("plan.txt", "two")).version).toBe(2);
  expect((await ask("GET", "/notebooks/content?path=plan.txt")).text).toBe("two");
  expect((await ask("GET", "/notebooks/content?path=plan.txt&version=1")).text).toBe("one");
  await ask("GET", "/notebooks/content?path=plan.txt&version=3", { status: 404 });
  await ask("POST", "/notebooks/restore", { body: { path: "plan.txt", version: 1 } });
  const { text } = await ask("GET", "/notebooks/versions?path=plan.txt");
  expect(JSON.parse(text).items.map(({ version }: { version: number }) => version)).toEqual([3, 2, 1]);
  expect((await ask("GET", "/notebooks/content?path=plan.txt")).text).toBe("one");
});

test("a save that was made over somebody else's is refused when it says what it knew", async () => {
  await put("shared.txt", "a", { expectedVersion: 0 });
  await put("shared.txt", "b", { expectedVersion: 1 });
  expect((await put("shared.txt", "c", { expectedVersion: 1, status: 409 })).message).toMatch(
    /version 2, not 1/,
  );
  expect((await put("shared.txt", "c", { expectedVersion: 0, status: 409 })).code).toBe("conflict");
  expect((await ask("GET", "/notebooks/content?path=shared.txt")).text).toBe("b");
});

test("folders come with their files, move with all below, and go with them", async () => {
  await put("tree/deep/one.ipynb", "{}");
  await put("tree/two.txt", "2");
  expect(await pathsBelow("tree")).toEqual(["tree/deep", "tree/deep/one.ipynb", "tree/two.txt"]);
  expect(await pathsBelow("tree", "one-level")).toEqual(["tree/deep", "tree/two.txt"]);
  await ask("POST", "/notebooks/move", { body: { from: "tree", to: "grove/tree" } });
  expect(await pathsBelow("grove")).toEqual([
    "grove/tree",
    "grove/tree/deep",
    "grove/tree/deep/one.ipynb",
    "grove/tree/two.txt",
  ]);
  expect(await pathsBelow("tree")).toEqual([]);
  expect(await pathsBelow("grove/tree", "one-level")).toEqual(["grove/tree/deep", "grove/tree/two.txt"]);
  await ask("POST", "/notebooks/move", { body: { from: "grove", to: "grove/tree/in-itself" }, status: 400 });
  await ask("POST", "/notebooks/move", {
    body: { from: "grove/tree/two.txt", to: "grove/tree/deep" },
    status: 409,
  });
  const { text } = await ask("DELETE", "/notebooks/file?path=grove");
  expect(JSON.parse(text)).toEqual({ removed: 2 });
  expect(await pathsBelow("grove")).toEqual([]);
});

test("what a removed file had stored is removed by the worker, and no sooner than nothing names it", async () => {
  await put("gone.txt", "a text that nobody else has stored");
  const stored = async () => Number((await house.db.reader.run<{ n: number }>(COUNT, [])).rows[0]?.n);
  const sweep = house.jobs.find(({ name }) => name === "notebooks-sweep");
  await sweep?.run(new AbortController().signal); // Of the tests before.
  const before = await stored();
  await ask("DELETE", "/notebooks/file?path=gone.txt");
  expect(await stored()).toBe(before);
  await sweep?.run(new AbortController().signal);
  expect(await stored()).toBe(before - 1);
});
const COUNT = "select count(*) as n from artifacts_files where path like 'notebooks/files/%'";

test("paths that lead elsewhere, files in the place of folders, and what is too large are refused", async () => {
  for (const path of ["../up", "/root", "a//b", "a/.hidden", "a/./b", " ", "a\\b", "x".repeat(501)])
    expect((await put(path, "x", { status: 400 })).code, path).toBe("invalid");
  await put("leaf", "x");
  expect((await put("leaf/below", "x", { status: 409 })).message).toMatch(/leaf is a file/);
  await put("branch/leaf", "x");
  expect((await put("branch", "x", { status: 409 })).message).toMatch(/is a folder/);
  expect((await put("large", "x".repeat(33 * 1024 * 1024), { status: 413 })).code).toBe("invalid");
});

test("nobody reaches the stored bytes as files of the project", async () => {
  await put("private.txt", "x");
  const { rows } = await house.db.reader.run<{ path: string }>(
    "select path from artifacts_files where path like 'notebooks/files/%'",
    [],
  );
  const stored = rows[0]?.path ?? "";
  await ask("GET", `/artifacts/content?path=${stored}`, { status: 403 });
});

test("a run is refused where there is no notebook", async () => {
  await put("text.ipynb", "not a notebook");
  await ask("POST", "/notebooks/runs", { body: { path: "text.ipynb" }, status: 400 });
  await ask("POST", "/notebooks/runs", { body: { path: "missing.ipynb" }, status: 404 });
  await put("good.ipynb", JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [] }));
  await ask("POST", "/notebooks/runs", {
    body: { path: "good.ipynb", parameters: { "1x": 1 } },
    status: 400,
  });
});

test("only a run's own job says what it has put out, and only a server's own job gets its key", async () => {
  const { text } = await ask("POST", "/notebooks/runs", {
    body: { path: "good.ipynb", parameters: { n: 1 } },
    status: 201,
  });
  const run = notebooksApi.startRun.answer.parse(JSON.parse(text));
  expect(run).toMatchObject({ state: "queued", version: 1, parameters: { n: 1 } });
  await ask("PUT", `/notebooks/runs/${run.id}/content?done=0&total=0`, { body: "{}", status: 403 });
  const started = await ask("POST", "/notebook-server", { body: {}, status: 202 });
  const server = notebooksApi.startServer.answer.parse(JSON.parse(started.text));
  await ask("GET", `/notebook-servers/${server.id}/key`, { status: 404 });
});

test("a second start is the first one, a stop ends it, and the next start is another", async () => {
  const start = async () =>
    JSON.parse((await ask("POST", "/notebook-server", { body: {}, status: 202 })).text);
  const first = await start();
  expect((await start()).id).toBe(first.id);
  expect(JSON.parse((await ask("POST", "/notebook-server/stop", { body: {} })).text).state).toBe("stopped");
  const second = await start();
  expect(second.id).not.toBe(first.id);
  await ask("POST", "/notebook-server/stop", { body: {} });
  const { items } = JSON.parse((await ask("GET", "/notebook-servers")).text);
  expect(items.slice(0, 2).map(({ id }: { id: string }) => id)).toEqual([second.id, first.id]);
});

test("the proxy's address asks for its owner, and shows who waits a page", async () => {
  const { url } = JSON.parse((await ask("GET", "/notebook-server")).text);
  const page = await house.ask("GET", url, { headers: { accept: "text/html" } });
  expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
  expect(page.text).toContain("does not run");
  expect((await house.ask("GET", `${url}/../api/status`)).status).toBe(503);
  const elses = url.replace(/user\/[^/]+/, "user/somebody");
  expect((await house.ask("GET", elses)).status).toBe(404);
  expect((await house.ask("GET", url, { token: "" })).status).toBe(401);
});

interface Tables {
  compute_jobs: {
    id: string;
    state: string;
    started_ms: number | null;
    machine: string;
    spec: string;
    cancel_asked_ms: number | null;
  };
}
const tablesOf = tables<Tables>();

/** The newest server's job as it stands when its process was started some time ago on this machine. */
async function processBegan(agoMs: number): Promise<{ id: string; socketFolder: string }> {
  const { id, jobId } = JSON.parse((await ask("GET", "/notebook-server")).text);
  const machine = readFileSync(join(house.data, "attempts/machine"), "utf8").trim();
  const begun = { state: "running", started_ms: Date.now() - agoMs, machine };
  await house.db.transaction((tx) =>
    tablesOf(tx).updateTable("compute_jobs").set(begun).where("id", "=", jobId).execute(),
  );
  const { variables } = JSON.parse((await jobRow(jobId)).spec);
  return { id, socketFolder: JSON.parse(variables.ATRIUM_NOTEBOOKS).socket_folder };
}

function jobRow(id: string): Promise<{ spec: string; cancel_asked_ms: number | null }> {
  const query = tablesOf(house.db.reader).selectFrom("compute_jobs").select(["spec", "cancel_asked_ms"]);
  return query.where("id", "=", id).executeTakeFirstOrThrow();
}

async function settle(): Promise<void> {
  await house.jobs.find(({ name }) => name === "notebooks-settle")?.run(new AbortController().signal);
}

test("a server that does not come to answer is ended, says what to do, and another can be started", async () => {
  const begin = () => ask("POST", "/notebook-server", { body: {}, status: 202 });
  await begin();
  await processBegan(9 * 60_000);
  await settle();
  expect(JSON.parse((await ask("GET", "/notebook-server")).text)).toMatchObject({ state: "starting" });
  const { id } = await processBegan(11 * 60_000);
  await settle();
  const failed = JSON.parse((await ask("GET", "/notebook-server")).text);
  expect(failed).toMatchObject({
    id,
    state: "failed",
    reason: expect.stringMatching(/10 minutes.*start it again/),
  });
  expect((await jobRow(failed.jobId)).cancel_asked_ms).not.toBeNull();
  const again = JSON.parse((await begin()).text);
  expect(again.id).not.toBe(id);
  expect(again.state).toBe("starting");
});

test("a server that has answered once is given its time, however long it does not answer later", async () => {
  const { id, socketFolder } = await processBegan(11 * 60_000);
  mkdirSync(socketFolder, { recursive: true });
  const activity = { activeMs: 0, stopsMs: null, kernels: 0, busyKernels: 0 };
  const jupyter = createServer((_request, response) => response.end(JSON.stringify(activity)));
  await once(jupyter.listen(join(socketFolder, "server.sock")), "listening");
  await settle();
  expect(JSON.parse((await ask("GET", "/notebook-server")).text)).toMatchObject({ id, state: "running" });
  jupyter.close();
  jupyter.closeAllConnections();
  rmSync(socketFolder, { recursive: true });
  await settle();
  expect(JSON.parse((await ask("GET", "/notebook-server")).text)).toMatchObject({ id, state: "starting" });
  await ask("POST", "/notebook-server/stop", { body: {} });
});
