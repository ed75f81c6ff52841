import type { FastifyReply, FastifyRequest } from "fastify";
import type { AppError, ErrorCode } from "#lib/errors";
import { readThrown } from "#lib/thrown";

const TOO_LARGE = "The request's body is larger than this server takes; send it in parts.";

interface WireError {
  error_code: string;
  status: number;
}

/**
 * Our closed list of codes in their words.
 * @remarks Wire format: mlflow/protos/databricks.proto, enum ErrorCode, and mlflow/exceptions.py for the statuses.
 */
const WIRE: Record<ErrorCode, WireError> = {
  invalid: { error_code: "INVALID_PARAMETER_VALUE", status: 400 },
  unauthenticated: { error_code: "UNAUTHENTICATED", status: 401 },
  forbidden: { error_code: "PERMISSION_DENIED", status: 403 },
  not_found: { error_code: "RESOURCE_DOES_NOT_EXIST", status: 404 },
  // Their server answers 500 for a thing in the wrong state, and the client then tries again for minutes.
  conflict: { error_code: "INVALID_STATE", status: 400 },
  exhausted: { error_code: "REQUEST_LIMIT_EXCEEDED", status: 429 },
  unavailable: { error_code: "TEMPORARILY_UNAVAILABLE", status: 503 },
  internal: { error_code: "INTERNAL_ERROR", status: 500 },
};

/** Finer words that some of our errors carry, where their protocol has a code of its own. */
const BY_REASON: Record<string, WireError> = {
  already_exists: { error_code: "RESOURCE_ALREADY_EXISTS", status: 400 },
  alias: { error_code: "INVALID_PARAMETER_VALUE", status: 400 },
  too_large: { error_code: "INVALID_PARAMETER_VALUE", status: 413 },
  range: { error_code: "INVALID_PARAMETER_VALUE", status: 416 },
  not_implemented: { error_code: "NOT_IMPLEMENTED", status: 501 },
};

/** A full quota stays full: unlike 429 this status does not make the client wait and try again. */
const QUOTA: WireError = { error_code: "RESOURCE_EXHAUSTED", status: 400 };

/** What a client reads of an error: its code, its HTTP status and a message that is safe to show. */
export function toWireError(error: AppError): WireError & { message: string } {
  const { code, reason, message } = error;
  const isQuota = code === "exhausted" && error.retryAfterSeconds === undefined;
  const wire = isQuota ? QUOTA : (BY_REASON[reason ?? ""] ?? WIRE[code]);
  return { ...wire, message };
}

/** Turns whatever a route or the gate before it threw into their envelope; a missing login is plain text with them. */
export function sendWireError(thrown: Error, request: FastifyRequest, reply: FastifyReply): void {
  const error = readThrown(thrown, { request, reply }, { tooLarge: TOO_LARGE });
  const { error_code, status, message } = toWireError(error);
  // A route that streams has set these for its file; they do not hold for the error that is sent instead.
  for (const name of ["content-length", "content-range", "content-disposition", "etag"])
    reply.removeHeader(name);
  if (error.code === "unauthenticated") {
    reply.code(status).header("www-authenticate", 'Basic realm="mlflow"').type("text/plain").send(message);
    return;
  }
  reply.code(status).type("application/json").send(JSON.stringify({ error_code, message }));
}
