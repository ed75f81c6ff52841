/* Speed and memory of sealed blobs: `node bench/blobs.ts [MiB]`. Prints MB/s, CPU and how much memory rose. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { openDiskBlobs } from "../server/src/ports/blobs/disk.ts";

const MIB = 1 << 20;
const total = Number(process.argv[2] ?? 2048) * MIB;
const directory = mkdtempSync(join(process.env.BENCH_FOLDER ?? tmpdir(), "atrium-bench-"));
const blobs = await openDiskBlobs({
  directory,
  keys: { keyOf: async (project) => createHash("sha256").update(project).digest() },
});
const piece = randomBytes(64 * 1024);

function* sender(bytes: number): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += piece.length) yield piece;
}

async function measure<T>(name: string, work: () => Promise<T>): Promise<T> {
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 20);
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const result = await work();
  const seconds = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(watch);
  const rate = Math.round(total / 1e6 / seconds);
  const risen = ((most - before) / MIB).toFixed(1);
  process.stdout.write(
    `${name}: ${rate} MB/s, ${((user + system) / 1e6).toFixed(1)} CPU-s, memory +${risen} MiB\n`,
  );
  return result;
}

await blobs.put("warm", Readable.from(sender(8 * MIB)), { sizeBytesMax: total });
const stored = await measure("put   ", () =>
  blobs.put("p", Readable.from(sender(total)), { sizeBytesMax: total }),
);
await measure("get   ", async () => {
  for await (const _ of await blobs.get("p", stored.id));
});
await measure("verify", () => blobs.verify("p", stored.id, stored.digest));
rmSync(directory, { recursive: true });
