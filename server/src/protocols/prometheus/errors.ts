import type { FastifyReply, FastifyRequest } from "fastify";
import { type ErrorCode, statusOf } from "#lib/errors";
import { readThrown } from "#lib/thrown";
import { PromError } from "./promql/fault.ts";

const TOO_LARGE = "The form is larger than this server takes.";

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
  const error = readThrown(thrown, { request, reply }, { tooLarge: TOO_LARGE });
  if (error.code === "unauthenticated") reply.header("www-authenticate", 'Basic realm="atrium"');
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
