import type { FastifyReply, FastifyRequest } from "fastify";
import { type AppError, type ErrorCode, statusOf } from "#lib/errors";
import { readThrown } from "#lib/thrown";

/** Their codes are gRPC's. @remarks google/rpc/code.proto, as grpc-gateway writes them. */
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
const ALREADY_EXISTS = 6;

interface WireError {
  error: string;
  code: number;
  message: string;
  details: { "@type": string; value: string }[];
}

/** Their envelope. @remarks Wire format: backend/api/v2beta1/error.proto and grpc-gateway's `runtime.Error`. */
function toWireError({ code, reason, message }: AppError): WireError {
  const number = reason === "already_exists" ? ALREADY_EXISTS : CODES[code];
  return { error: message, code: number, message, details: [] };
}

/** Turns whatever a route or the gate before it threw into their envelope. */
export function sendWireError(thrown: Error, request: FastifyRequest, reply: FastifyReply): void {
  const error = readThrown(thrown, { request, reply });
  reply
    .code(statusOf(error.code))
    .type("application/json")
    .send(JSON.stringify(toWireError(error)));
}
