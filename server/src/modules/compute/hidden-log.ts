import { Readable } from "node:stream";
import type { Executor } from "#ports/executor";

const PIECE_BYTES = 256 * 1024;
const LOG_BYTES_MAX = 64 * 1024 * 1024 + 4096; // As the executor bounds it; the kernel may let a little more through.

/** An attempt's words without its secrets, to be stored. Pieces end where lines end, so that no secret is cut in two. */
export function hiddenLog(executor: Executor, executorId: string, hide: (text: string) => string): Readable {
  return Readable.from(pieces(executor, executorId, hide), { objectMode: false });
}

async function* pieces(
  executor: Executor,
  executorId: string,
  hide: (text: string) => string,
): AsyncIterable<Buffer> {
  let rest = Buffer.alloc(0);
  for (let at = 0; at < LOG_BYTES_MAX; ) {
    const piece = await executor.output(executorId, at, PIECE_BYTES);
    if (piece.length === 0) break;
    at += piece.length;
    const all = Buffer.concat([rest, piece]);
    const end = all.length > 4 * PIECE_BYTES ? all.length : all.lastIndexOf(10) + 1;
    if (end > 0) yield Buffer.from(hide(all.subarray(0, end).toString()));
    rest = all.subarray(end);
  }
  if (rest.length > 0) yield Buffer.from(hide(rest.toString()));
}
