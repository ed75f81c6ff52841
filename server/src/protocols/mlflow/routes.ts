import type { FastifyInstance } from "fastify";
import { AppError } from "#lib/errors";
import type { MlflowDeps } from "./deps.ts";
import { sendWireError } from "./errors.ts";
import { mountArtifacts, mountUploads } from "./routes/artifacts.ts";
import { mountExperiments } from "./routes/experiments.ts";
import { mountLoggedModels } from "./routes/logged-models.ts";
import { mountMetrics } from "./routes/metrics.ts";
import { mountModelVersions } from "./routes/model-versions.ts";
import { mountRegisteredModels } from "./routes/registered-models.ts";
import { mountDownloads, mountFolders, mountLoggedModelFiles } from "./routes/run-files.ts";
import { mountRunValues } from "./routes/run-values.ts";
import { mountRuns } from "./routes/runs.ts";
import { mountSampled } from "./routes/sampled.ts";
import { mountProbes, mountServerInfo } from "./routes/system.ts";
import { mountWebhooks } from "./routes/webhooks.ts";
import { mountWorkspaceLives, mountWorkspaces } from "./routes/workspaces.ts";
import { createMountRpc } from "./rpc.ts";
import { parseJson } from "./wire/request.ts";

// A batch of 1,000 metrics with the longest keys is 0.4 MiB; datasets bring schema and profile of up to 16 MiB in all.
const BODY_BYTES_MAX = 16 * 1024 * 1024;
const JSON_ONLY = "Bad Request. Content-Type must be one of ['application/json'].";

/** Everything the mlflow client speaks: tracking, registry, artifacts, workspaces; each also below `/ajax-api`. */
export async function mountMlflow(app: FastifyInstance, deps: MlflowDeps): Promise<void> {
  for (const prefix of ["/api", "/ajax-api"]) {
    await app.register(async (scope) => mountVersion2(prepare(scope), deps), { prefix: `${prefix}/2.0` });
    await app.register(async (scope) => mountVersion3(prepare(scope), deps), { prefix: `${prefix}/3.0` });
  }
  await app.register(async (scope) => {
    scope.setErrorHandler(sendWireError);
    mountProbes(scope, deps);
    mountDownloads(scope, deps);
  });
}

async function mountVersion2(scope: FastifyInstance, deps: MlflowDeps): Promise<void> {
  const rpc = createMountRpc(scope);
  mountExperiments(rpc, deps);
  mountRuns(rpc, deps);
  mountRunValues(rpc, deps);
  mountMetrics(rpc, deps);
  mountSampled(rpc, deps);
  mountLoggedModels(rpc, deps);
  mountRegisteredModels(rpc, deps);
  mountModelVersions(rpc, deps);
  mountWebhooks(rpc, deps);
  mountFolders(rpc, deps);
  mountLoggedModelFiles(scope, deps);
  mountArtifacts(scope, deps);
  await scope.register(async (uploads) => mountUploads(uploads, deps));
}

async function mountVersion3(scope: FastifyInstance, deps: MlflowDeps): Promise<void> {
  const rpc = createMountRpc(scope);
  mountServerInfo(rpc);
  mountWorkspaces(rpc, deps);
  mountWorkspaceLives(scope, deps);
}

/** Gives a scope their body rules, their errors, and their way to say that there is no such procedure. */
function prepare(scope: FastifyInstance): FastifyInstance {
  scope.setErrorHandler(sendWireError);
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    "application/json",
    { parseAs: "string", bodyLimit: BODY_BYTES_MAX },
    (request, body, done) => {
      try {
        done(null, request.is404 ? undefined : parseJson(String(body)));
      } catch (thrown) {
        done(thrown as AppError, undefined);
      }
    },
  );
  scope.addContentTypeParser("*", (request, payload, done) => {
    payload.resume();
    const given = request.headers["content-type"];
    const message = given === undefined ? "Bad Request. Content-Type header is missing." : JSON_ONLY;
    done(request.is404 ? null : new AppError("invalid", message, { at: "content-type" }), undefined);
  });
  // Not JSON: only then does a client understand that the procedure is missing, and not some run or model.
  scope.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?", 1)[0]?.slice(0, 200);
    reply.code(404).type("text/plain").send(`This server has no ${request.method} ${path}.\n`);
  });
  return scope;
}
