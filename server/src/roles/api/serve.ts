import { API_PREFIX, type Endpoint, type ErrorAnswer } from "@atrium/contract/http";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from "fastify";
import type { z } from "zod";
import { AppError, statusOf } from "#lib/errors";
import type { Call, Serve } from "#lib/http";
import { readThrown } from "#lib/thrown";
import type { Actor } from "#modules/identity";

const BODY_BYTES_MAX = 1024 * 1024; // Our own API carries forms and small settings; uploads stream outside this limit.
const TOO_LARGE = "The request body is larger than this operation takes.";

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
  const error = readThrown(thrown, { request, reply }, { tooLarge: TOO_LARGE, at: "body" });
  if (error.code === "unauthenticated") reply.header("www-authenticate", 'Bearer realm="atrium"');
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
