import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLmdbOnlineStore } from "./lmdb.ts";
import { onlineStoreContract } from "./online-store.contract.ts";
import type { OnlineStore } from "./online-store.ts";

const TABLE = { projectId: "p1", tableId: "view-1" };
const WRITER = join(import.meta.dirname, "../../testing/online-writer.ts");
let directory: string;
let opened: OnlineStore[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "atrium-online-"));
  opened = [];
});
afterEach(async () => {
  for (const store of opened) await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const keys = { keyOf: async (projectId: string) => createHash("sha256").update(projectId).digest() };
function openHere(): OnlineStore {
  const store = openLmdbOnlineStore({ directory, keys });
  opened.push(store);
  return store;
}

onlineStoreContract(async () => openHere());

test("what was acknowledged outlives a kill, and nothing of it is readable in the file", {
  timeout: 30_000, // Another program is started, on a machine that may be busy.
}, async () => {
  const writer = fork(WRITER);
  let last = -1;
  const ended = exit(writer);
  writer.on("message", (i) => {
    last = Number(i);
    if (last === 40) writer.kill("SIGKILL");
  });
  writer.send({ directory });
  await ended;
  expect(last).toBeGreaterThanOrEqual(40);
  const store = openHere();
  const names = Array.from({ length: last + 1 }, (_, i) => `k${i}`);
  expect((await store.get(TABLE, names)).map((row) => row?.eventMs)).toEqual(names.map((_, i) => i));
  for (const file of readdirSync(directory)) {
    const bytes = readFileSync(join(directory, file));
    expect(bytes.includes("plain-words")).toBe(false);
    expect(bytes.includes("view-1")).toBe(false);
  }
  await store.put(TABLE, [{ key: "k0", eventMs: 1e9, createdMs: 0, values: ["on"] }]);
  expect((await store.get(TABLE, ["k0"]))[0]?.values).toEqual(["on"]);
});

test("several processes write at once: each reads what the others wrote, and the newest row wins", {
  timeout: 30_000,
}, async () => {
  const store = openHere();
  const order = (offset: number) =>
    Array.from({ length: 60 }, (_, i) => ({ key: `k${i % 10}`, eventMs: i * 3 + offset }));
  const writers = [1, 2].map((offset) => {
    const writer = fork(WRITER);
    writer.send({ directory, rows: order(offset) });
    return exit(writer);
  });
  for (const { key, eventMs } of order(0))
    await store.put(TABLE, [{ key, eventMs, createdMs: 0, values: ["here"] }]);
  expect(await Promise.all(writers)).toEqual([0, 0]);
  const names = Array.from({ length: 10 }, (_, i) => `k${i}`);
  const expected = names.map((_, i) => (50 + i) * 3 + 2);
  expect((await store.get(TABLE, names)).map((row) => row?.eventMs)).toEqual(expected);
});

test("another key opens nothing: reads say so and no value is made up", async () => {
  await openHere().put(TABLE, [{ key: "a", eventMs: 1, createdMs: 1, values: [1] }]);
  await opened[0]?.close();
  const other = { keyOf: async () => Buffer.alloc(32, 9) };
  const store = openLmdbOnlineStore({ directory, keys: other });
  opened.push(store);
  expect(await store.get(TABLE, ["a"])).toEqual([undefined]);
});

test("a copy taken under writing holds all that was acknowledged before, each row whole", async () => {
  const store = openHere();
  const rows = (round: number) =>
    Array.from({ length: 50 }, (_, i) => ({
      key: `k${i}`,
      eventMs: round,
      createdMs: 0,
      values: [round, round],
    }));
  await store.put(TABLE, rows(1));
  let copying = true;
  const writing = (async () => {
    for (let round = 2; copying; round += 1) await store.put(TABLE, rows(round));
  })();
  const copy = mkdtempSync(join(tmpdir(), "atrium-online-copy-"));
  await store.copyTo(copy);
  copying = false;
  await writing;
  const again = openLmdbOnlineStore({ directory: copy, keys });
  opened.push(again);
  const found = await again.get(
    TABLE,
    rows(1).map(({ key }) => key),
  );
  expect(found.filter((row) => row === undefined)).toEqual([]);
  for (const row of found) expect(row?.values).toEqual([row?.eventMs, row?.eventMs]);
});

test("a closed store refuses with a word of why", async () => {
  const store = openHere();
  await store.close();
  await expect(store.put(TABLE, [{ key: "a", eventMs: 1, createdMs: 1, values: [] }])).rejects.toMatchObject({
    code: "unavailable",
  });
  await expect(store.get(TABLE, ["a"])).rejects.toMatchObject({ code: "unavailable" });
});

function exit(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once("exit", (code) => resolve(code)));
}
