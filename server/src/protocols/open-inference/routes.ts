import type { FastifyInstance } from "fastify";
import { departureOf } from "#lib/departure";
import type { DirectRoute } from "#lib/direct";
import { toAppError } from "#lib/errors";
import { BODY_BYTES_MAX } from "./body.ts";
import { callOf, callTo, type OpenInferenceDeps } from "./call.ts";
import { refusalOf, sendInferenceError } from "./errors.ts";
import { infer } from "./infer.ts";
import { mountManagement } from "./management.ts";

const INVOKE = { config: { permission: "endpoint:invoke" } } as const;
const NAMED = /^\/v2\/models\/([\w.-]{1,200})(?:\/versions\/([\w.-]{1,40}))?\/infer$/;

/** The Open Inference Protocol over HTTP: an endpoint is a model, a model version is a version. */
export async function mountOpenInference(app: FastifyInstance, deps: OpenInferenceDeps): Promise<void> {
  await app.register(async (scope) => {
    scope.setErrorHandler(sendInferenceError);
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "*",
      { parseAs: "buffer", bodyLimit: BODY_BYTES_MAX },
      (_request, body, done) => done(null, body),
    );
    mountManagement(scope, deps);
    for (const version of ["", "/versions/:version"]) mountInfer(scope, version, deps);
  });
}

function mountInfer(scope: FastifyInstance, version: string, deps: OpenInferenceDeps): void {
  scope.post(`/v2/models/:model${version}/infer`, INVOKE, async (request, reply) => {
    const call = { ...callOf(request), signal: departureOf(request.raw.socket) };
    const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
    const { headers, bytes } = await infer(deps, { call, headers: request.headers, body });
    for (const [name, value] of headers) reply.header(name, value);
    return reply.send(bytes);
  });
}

/** The same without the framework. */
export function directInference(deps: OpenInferenceDeps): DirectRoute {
  return {
    pattern: "/v2/models/:model/infer",
    permission: INVOKE.config.permission,
    path: NAMED,
    async answer({ id, projectId, named, headers, body, signal }) {
      const [model = "", version] = named;
      try {
        const call = { ...callTo({ projectId, model, version }), signal };
        return { status: 200, ...(await infer(deps, { call, headers, body })) };
      } catch (thrown) {
        const error = toAppError(thrown);
        if (error.code === "internal") deps.log.error({ err: thrown, reqId: id }, "a request failed");
        return refusalOf(error);
      }
    },
  };
}
