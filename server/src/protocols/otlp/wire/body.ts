import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { FastifyRequest } from "fastify";
import { AppError } from "#lib/errors";
import type { Encoding } from "./answer.ts";
import { decodeJson } from "./json.ts";
import type { Message } from "./message.ts";
import { decodeProto } from "./proto.ts";

/** Senders batch some hundred records, collectors some thousand: a few MiB. Also what a compressed body may become. */
export const BODY_BYTES_MAX = 16 * 1024 * 1024;
// JSON is parsed in one go: so much holds the loop for some 40 ms, where protobuf is decoded a record at a time.
const JSON_BYTES_MAX = 4 * 1024 * 1024;

const unzip = promisify(gunzip);

/** By its content type; undefined when it is none of ours. */
export function encodingOf({ headers }: Pick<FastifyRequest, "headers">): Encoding | undefined {
  const type = headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (type === "application/x-protobuf") return "protobuf";
  return type === "application/json" ? "json" : undefined;
}

/** Reads a request's message. @throws AppError `invalid`, with reason `too_large` or `media_type` where that is it */
export async function readBody<T>(request: FastifyRequest, of: Message<T>, encoding: Encoding): Promise<T> {
  const body = await unpacked(request);
  if (encoding === "protobuf") return decodeProto(of, body);
  if (body.byteLength > JSON_BYTES_MAX) throw tooLarge(JSON_BYTES_MAX);
  let json: unknown;
  try {
    json = JSON.parse(body.toString("utf8"));
  } catch (cause) {
    throw new AppError("invalid", "The body is no JSON.", { at: "body", cause });
  }
  return decodeJson(of, json);
}

async function unpacked({ headers, body }: FastifyRequest): Promise<Buffer> {
  const given = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const encoding = headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity" || encoding === "") return given;
  if (encoding !== "gzip")
    throw new AppError(
      "invalid",
      `Content-Encoding may be gzip or identity, and not ${encoding.slice(0, 50)}.`,
      {
        at: "content-encoding",
        reason: "media_type",
      },
    );
  try {
    return await unzip(given, { maxOutputLength: BODY_BYTES_MAX });
  } catch (cause) {
    if ((cause as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(BODY_BYTES_MAX);
    throw new AppError("invalid", "The body is not what gzip makes.", { at: "body", cause });
  }
}

function tooLarge(bytes: number): AppError {
  return new AppError("invalid", `The body is larger than ${bytes} bytes; send smaller batches.`, {
    at: "body",
    reason: "too_large",
  });
}
