import { AppError } from "#lib/errors";
import type { ByteRange } from "#ports/blobs";

/**
 * Reads one `Range: bytes=…` header, both ends inclusive. Several ranges, or another unit, are answered with the whole
 * file, as RFC 9110 allows. @throws AppError `invalid` with reason `range` when it lies beyond the end
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "");
  const [first = "", last = ""] = match?.slice(1) ?? [];
  if (match === null || (first === "" && last === "")) return undefined;
  const start = first === "" ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (first !== "" && last !== "" && Number(last) < start) return undefined;
  if (start >= sizeBytes || start > end) {
    throw new AppError("invalid", `The range lies beyond the file's ${sizeBytes} bytes.`, {
      reason: "range",
      at: "range",
    });
  }
  return { start, end };
}
