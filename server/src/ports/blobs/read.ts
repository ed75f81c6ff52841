import { type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
import { AppError } from "#lib/errors";
import type { ByteRange } from "./blobs.ts";
import {
  CHUNK_BYTES,
  type Chunks,
  HEADER_BYTES,
  type ObjectName,
  openEnvelope,
  SEALED_CHUNK_BYTES,
  sizesOf,
} from "./envelope.ts";

/** Opens a sealed file and checks its header. @throws AppError `not_found`, `unavailable` (damaged) */
export async function openObject(path: string, key: Buffer, name: ObjectName) {
  const file = await open(path, "r").catch((cause: unknown) => {
    const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    if (!missing) throw cause;
    throw new AppError("not_found", "The content is gone.", { cause, reason: "missing" });
  });
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await file.read(header, 0, HEADER_BYTES, 0);
    const sizes = sizesOf((await file.stat()).size);
    if (sizes === undefined || bytesRead !== HEADER_BYTES) throw damaged(new Error("cut short"));
    const chunks = openHeader(key, name, header);
    return {
      sizeBytes: sizes.plainBytes,
      stream: async (range: ByteRange | undefined) => {
        const start = range?.start ?? 0;
        const end = Math.min(range?.end ?? sizes.plainBytes - 1, sizes.plainBytes - 1);
        if (range === undefined || (start >= 0 && start <= end)) {
          const sealed = Buffer.allocUnsafe(SEALED_CHUNK_BYTES);
          return streamOf({ file, chunks, sealed, count: sizes.chunks, start, end });
        }
        await file.close();
        throw new AppError("invalid", `The range lies outside the content's ${sizes.plainBytes} bytes.`, {
          reason: "range",
        });
      },
    };
  } catch (thrown) {
    await file.close();
    throw thrown;
  }
}

interface Span {
  file: FileHandle;
  chunks: Chunks;
  /** Reused for every chunk: one is read at a time. */
  sealed: Buffer;
  /** How many chunks the file has. */
  count: number;
  start: number;
  end: number;
}

function streamOf(span: Span): Readable {
  let index = Math.floor(span.start / CHUNK_BYTES);
  // An empty object still has its one chunk, and its tag is checked like any other.
  const lastIndex = Math.max(0, Math.floor(span.end / CHUNK_BYTES));
  return new Readable({
    highWaterMark: CHUNK_BYTES,
    read() {
      if (index > lastIndex) {
        this.push(null);
        return;
      }
      const at = index;
      index += 1;
      readChunk(span, at).then(
        (plain) => {
          const cut = plain.subarray(
            Math.max(0, span.start - at * CHUNK_BYTES),
            span.end + 1 - at * CHUNK_BYTES,
          );
          this.push(cut.length > 0 ? cut : null);
        },
        (thrown: unknown) => this.destroy(thrown instanceof Error ? thrown : new Error(String(thrown))),
      );
    },
    destroy(thrown, done) {
      span.file.close().then(
        () => done(thrown),
        (failed: Error) => done(thrown ?? failed),
      );
    },
  });
}

async function readChunk(span: Span, index: number): Promise<Buffer> {
  const sealed = Buffer.allocUnsafe(SEALED_CHUNK_BYTES);
  const { bytesRead } = await span.file.read(
    sealed,
    0,
    SEALED_CHUNK_BYTES,
    HEADER_BYTES + index * SEALED_CHUNK_BYTES,
  );
  try {
    return span.chunks.open(index, index === span.count - 1, sealed.subarray(0, bytesRead));
  } catch (cause) {
    throw damaged(cause);
  }
}

function openHeader(key: Buffer, name: ObjectName, header: Buffer): Chunks {
  try {
    return openEnvelope(key, name, header);
  } catch (cause) {
    throw damaged(cause);
  }
}

function damaged(cause: unknown): AppError {
  return new AppError(
    "unavailable",
    "The stored content is damaged; restore it from a backup or upload it again.",
    {
      cause,
      reason: "damaged",
    },
  );
}
