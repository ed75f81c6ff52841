import { hkdfSync } from "node:crypto";
import { promisify } from "node:util";
import { constants, zstdCompress, zstdDecompressSync } from "node:zlib";
import { seal, unseal } from "#lib/seal";

const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 3 } }; // Beyond 3, time doubles for a few percent.
const OPENED_BYTES_MAX = 16 * 1024 * 1024; // Ours are far smaller; a damaged length must not take the memory.

const compress = promisify(zstdCompress);

/** The key for telemetry under a project's or the instance's data key, which seals other things too. */
export function telemetryKey(dataKey: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", dataKey, "", "atrium telemetry 1", 32));
}

/** Compresses off the thread, then seals; `context` says what it is and whose. */
export async function pack(key: Buffer, plain: Buffer, context: string): Promise<Buffer> {
  return seal(key, await compress(plain, LEVEL), context);
}

/** For a worker thread, or for small things: it decompresses where it runs. @throws AppError `unavailable` */
export function unpack(key: Buffer, sealed: Buffer, context: string): Buffer {
  return zstdDecompressSync(unseal(key, sealed, context), { maxOutputLength: OPENED_BYTES_MAX });
}

/** What authenticates the parts of a log row: they open in their own place only. */
export function logContext(
  part: "head" | "body",
  row: { project_id: string; stream: string; first_line: number; lines: number },
): string {
  return `telemetry ${part} ${row.project_id} ${row.stream} ${row.first_line} ${row.lines}`;
}
