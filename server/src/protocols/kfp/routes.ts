import type { FastifyInstance } from "fastify";
import { AppError } from "#lib/errors";
import type { KfpDeps } from "./deps.ts";
import { sendWireError } from "./errors.ts";
import { mountExperiments } from "./routes/experiments.ts";
import { mountPipelines, mountUploads } from "./routes/pipelines.ts";
import { mountRuns } from "./routes/runs.ts";
import { mountSystem } from "./routes/system.ts";

const BODY_BYTES_MAX = 8 * 1024 * 1024; // A run with a spec of 4 MiB, its escapes included.

/** What the client of Kubeflow Pipelines speaks. @remarks backend/api/v2beta1/*.proto, as grpc-gateway serves it. */
export async function mountKfp(app: FastifyInstance, deps: KfpDeps): Promise<void> {
  await app.register(
    async (scope) => {
      scope.setErrorHandler(sendWireError);
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(
        "application/json",
        { parseAs: "string", bodyLimit: BODY_BYTES_MAX },
        (request, body, done) => {
          try {
            // Actions are sent with an empty body.
            done(null, request.is404 || body === "" ? undefined : JSON.parse(String(body)));
          } catch {
            done(new AppError("invalid", "The request's body is not JSON.", { at: "body" }), undefined);
          }
        },
      );
      scope.setNotFoundHandler((request, reply) => {
        const message = `This server has no ${request.method} ${request.url.split("?", 1)[0]?.slice(0, 200)}.`;
        const error = { error: message, code: UNIMPLEMENTED, message, details: [] };
        reply.code(404).type("application/json").send(JSON.stringify(error));
      });
      mountSystem(scope, deps);
      mountPipelines(scope, deps);
      mountRuns(scope, deps);
      mountExperiments(scope, deps);
      await scope.register(async (uploads) => mountUploads(uploads, deps));
    },
    { prefix: "/apis/v2beta1" },
  );
}

const UNIMPLEMENTED = 12;
