import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatasets } from "./testing.ts";

const HUGE = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f]); // As Thrift's compact protocol writes a great number.
const TAIL_BYTES = 8; // The footer's length, and the mark.
const PLACES = 4;
const TRIES = 7; // One more than the worker makes of a file that ends its engine.

let here: Awaited<ReturnType<typeof openDatasets>>;
beforeEach(async () => {
  here = await openDatasets();
  await here.create("people");
});
afterEach(() => here.close());

async function someParquet(): Promise<Buffer> {
  const text = Array.from({ length: 500 }, (_, i) => `{"name":"n${i}","age":${i}}\n`).join("");
  const digest = createHash("sha256").update(text).digest("hex");
  const file = { digest, sizeBytes: text.length, open: async () => Readable.from([text]) };
  const tables = { given: { format: "json" as const, files: [file] } };
  const { bytes } = await here.engine.export({ tables, sql: "select * from given" });
  return buffer(bytes);
}

/** Uploads it and lets the worker come back as often as it would. */
async function lookedAt(bytes: Buffer) {
  const { version } = await here.upload("people", bytes, "parquet");
  const at = { ...here.at("people"), version };
  for (let i = 0; i < TRIES; i += 1) {
    await here.prepare();
    const now = await here.versions.get(here.owner, at);
    if (now.state !== "pending") return now;
    here.time.nowMs += 3_600_000;
  }
  throw new Error("It is pending for ever.");
}

test("a Parquet file whose numbers are made huge, wherever they stand, fails in words and shows nothing", {
  timeout: 120_000, // Each of five files gets an engine of its own, some of them more than once.
}, async () => {
  const good = await someParquet();
  const footerBytes = good.readUInt32LE(good.length - TAIL_BYTES);
  const footerAt = good.length - TAIL_BYTES - footerBytes;
  const ends: string[] = [];
  const check = async (bytes: Buffer) => {
    const version = await lookedAt(bytes);
    ends.push(version.state);
    if (version.state === "ready") return; // The number was of something that nobody needs.
    expect(version).toMatchObject({ state: "failed", reason: expect.stringMatching(/\w{3}/) });
    expect(version.reason).not.toContain("/proc");
    const at = { ...here.at("people"), version: version.version };
    const read = here.versions.rows(here.owner, at, { offset: 0, limit: 1 });
    await expect(read).rejects.toMatchObject({ code: "conflict", reason: "failed" });
  };
  const long = Buffer.from(good);
  long.writeUInt32LE(0x7fff_ffff, good.length - TAIL_BYTES);
  await check(long);
  for (let place = 0; place < PLACES; place += 1) {
    const bytes = Buffer.from(good);
    // The first page's own header, then places all over the footer.
    const at = place === 0 ? 5 : footerAt + Math.floor((footerBytes * place) / PLACES) - HUGE.length;
    HUGE.copy(bytes, at);
    await check(bytes);
  }
  expect(ends.filter((end) => end === "failed").length).toBeGreaterThan(2);
  const fine = await lookedAt(good);
  expect(fine).toMatchObject({ state: "ready", rowCount: 500 });
});
