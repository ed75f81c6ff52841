import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { Blobs } from "./blobs.ts";

const LIMITS = { sizeBytesMax: 64 * 1024 * 1024 };
const CHUNK = 64 * 1024;

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** What every engine of the blobs port must do; `open` gives a fresh, empty one with keys for any project. */
export function blobsContract(open: () => Promise<Blobs>): void {
  test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 1_000_003])(
    "%d bytes come back as they went",
    async (size) => {
      const blobs = await open();
      const bytes = randomBytes(size);
      const stored = await blobs.put("p1", Readable.from([bytes]), LIMITS);
      expect(stored).toMatchObject({ digest: sha256(bytes), sizeBytes: size });
      expect(await blobs.stat("p1", stored.id)).toEqual({ sizeBytes: size });
      expect((await buffer(await blobs.get("p1", stored.id))).equals(bytes)).toBe(true);
      expect(await blobs.verify("p1", stored.id, stored.digest)).toBe(true);
    },
  );

  test("pieces of any size add up to the same content", async () => {
    const blobs = await open();
    const bytes = randomBytes(300_001);
    const pieces = [1, 70_000, 0, 65_536, 164_464].map((length, i, all) => {
      const from = all.slice(0, i).reduce((sum, n) => sum + n, 0);
      return bytes.subarray(from, from + length);
    });
    const stored = await blobs.put("p1", Readable.from(pieces), LIMITS);
    expect(stored.digest).toBe(sha256(bytes));
    expect((await buffer(await blobs.get("p1", stored.id))).equals(bytes)).toBe(true);
  });

  test.each([
    [0, 0],
    [0, CHUNK - 1],
    [CHUNK - 1, CHUNK],
    [CHUNK, 2 * CHUNK - 1],
    [5, 199_999],
    [199_999, 999_999],
  ])("the range %d to %d is exactly those bytes", async (start, end) => {
    const blobs = await open();
    const bytes = randomBytes(200_000);
    const { id } = await blobs.put("p1", Readable.from([bytes]), LIMITS);
    const part = await buffer(await blobs.get("p1", id, { start, end }));
    expect(part.equals(bytes.subarray(start, end + 1))).toBe(true);
  });

  test("a range beyond the end is refused", async () => {
    const blobs = await open();
    const { id } = await blobs.put("p1", Readable.from([Buffer.from("abc")]), LIMITS);
    await expect(blobs.get("p1", id, { start: 3, end: 9 })).rejects.toMatchObject({ code: "invalid" });
  });

  test("content that is too large or not what was announced is refused and leaves nothing", async () => {
    const blobs = await open();
    const large = blobs.put("p1", Readable.from([Buffer.alloc(101)]), { sizeBytesMax: 100 });
    await expect(large).rejects.toMatchObject({ code: "invalid", reason: "too_large" });
    const other = blobs.put("p1", Readable.from([Buffer.alloc(9)]), {
      ...LIMITS,
      expectedDigest: "0".repeat(64),
    });
    await expect(other).rejects.toMatchObject({ code: "invalid", reason: "digest" });
    expect(await allOf(blobs.list("p1"))).toEqual([]);
  });

  test("a sender that goes away in the middle leaves nothing", async () => {
    const blobs = await open();
    const sender = Readable.from(
      (function* () {
        yield Buffer.alloc(100_000);
        throw new Error("connection reset");
      })(),
    );
    await expect(blobs.put("p1", sender, LIMITS)).rejects.toMatchObject({
      code: "invalid",
      reason: "cut_off",
    });
    expect(await allOf(blobs.list("p1"))).toEqual([]);
  });

  test("equal content twice is two objects, and removing one leaves the other", async () => {
    const blobs = await open();
    const first = await blobs.put("p1", Readable.from([Buffer.from("same")]), LIMITS);
    const second = await blobs.put("p1", Readable.from([Buffer.from("same")]), LIMITS);
    expect(first.digest).toBe(second.digest);
    await blobs.remove("p1", first.id);
    await blobs.remove("p1", first.id);
    expect(await blobs.stat("p1", first.id)).toBeUndefined();
    await expect(blobs.get("p1", first.id)).rejects.toMatchObject({ code: "not_found" });
    expect((await allOf(blobs.list("p1"))).map((object) => object.id)).toEqual([second.id]);
    expect((await buffer(await blobs.get("p1", second.id))).toString()).toBe("same");
  });

  test("an object of one project does not exist in another", async () => {
    const blobs = await open();
    const { id } = await blobs.put("p1", Readable.from([Buffer.from("secret")]), LIMITS);
    await expect(blobs.get("p2", id)).rejects.toMatchObject({ code: "not_found" });
    expect(await blobs.stat("p2", id)).toBeUndefined();
    expect(await allOf(blobs.list("p2"))).toEqual([]);
  });

  test("verifying finds a missing object and another digest", async () => {
    const blobs = await open();
    const { id, digest } = await blobs.put("p1", Readable.from([Buffer.from("x")]), LIMITS);
    expect(await blobs.verify("p1", id, "0".repeat(64))).toBe(false);
    expect(await blobs.verify("p1", "0".repeat(32), digest)).toBe(false);
  });

  test("ids that are not ours name nothing, whatever they try", async () => {
    const blobs = await open();
    for (const id of ["../../etc/passwd", "..", "", "a/b", "a\0b", "A".repeat(32)]) {
      await expect(blobs.get("p1", id)).rejects.toMatchObject({ code: "not_found" });
      await expect(blobs.get(id, "00")).rejects.toMatchObject({ code: "not_found" });
    }
  });
}

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
