import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError, statusOf, toAppError } from "#lib/errors";
import { statusFor } from "#modules/serving";

/** `{"error": "…"}` with exactly this content type: clients compare the header and drop the message otherwise. */
export function sendInferenceError(thrown: Error, request: FastifyRequest, reply: FastifyReply): void {
  const error = fromFramework(thrown) ?? toAppError(thrown);
  if (error.code === "internal") request.log.error({ err: thrown }, "a request failed");
  if (error.retryAfterSeconds !== undefined) reply.header("retry-after", String(error.retryAfterSeconds));
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
  return error.code === "unavailable" ? statusFor(error) : statusOf(error.code);
}

/** The framework's own refusals; everything else that is not an AppError is a bug. */
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
