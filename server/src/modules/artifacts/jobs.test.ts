import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { DAY_MS, openArtifacts } from "../../testing/artifacts.ts";

const at = (path: string) => ({ projectId: "p1", path });
const LIMITS = { sizeBytesMax: 1000 };

test("collection removes what nothing names, after its time of grace, and gives the quota back", async () => {
  const { put, artifacts, owner, objects, collect, time, quota, read } = await openArtifacts();
  await put("gone.txt", "gone");
  await put("kept.txt", "kept");
  await artifacts.remove(owner, at("gone.txt"));
  await collect();
  expect(await objects()).toHaveLength(2);
  time.nowMs += 2 * 3600 * 1000;
  await collect();
  expect(await objects()).toHaveLength(1);
  expect(quota.used).toBe(4);
  expect(await read("kept.txt")).toBe("kept");
});

test("content that is put again while it is being collected is never lost", async () => {
  const { put, artifacts, owner, collect, time, read, objects } = await openArtifacts();
  for (let round = 0; round < 40; round += 1) {
    await put("a.txt", "the same content");
    await artifacts.remove(owner, at("a.txt"));
    time.nowMs += DAY_MS;
    // Both at once, in either order of arrival: the put may find the content, find it given up, or find it gone. With a
    // clock that is days ahead of the disk's even a fresh object can look abandoned; then the sender is told to send again.
    const again = () =>
      put("b.txt", "the same content").catch((thrown) => {
        expect(thrown).toMatchObject({ code: "unavailable" });
        return put("b.txt", "the same content");
      });
    const [first, second] = round % 2 === 0 ? [collect, again] : [again, collect];
    await Promise.all([first(), second()]);
    expect(await read("b.txt")).toBe("the same content");
    await collect();
    expect(await read("b.txt")).toBe("the same content");
    expect(await objects()).toHaveLength(1);
    await artifacts.remove(owner, at("b.txt"));
  }
});

test("an object whose transaction never came is removed once it is old; a fresh one is left alone", async () => {
  const { blobs, directory, collect, objects, put, read } = await openArtifacts();
  await put("kept.txt", "kept");
  const old = await blobs.put("p1", Readable.from([Buffer.from("old")]), LIMITS);
  const fresh = await blobs.put("p1", Readable.from([Buffer.from("fresh")]), LIMITS);
  const longAgo = new Date(Date.now() - 2 * DAY_MS);
  for (const id of await objects())
    if (id !== fresh.id) utimesSync(join(directory, "p1", id.slice(0, 2), id), longAgo, longAgo);
  await collect();
  const left = await objects();
  expect(left).not.toContain(old.id);
  expect(left).toContain(fresh.id);
  expect(await read("kept.txt")).toBe("kept");
});

test("the scrub marks and announces damage, deletes nothing, and sending the content again heals it", async () => {
  const { put, artifacts, owner, objects, directory, scrub, time, told, read } = await openArtifacts();
  await put("whole.txt", "whole");
  const [wholeId] = await objects();
  const { digest } = await put("a.txt", "precious");
  const id = (await objects()).find((one) => one !== wholeId) ?? "";
  const file = join(directory, "p1", id.slice(0, 2), id);
  const sealed = readFileSync(file);
  sealed[sealed.length - 1] = (sealed[sealed.length - 1] ?? 0) ^ 1;
  writeFileSync(file, sealed);

  time.nowMs += 31 * DAY_MS;
  await scrub();
  const report = await artifacts.scrub(owner, "p1");
  expect(report.damaged).toEqual([{ digest, sizeBytes: 8, damagedMs: time.nowMs }]);
  expect(told).toContainEqual({ action: "event artifact.damaged", id: digest });
  expect(await objects()).toContain(id);
  await expect(read("a.txt")).rejects.toMatchObject({ code: "unavailable" });
  expect(await read("whole.txt")).toBe("whole");

  await put("copy.txt", "precious");
  expect(await read("a.txt")).toBe("precious");
  expect((await artifacts.scrub(owner, "p1")).damaged).toEqual([]);
});
