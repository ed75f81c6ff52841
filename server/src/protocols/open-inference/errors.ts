import type { FastifyReply, FastifyRequest } from "fastify";
import type { DirectAnswer } from "#lib/direct";
import type { AppError } from "#lib/errors";
import { readThrown } from "#lib/thrown";
import { statusFor } from "#modules/serving";

const TOO_LARGE = "The request's body is larger than this server takes.";

/** `{"error": "…"}` with exactly this content type: clients compare the header and drop the message otherwise. */
export function sendInferenceError(thrown: Error, request: FastifyRequest, reply: FastifyReply): void {
  const { status, headers, bytes } = refusalOf(
    readThrown(thrown, { request, reply }, { tooLarge: TOO_LARGE }),
  );
  for (const [name, value] of headers) reply.header(name, value);
  reply
    .code(status)
    .serializer((body: string) => body)
    .send(bytes);
}

export function refusalOf(error: AppError): DirectAnswer {
  const headers: [string, string][] = [["content-type", "application/json"]];
  if (error.code === "unauthenticated") headers.push(["www-authenticate", "Bearer"]);
  if (error.retryAfterSeconds !== undefined) headers.push(["retry-after", String(error.retryAfterSeconds)]);
  return { status: statusOfInference(error), headers, bytes: JSON.stringify({ error: error.message }) };
}

function statusOfInference(error: AppError): number {
  if (error.reason === "too_large") return 413;
  if (error.reason === "encoding") return 415;
  if (error.reason === "not_implemented") return 501;
  return statusFor(error);
}
