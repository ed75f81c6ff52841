import type { FastifyReply, FastifyRequest } from "fastify";
import { type AppError, type ErrorCode, statusOf } from "#lib/errors";
import { readThrown } from "#lib/thrown";
import { encodeStatus, MEDIA_TYPE } from "./wire/answer.ts";
import { encodingOf } from "./wire/body.ts";

const TOO_LARGE = "The body is larger than this server takes; send smaller batches.";

/** @remarks Wire format: google/rpc/code.proto. */
const CODES: Record<ErrorCode, number> = {
  invalid: 3,
  unauthenticated: 16,
  forbidden: 7,
  not_found: 5,
  conflict: 9,
  exhausted: 8,
  unavailable: 14,
  internal: 13,
};
const STATUSES: Record<string, number> = { too_large: 413, media_type: 415 };

/** Whatever a route or the gate before it threw as google.rpc.Status, in the encoding of the request. */
export function sendStatus(thrown: Error, request: FastifyRequest, reply: FastifyReply): void {
  const error = readThrown(thrown, { request, reply }, { tooLarge: TOO_LARGE });
  if (error.code === "unauthenticated") reply.header("www-authenticate", 'Bearer realm="atrium"');
  const encoding = encodingOf(request) ?? "json";
  const { code, message } = error;
  reply
    .code(httpStatus(error))
    .type(MEDIA_TYPE[encoding])
    .send(encodeStatus(encoding, { code: CODES[code], message }));
}

/** Senders try again after 429, 502, 503 and 504: a full quota stays full, so it gets none of these. */
function httpStatus({ code, reason, retryAfterSeconds }: AppError): number {
  const special = STATUSES[reason ?? ""];
  if (special !== undefined) return special;
  return code === "exhausted" && retryAfterSeconds === undefined ? 400 : statusOf(code);
}
