import type { FastifyReply, FastifyRequest } from "fastify";
import type { AppError } from "#lib/errors";
import { readThrown } from "#lib/thrown";
import { statusFor } from "#modules/serving";

const TOO_LARGE = "The request's body is larger than this server takes.";

/** `{"error": "…"}` with exactly this content type: clients compare the header and drop the message otherwise. */
export function sendInferenceError(thrown: Error, request: FastifyRequest, reply: FastifyReply): void {
  const error = readThrown(thrown, { request, reply }, { tooLarge: TOO_LARGE });
  if (error.code === "unauthenticated") reply.header("www-authenticate", "Bearer");
  reply
    .code(statusOfInference(error))
    .header("content-type", "application/json")
    .serializer((body: string) => body)
    .send(JSON.stringify({ error: error.message }));
}

function statusOfInference(error: AppError): number {
  if (error.reason === "too_large") return 413;
  if (error.reason === "encoding") return 415;
  if (error.reason === "not_implemented") return 501;
  return statusFor(error);
}
