import { createHash, randomBytes } from "node:crypto";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { blobsContract } from "./blobs.contract.ts";
import { openDiskBlobs } from "./disk.ts";
import { HEADER_BYTES, SEALED_CHUNK_BYTES } from "./envelope.ts";

const LIMITS = { sizeBytesMax: 64 * 1024 * 1024 };
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "atrium-blobs-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const keys = { keyOf: async (projectId: string) => createHash("sha256").update(projectId).digest() };
const open = () => openDiskBlobs({ directory, keys });

blobsContract(open);

function fileOf(id: string, project = "p1"): string {
  return join(directory, project, id.slice(0, 2), id);
}

describe("a changed file fails closed", () => {
  const changes: [string, (sealed: Buffer) => Buffer][] = [
    ["one bit of the last chunk", (sealed) => flip(sealed, sealed.length - 20)],
    ["one bit of the first chunk", (sealed) => flip(sealed, HEADER_BYTES)],
    ["one bit of a tag", (sealed) => flip(sealed, HEADER_BYTES + SEALED_CHUNK_BYTES - 1)],
    ["cut by one byte", (sealed) => sealed.subarray(0, -1)],
    ["cut after a whole chunk", (sealed) => sealed.subarray(0, HEADER_BYTES + 2 * SEALED_CHUNK_BYTES)],
    ["cut to its header", (sealed) => sealed.subarray(0, HEADER_BYTES)],
    ["emptied", () => Buffer.alloc(0)],
    ["a byte added", (sealed) => Buffer.concat([sealed, Buffer.alloc(1)])],
    ["a chunk sent twice", (sealed) => Buffer.concat([sealed, sealed.subarray(-SEALED_CHUNK_BYTES)])],
    [
      "two chunks exchanged",
      (sealed) => {
        const [a, b] = [HEADER_BYTES, HEADER_BYTES + SEALED_CHUNK_BYTES];
        const end = b + SEALED_CHUNK_BYTES;
        return Buffer.concat([
          sealed.subarray(0, a),
          sealed.subarray(b, end),
          sealed.subarray(a, b),
          sealed.subarray(end),
        ]);
      },
    ],
  ];
  test.each(changes)("%s", async (_name, change) => {
    const blobs = await open();
    const { id, digest } = await blobs.put("p1", Readable.from([randomBytes(3 * 65_536)]), LIMITS);
    writeFileSync(fileOf(id), change(readFileSync(fileOf(id))));
    const read = async () => buffer(await blobs.get("p1", id));
    await expect(read()).rejects.toMatchObject({ code: "unavailable" });
    expect(await blobs.verify("p1", id, digest)).toBe(false);
  });

  test("every single byte of the header", async () => {
    const blobs = await open();
    const { id } = await blobs.put("p1", Readable.from([Buffer.from("content")]), LIMITS);
    const sealed = readFileSync(fileOf(id));
    for (let at = 0; at < HEADER_BYTES; at += 1) {
      writeFileSync(fileOf(id), flip(sealed, at));
      const read = async () => buffer(await blobs.get("p1", id));
      await expect(read(), `byte ${at}`).rejects.toMatchObject({ code: "unavailable" });
    }
  });

  test("an object under another's name, or in another project", async () => {
    const blobs = await open();
    const one = await blobs.put("p1", Readable.from([Buffer.from("one")]), LIMITS);
    const two = await blobs.put("p1", Readable.from([Buffer.from("two")]), LIMITS);
    copyFileSync(fileOf(one.id), fileOf(two.id));
    await expect(blobs.get("p1", two.id)).rejects.toMatchObject({ code: "unavailable" });
    mkdirSync(join(directory, "p2", one.id.slice(0, 2)), { recursive: true });
    copyFileSync(fileOf(one.id), fileOf(one.id, "p2"));
    await expect(blobs.get("p2", one.id)).rejects.toMatchObject({ code: "unavailable" });
  });
});

test("equal contents look different on disk, and neither names nor bytes tell what they are", async () => {
  const blobs = await open();
  const content = Buffer.from("a well known sentence ".repeat(10));
  const a = await blobs.put("p1", Readable.from([content]), LIMITS);
  const b = await blobs.put("p1", Readable.from([content]), LIMITS);
  const [sealedA, sealedB] = [readFileSync(fileOf(a.id)), readFileSync(fileOf(b.id))];
  expect(sealedA.includes("well known")).toBe(false);
  expect(sealedA.subarray(HEADER_BYTES).equals(sealedB.subarray(HEADER_BYTES))).toBe(false);
  expect(readdirSync(directory, { recursive: true }).join()).not.toContain(a.digest.slice(0, 16));
});

test("what a crash left half-written is swept at the next start", async () => {
  await open();
  writeFileSync(join(directory, "tmp", "half"), "x");
  await open();
  expect(readdirSync(join(directory, "tmp"))).toEqual([]);
});

test("an upload's size does not show in memory", async () => {
  const blobs = await open();
  const piece = randomBytes(64 * 1024);
  let most = 0;
  const sender = (pieces: number) =>
    Readable.from(
      (function* () {
        for (let i = 0; i < pieces; i += 1) {
          if (i % 100 === 0) most = Math.max(most, process.memoryUsage().rss);
          yield piece;
        }
      })(),
    );
  const limits = { sizeBytesMax: 1 << 30 };
  await blobs.put("p1", sender(200), limits);
  most = 0;
  const before = process.memoryUsage().rss;
  await blobs.put("p1", sender(4000), limits);
  expect(most).toBeGreaterThan(0);
  expect(most - before).toBeLessThan(50 * 1024 * 1024);
}, 30_000);

function flip(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}
