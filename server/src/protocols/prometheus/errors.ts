import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError, type ErrorCode, statusOf, toAppError } from "#lib/errors";
import { PromError } from "./promql/fault.ts";

/** @remarks prometheus.io/docs/prometheus/latest/querying/api, "Format overview"; prometheus/web/api/v1/api.go for the words. */
const TYPES: Record<ErrorCode, string> = {
  invalid: "bad_data",
  unauthenticated: "unauthorized",
  forbidden: "forbidden",
  not_found: "not_found",
  conflict: "execution",
  exhausted: "too_many_requests",
  unavailable: "unavailable",
  internal: "internal",
};
const STATUSES: Record<PromError["errorType"], number> = { bad_data: 400, execution: 422, timeout: 503 };

/** Whatever a route or the gate before it threw, in their envelope. */
export function sendPromError(thrown: Error, request: FastifyRequest, reply: FastifyReply): void {
  if (thrown instanceof PromError) {
    send(reply, STATUSES[thrown.errorType], { errorType: thrown.errorType, error: thrown.message });
    return;
  }
  const error = fromFramework(thrown) ?? toAppError(thrown);
  if (error.code === "internal") request.log.error({ err: thrown }, "a request failed");
  if (error.code === "unauthenticated") reply.header("www-authenticate", 'Basic realm="atrium"');
  if (error.retryAfterSeconds !== undefined) reply.header("retry-after", String(error.retryAfterSeconds));
  const tooMany = error.reason === "too_many";
  const errorType = tooMany ? "execution" : TYPES[error.code];
  const status = tooMany ? 422 : error.reason === "too_large" ? 413 : statusOf(error.code);
  send(reply, status, { errorType, error: error.message });
}

function send(reply: FastifyReply, status: number, error: { errorType: string; error: string }): void {
  reply
    .code(status)
    .type("application/json")
    .send(JSON.stringify({ status: "error", ...error }));
}

function fromFramework(thrown: Error & { statusCode?: number; code?: string }): AppError | undefined {
  if (thrown instanceof AppError) return undefined;
  if (thrown.code === "FST_ERR_CTP_BODY_TOO_LARGE")
    return new AppError("invalid", "The form is larger than this server takes.", { reason: "too_large" });
  const status = thrown.statusCode ?? 500;
  if (status < 400 || status >= 500) return undefined;
  return new AppError("invalid", `The request cannot be read: ${thrown.message}.`, { cause: thrown });
}
