import { API_PREFIX, type Endpoint, type ErrorAnswer } from "@atrium/contract/http";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import type { z } from "zod";
import { AppError, statusOf, toAppError } from "#lib/errors";
import type { Call, Serve } from "#lib/http";
import type { Actor } from "#modules/identity";

const BODY_BYTES_MAX = 1024 * 1024; // Our own API carries forms and small settings; uploads stream outside this limit.

/** Makes the function with which modules mount their operations, and the list of what was mounted. */
export function createServe(app: FastifyInstance): { serve: Serve<Actor>; endpoints: Endpoint[] } {
  const endpoints: Endpoint[] = [];
  const serve: Serve<Actor> = (endpoint, handle) => {
    endpoints.push(endpoint);
    mount(endpoint, {
      method: endpoint.method,
      url: API_PREFIX + endpoint.path,
      bodyLimit: BODY_BYTES_MAX,
      config: { permission: endpoint.permission, scope: endpoint.scope },
      handler: async (request, reply) => {
        const call = {
          actor: request.actor,
          projectId: request.projectId,
          organisationId: request.organisationId,
          params: parse(endpoint.params, request.params, "path"),
          query: parse(endpoint.query, request.query, "query"),
          body: parse(endpoint.body, request.body, "body"),
          request,
          reply,
        } as Call<typeof endpoint, Actor>;
        const answer = await handle(call);
        if (answer === reply) return reply;
        reply.code(endpoint.status ?? 200);
        return endpoint.status === 204 ? reply.send() : answer;
      },
    });
  };

  function mount(endpoint: Endpoint, route: RouteOptions): void {
    if (endpoint.bodyKind !== "bytes") {
      app.route(route);
      return;
    }
    // A scope of its own, in which every media type passes as the stream it is.
    app.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
      scope.route(route);
    });
  }
  return { serve, endpoints };
}

function parse(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const first = parsed.error.issues[0];
  const at = [where, ...(first?.path ?? [])].join(".");
  throw new AppError("invalid", `${at}: ${first?.message ?? "not what was expected"}.`, { at });
}

/** The error envelope of our own API, and of every address that belongs to no protocol. */
export function sendError(thrown: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void {
  const error = fromFramework(thrown) ?? toAppError(thrown);
  if (error.code === "internal") request.log.error({ err: thrown }, "a request failed");
  if (error.code === "unauthenticated") reply.header("www-authenticate", 'Bearer realm="atrium"');
  if (error.retryAfterSeconds !== undefined) reply.header("retry-after", String(error.retryAfterSeconds));
  const answer: ErrorAnswer = {
    error: {
      code: error.code,
      message: error.message,
      requestId: request.id,
      ...(error.at === undefined ? {} : { at: error.at }),
    },
  };
  reply.code(error.reason === "too_large" ? 413 : statusOf(error.code)).send(answer);
}

/** Fastify's own refusals (bad JSON, too large, wrong media type) in our words. */
function fromFramework(thrown: Error & { statusCode?: number; code?: string }): AppError | undefined {
  if (thrown instanceof AppError) return thrown;
  if (thrown.code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return new AppError("invalid", "The request body is larger than this operation takes.", {
      reason: "too_large",
      at: "body",
    });
  }
  const status = thrown.statusCode ?? 500;
  if (status < 400 || status >= 500) return undefined;
  return new AppError("invalid", `The request cannot be read: ${thrown.message}.`, {
    at: "body",
    cause: thrown,
  });
}
