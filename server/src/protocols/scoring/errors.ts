import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError, type ErrorCode, statusOf, toAppError } from "#lib/errors";
import { statusFor } from "#modules/serving";

/** @remarks mlflow/protos/databricks.proto, enum ErrorCode. */
const WORDS: Record<ErrorCode, string> = {
  invalid: "BAD_REQUEST",
  unauthenticated: "UNAUTHENTICATED",
  forbidden: "PERMISSION_DENIED",
  not_found: "NOT_FOUND",
  conflict: "INVALID_STATE",
  exhausted: "REQUEST_LIMIT_EXCEEDED",
  unavailable: "TEMPORARILY_UNAVAILABLE",
  internal: "INTERNAL_ERROR",
};

/** The scoring server's envelope, with its statuses. */
export function sendScoringError(thrown: Error, request: FastifyRequest, reply: FastifyReply): void {
  const error = fromFramework(thrown) ?? toAppError(thrown);
  if (error.code === "internal") request.log.error({ err: thrown }, "a request failed");
  if (error.retryAfterSeconds !== undefined) reply.header("retry-after", String(error.retryAfterSeconds));
  if (error.code === "unauthenticated") reply.header("www-authenticate", 'Basic realm="mlflow"');
  if (error.reason === "media_type") {
    reply.code(415).type("text/plain").send(error.message);
    return;
  }
  const late = error.code === "unavailable" && error.reason === "deadline";
  const error_code = late ? "DEADLINE_EXCEEDED" : WORDS[error.code];
  const status =
    error.reason === "too_large"
      ? 413
      : error.code === "unavailable"
        ? statusFor(error)
        : statusOf(error.code);
  reply
    .code(status)
    .type("application/json")
    .send(JSON.stringify({ error_code, message: error.message }));
}

function fromFramework(thrown: Error & { statusCode?: number; code?: string }): AppError | undefined {
  if (thrown instanceof AppError) return undefined;
  if (thrown.code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return new AppError("invalid", "The request's body is larger than this server takes.", {
      reason: "too_large",
    });
  const status = thrown.statusCode ?? 500;
  if (status < 400 || status >= 500) return undefined;
  return new AppError("invalid", `The request cannot be read: ${thrown.message}.`, { cause: thrown });
}
