import type { FastifyReply, FastifyRequest } from "fastify";
import type { ErrorCode } from "#lib/errors";
import { readThrown } from "#lib/thrown";
import { statusFor } from "#modules/serving";

const TOO_LARGE = "The request's body is larger than this server takes.";

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
  const error = readThrown(thrown, { request, reply }, { tooLarge: TOO_LARGE });
  if (error.code === "unauthenticated") reply.header("www-authenticate", 'Basic realm="mlflow"');
  if (error.reason === "media_type") {
    reply.code(415).type("text/plain").send(error.message);
    return;
  }
  const late = error.code === "unavailable" && error.reason === "deadline";
  const error_code = late ? "DEADLINE_EXCEEDED" : WORDS[error.code];
  const status = error.reason === "too_large" ? 413 : statusFor(error);
  reply
    .code(status)
    .type("application/json")
    .send(JSON.stringify({ error_code, message: error.message }));
}
