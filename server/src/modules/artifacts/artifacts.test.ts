import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { actorNamed, DAY_MS, openArtifacts } from "../../testing/artifacts.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const at = (path: string) => ({ projectId: "p1", path });

test("a file comes back as it went, is recorded, announced, and its reading too", async () => {
  const { put, read, told, artifacts, owner } = await openArtifacts();
  const file = await put("1/run/artifacts/notes.txt", "hello");
  expect(file).toMatchObject({ digest: sha256("hello"), sizeBytes: 5, mediaType: "text/plain" });
  expect(await read("1/run/artifacts/notes.txt")).toBe("hello");
  expect(told.map((entry) => entry.action)).toEqual([
    "event artifact.stored",
    "artifact.stored",
    "artifact.read",
  ]);
  const part = await artifacts.get(owner, at("1/run/artifacts/notes.txt"), { start: 1, end: 3 });
  expect((await buffer(part.bytes)).toString()).toBe("ell");
});

test("putting a file again replaces it", async () => {
  const { put, read } = await openArtifacts();
  await put("a.txt", "one");
  await put("a.txt", "two");
  expect(await read("a.txt")).toBe("two");
});

test("content other than announced is refused and leaves neither file nor object nor quota", async () => {
  const { artifacts, owner, objects, quota } = await openArtifacts();
  const given = { expectedDigest: sha256("right") };
  const wrong = artifacts.put(owner, at("a.txt"), Readable.from([Buffer.from("wrong")]), given);
  await expect(wrong).rejects.toMatchObject({ code: "invalid", reason: "digest" });
  await expect(artifacts.stat(owner, at("a.txt"))).rejects.toMatchObject({ code: "not_found" });
  expect(await objects()).toEqual([]);
  expect(quota.used).toBe(0);
});

test("equal content is kept and counted once", async () => {
  const { put, read, objects, quota, artifacts, owner } = await openArtifacts();
  await put("a.txt", "same");
  await put("b/c.txt", "same");
  expect(await objects()).toHaveLength(1);
  expect(quota.used).toBe(4);
  expect(await read("b/c.txt")).toBe("same");
  const usage = await artifacts.usage(owner, "p1");
  expect(usage).toMatchObject({ files: 2, fileBytes: 8, storedBytes: 4 });
});

test("a full quota refuses and nothing remains, also when the size was announced", async () => {
  const { put, quota, objects, artifacts, owner } = await openArtifacts();
  quota.maximum = 10;
  await put("a.txt", "12345678");
  await expect(put("b.txt", "12345")).rejects.toMatchObject({ code: "exhausted" });
  const announced = artifacts.put(owner, at("b.txt"), Readable.from([Buffer.from("12345")]), {
    sizeBytes: 5,
  });
  await expect(announced).rejects.toMatchObject({ code: "exhausted" });
  expect(await objects()).toHaveLength(1);
  expect(quota.used).toBe(8);
});

test("a name is a file or a folder, never both", async () => {
  const { put } = await openArtifacts();
  await put("a/b.txt", "x");
  await expect(put("a", "x")).rejects.toMatchObject({ code: "conflict" });
  await expect(put("a/b.txt/c", "x")).rejects.toMatchObject({ code: "conflict" });
});

test("a folder lists one level, page by page, with nothing twice and nothing left out", async () => {
  const { put, artifacts, owner } = await openArtifacts();
  const paths = ["a/1", "a/2", "a/b/3", "a.txt", "a-b", "b/x/y/z", "c", "d/1", "d/2", "d/3", "ä", "z0"];
  for (const path of paths) await put(path, path);
  const whole = await artifacts.list(owner, at(""), { pageSize: 100 });
  const names = whole.items.map((item) => `${item.name}${item.kind === "folder" ? "/" : ""}`);
  expect(names).toEqual(["a-b", "a.txt", "a/", "b/", "c", "d/", "z0", "ä"]);
  for (const pageSize of [1, 2, 3, 7]) {
    const seen: string[] = [];
    let pageToken: string | undefined;
    do {
      const page = await artifacts.list(owner, at(""), { pageSize, pageToken });
      expect(page.items.length).toBeLessThanOrEqual(pageSize);
      seen.push(...page.items.map((item) => item.path));
      pageToken = page.nextToken;
    } while (pageToken !== undefined);
    expect(seen).toEqual(whole.items.map((item) => item.path));
  }
  const inner = await artifacts.list(owner, at("a"), { pageSize: 100 });
  expect(inner.items.map((item) => item.path)).toEqual(["a/1", "a/2", "a/b"]);
});

test("removing a folder removes what is below it and nothing beside it", async () => {
  const { put, artifacts, owner, read } = await openArtifacts();
  for (const path of ["a/1", "a/b/2", "a.txt", "a0", "ab/1"]) await put(path, path);
  expect(await artifacts.remove(owner, at("a"))).toBe(2);
  for (const path of ["a.txt", "a0", "ab/1"]) expect(await read(path)).toBe(path);
  await expect(artifacts.remove(owner, at("a"))).rejects.toMatchObject({ code: "not_found" });
});

test("a copy shares the bytes and outlives its source", async () => {
  const { put, artifacts, owner, read, objects, collect, time } = await openArtifacts();
  await put("run/model/MLmodel", "flavors");
  await put("run/model/data/w.bin", "weights");
  expect(await artifacts.copy(owner, at("run/model"), at("models/m/1"))).toBe(2);
  expect(await objects()).toHaveLength(2);
  await artifacts.remove(owner, at("run"));
  time.nowMs += 2 * DAY_MS;
  await collect();
  expect(await read("models/m/1/data/w.bin")).toBe("weights");
  await expect(artifacts.copy(owner, at("models"), at("models/x"))).rejects.toMatchObject({
    code: "invalid",
  });
});

test("permission is asked at the owner of the path, and a stranger finds nothing", async () => {
  const { put, artifacts, asked, read } = await openArtifacts();
  const experiment = { kind: "resource", projectId: "p1", type: "experiment", id: "7" } as const;
  artifacts.registerOwner("runs", async (_projectId, path) =>
    path.startsWith("runs/7/") ? experiment : undefined,
  );
  await put("runs/7/a.txt", "x");
  expect(asked.at(-1)).toEqual({ permission: "artifact:write", place: experiment });
  await put("runs/8/a.txt", "x");
  expect(asked.at(-1)?.place).toEqual({ kind: "project", projectId: "p1" });
  await read("runs/7/a.txt");
  expect(asked.at(-1)).toEqual({ permission: "artifact:read", place: experiment });
  const stranger = artifacts.get(actorNamed("stranger"), at("runs/7/a.txt"));
  await expect(stranger).rejects.toMatchObject({ code: "not_found" });
});

test("previews show text, tables and images, and nothing that a browser would run", async () => {
  const { put, artifacts, owner } = await openArtifacts();
  const preview = async (path: string, content: string | Buffer) => {
    await put(path, content);
    return artifacts.preview(owner, at(path));
  };
  expect(await preview("a.csv", 'x,y\n1,"a ""b"", c"\n')).toMatchObject({
    kind: "csv",
    rows: [
      ["x", "y"],
      ["1", 'a "b", c'],
    ],
  });
  expect(await preview("a.json", '{"a":1}')).toMatchObject({ kind: "json", text: '{"a":1}' });
  expect(await preview("a.svg", "<svg onload=alert(1)>")).toMatchObject({ kind: "text" });
  expect((await preview("a.png", Buffer.from([0x89, 0x50]))).dataUrl).toMatch(/^data:image\/png;base64,/);
  expect(await preview("a.bin", Buffer.from([0, 1, 2]))).toMatchObject({ kind: "none" });
  expect(await preview("empty.txt", "")).toMatchObject({ kind: "text", text: "", truncated: false });
  const long = await preview("long.txt", `${"ü".repeat(200_000)}`);
  expect(long.truncated).toBe(true);
  expect(long.text).toMatch(/^ü+$/);
});

test("an upload in parts takes them in any order and again, and joins them", async () => {
  const { artifacts, owner, read, objects, collect, time } = await openArtifacts();
  const { id } = await artifacts.uploads.create(owner, at("big.bin"));
  const part = (number: number, text: string) =>
    artifacts.uploads.putPart(
      owner,
      { projectId: "p1", uploadId: id, number },
      Readable.from([Buffer.from(text)]),
    );
  await part(3, "three");
  await part(1, "wrong");
  await expect(artifacts.uploads.complete(owner, "p1", id)).rejects.toThrow("Part 2 is missing");
  await part(2, "two");
  await part(1, "one");
  const parts = (await artifacts.uploads.get(owner, "p1", id)).parts.map((one) => one.number);
  expect(parts).toEqual([1, 2, 3]);
  const bad = artifacts.uploads.complete(owner, "p1", id, { expectedDigest: sha256("other") });
  await expect(bad).rejects.toMatchObject({ code: "invalid" });
  const file = await artifacts.uploads.complete(owner, "p1", id, { expectedDigest: sha256("onetwothree") });
  expect(file.sizeBytes).toBe(11);
  expect(await read("big.bin")).toBe("onetwothree");
  await expect(artifacts.uploads.get(owner, "p1", id)).rejects.toMatchObject({ code: "not_found" });
  time.nowMs += DAY_MS;
  await collect();
  expect(await objects()).toHaveLength(1);
});

test("an upload in parts keeps its parts from collection until it expires or is given up", async () => {
  const { artifacts, owner, objects, collect, time, quota } = await openArtifacts();
  const begin = async () => {
    const { id } = await artifacts.uploads.create(owner, at("big.bin"));
    const bytes = Readable.from([Buffer.from(id)]);
    await artifacts.uploads.putPart(owner, { projectId: "p1", uploadId: id, number: 1 }, bytes);
    return id;
  };
  const first = await begin();
  await begin();
  time.nowMs += 2 * DAY_MS;
  await collect();
  expect(await objects()).toHaveLength(2);
  await artifacts.uploads.abort(owner, "p1", first);
  await collect();
  expect(await objects()).toHaveLength(1);
  time.nowMs += 6 * DAY_MS;
  await collect();
  expect(await objects()).toEqual([]);
  expect(quota.used).toBe(0);
});
