import type { FastifyReply, FastifyRequest } from "fastify";
import type { ErrorCode } from "#lib/errors";
import { readThrown } from "#lib/thrown";

interface WireError {
  /** The class that the client raises: its name is part of the wire format. */
  class: string;
  status: number;
}

/**
 * Our closed list of codes in their words. The client repeats 429 and every 5xx three times and then hides what was
 * said, so a user's mistake is always another 4xx.
 * @remarks Wire format: feast/errors.py, `to_error_detail` and `http_status_code`.
 */
const WIRE: Record<ErrorCode, WireError> = {
  invalid: { class: "FeastError", status: 422 },
  unauthenticated: { class: "FeastError", status: 401 },
  forbidden: { class: "FeastPermissionError", status: 403 },
  not_found: { class: "FeastObjectNotFoundException", status: 404 },
  conflict: { class: "FeastError", status: 409 },
  exhausted: { class: "FeastError", status: 422 },
  unavailable: { class: "FeastError", status: 503 },
  internal: { class: "FeastError", status: 500 },
};

const BY_REASON: Record<string, WireError> = {
  "feature-view": { class: "FeatureViewNotFoundException", status: 404 },
  "feature-service": { class: "FeatureServiceNotFoundException", status: 404 },
  "push-source": { class: "PushSourceNotFoundException", status: 422 },
  project: { class: "ProjectObjectNotFoundException", status: 404 },
  collision: { class: "FeatureNameCollisionError", status: 422 },
};

/** Turns whatever a route or the gate before it threw into their envelope: a JSON text whose content is JSON again. */
export function sendWireError(thrown: Error, request: FastifyRequest, reply: FastifyReply): void {
  const error = readThrown(thrown, { request, reply });
  const mustWait = error.code === "exhausted" && error.retryAfterSeconds !== undefined;
  const wire = BY_REASON[error.reason ?? ""] ?? WIRE[error.code];
  if (error.code === "unauthenticated") reply.header("www-authenticate", "Bearer");
  const at = error.at === undefined ? "" : ` (${error.at.replace(/^body\./, "")})`;
  const detail = { module: "feast.errors", class: wire.class, message: `${error.message}${at}` };
  reply
    .code(mustWait ? 429 : wire.status)
    .type("application/json")
    .send(JSON.stringify(JSON.stringify(detail)));
}
