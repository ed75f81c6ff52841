import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { AppError } from "#lib/errors";

export const BODY_BYTES_MAX = 128 * 1024 * 1024; // Sixteen million single-precision numbers; more goes in batches.

const NOTHING = Buffer.alloc(0);
const UNPACK = { gzip: promisify(gunzip), deflate: promisify(inflate) };

/** A request's JSON and the raw tensors that follow it. */
export interface SplitBody {
  json: Buffer;
  binary: Buffer;
  /** The body is the bytes of the only input and nothing else. */
  raw: boolean;
}

/**
 * Unpacks a body and splits it where its header says.
 * @throws AppError `invalid`, with reason `too_large` or `encoding`
 * @remarks triton-inference-server: protocol/extension_binary_data.md. The length counts unpacked bytes; clients of the
 *   protocol send any content type or none, so that header alone decides.
 */
export async function splitBody(
  body: Buffer,
  headers: Record<string, string | string[] | undefined>,
): Promise<SplitBody> {
  const encoding = headers["content-encoding"];
  const bytes = encoding === undefined ? body : await unpack(body, encoding);
  const said = headers["inference-header-content-length"];
  if (said === undefined) return { json: bytes, binary: NOTHING, raw: false };
  const length = typeof said === "string" && /^\d{1,15}$/.test(said) ? Number(said) : Number.NaN;
  if (!(length <= bytes.length)) {
    throw new AppError(
      "invalid",
      `Inference-Header-Content-Length is ${String(said).slice(0, 40)}; the body has ${bytes.length} bytes.`,
    );
  }
  return { json: bytes.subarray(0, length), binary: bytes.subarray(length), raw: length === 0 };
}

async function unpack(body: Buffer, encoding: string | string[]): Promise<Buffer> {
  if (encoding === "" || encoding === "identity") return body;
  const open = encoding === "gzip" || encoding === "deflate" ? UNPACK[encoding] : undefined;
  if (open === undefined)
    throw new AppError("invalid", "Unsupported Content-Encoding; send gzip, deflate or none.", {
      reason: "encoding",
    });
  try {
    return await open(body, { maxOutputLength: BODY_BYTES_MAX });
  } catch (cause) {
    const tooLarge = cause instanceof RangeError;
    throw new AppError(
      "invalid",
      tooLarge ? "The unpacked body is larger than this server takes." : `The body is no ${encoding}.`,
      { cause, ...(tooLarge ? { reason: "too_large" } : {}) },
    );
  }
}
