import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError, toAppError } from "#lib/errors";

interface Words {
  /** Said of a body above the route's limit, as an error with reason `too_large`; else it is a request like any that cannot be read. */
  tooLarge?: string;
  /** Where our own API says the fault lies. */
  at?: string;
}

/**
 * What a route, the gate or the framework before it threw, as an error that may be shown; the envelope is the protocol's
 * business. A bug of ours is logged, and the pause that an error asks for stands in the reply's header.
 */
export function readThrown(
  thrown: Error,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  words: Words = {},
): AppError {
  const error = fromFramework(thrown, words) ?? toAppError(thrown);
  if (error.code === "internal") request.log.error({ err: thrown }, "a request failed");
  if (error.retryAfterSeconds !== undefined) reply.header("retry-after", String(error.retryAfterSeconds));
  return error;
}

/** The framework's own refusals; everything else that is not an AppError is a bug. */
function fromFramework(
  thrown: Error & { statusCode?: number; code?: string },
  { tooLarge, at }: Words,
): AppError | undefined {
  if (thrown instanceof AppError) return undefined;
  const place = at === undefined ? {} : { at };
  if (thrown.code === "FST_ERR_CTP_BODY_TOO_LARGE" && tooLarge !== undefined)
    return new AppError("invalid", tooLarge, { ...place, reason: "too_large" });
  const status = thrown.statusCode ?? 500;
  if (status < 400 || status >= 500) return undefined;
  return new AppError("invalid", `The request cannot be read: ${thrown.message}.`, {
    ...place,
    cause: thrown,
  });
}
