import type { FastifyInstance, FastifyReply } from "fastify";
import { AppError } from "#lib/errors";
import type { Described } from "#modules/serving";
import { callOf, describe, type OpenInferenceDeps } from "./call.ts";

const OPEN = { config: { permission: "public", scope: "instance" } } as const;
const READ = { config: { permission: "endpoint:read" } } as const;
const EXTENSIONS = ["binary_tensor_data", "classification", "model_repository", "statistics"];
const NS_PER_MS = 1_000_000;

/** What clients ask beside inference: is it there, what does it take, what else is there. */
export function mountManagement(scope: FastifyInstance, deps: OpenInferenceDeps): void {
  mountServer(scope, deps);
  for (const version of ["", "/versions/:version"]) mountModel(scope, version, deps);
}

function mountServer(scope: FastifyInstance, { serving, version }: OpenInferenceDeps): void {
  scope.get("/v2", OPEN, async (_, reply) =>
    json(reply, { name: "atrium", version, extensions: EXTENSIONS }),
  );
  // Clients differ in which of the two words they read.
  scope.get("/v2/health/live", OPEN, async (_, reply) => json(reply, { live: true }));
  scope.get("/v2/health/ready", OPEN, async (_, reply) => json(reply, { ready: true, live: true }));
  scope.get("/v2/models", READ, async (request, reply) =>
    json(reply, { models: serving.gateway.names(request.projectId) }),
  );
  scope.get("/v2/models/stats", READ, async ({ projectId }, reply) => {
    const all = serving.gateway.names(projectId).map((name) => serving.gateway.describe(projectId, name));
    return json(reply, {
      model_stats: all.flatMap((one) => (one === undefined ? [] : statsOf(one, undefined))),
    });
  });
  scope.post("/v2/repository/index", READ, async ({ projectId, body }, reply) => {
    const onlyReady = readyOnly(body as Buffer | undefined);
    const all = serving.gateway.names(projectId).flatMap((name) => {
      const found = serving.gateway.describe(projectId, name);
      return (found?.versions ?? []).map(({ version: number, ready }) => ({
        name,
        version: String(number),
        state: ready ? "READY" : "UNAVAILABLE",
        reason: ready ? "" : "its engine starts",
      }));
    });
    return json(reply, onlyReady ? all.filter(({ state }) => state === "READY") : all);
  });
  for (const deed of ["load", "unload"]) {
    scope.post(
      `/v2/repository/models/:model/${deed}`,
      { config: { permission: "endpoint:write" } },
      async () => {
        throw new AppError(
          "invalid",
          `Models are deployed to endpoints here: atrium deploy. There is no ${deed}.`,
          {
            reason: "not_implemented",
          },
        );
      },
    );
  }
}

function mountModel(scope: FastifyInstance, version: string, { serving }: OpenInferenceDeps): void {
  const path = `/v2/models/:model${version}`;
  scope.get(path, READ, async (request, reply) => {
    const call = callOf(request);
    const found = describe(serving, call);
    const shown = found.versions.find((one) => call.version === undefined || one.version === call.version);
    return json(reply, {
      name: found.name,
      versions: [...new Set(found.versions.map((one) => String(one.version)))],
      platform: shown?.engine === "onnx" ? "onnx_onnxv1" : "mlflow_pyfunc",
      inputs: (shown?.signature.inputs ?? []).map(tensorOf),
      outputs: (shown?.signature.outputs ?? []).map(tensorOf),
    });
  });
  scope.get(`${path}/ready`, READ, async (request, reply) => {
    const call = callOf(request);
    const found = describe(serving, call);
    const own = found.versions.filter((one) => call.version === undefined || one.version === call.version);
    const ready = own.length > 0 && own.every((one) => one.ready);
    return json(reply.code(ready ? 200 : 503), { name: found.name, ready });
  });
  scope.get(`${path}/stats`, READ, async (request, reply) => {
    const call = callOf(request);
    return json(reply, { model_stats: statsOf(describe(serving, call), call.version) });
  });
}

/** @remarks protocol/extension_statistics.md; times in nanoseconds. */
function statsOf({ name, versions }: Described, version: number | undefined) {
  return versions
    .filter((one) => version === undefined || one.version === version)
    .map(({ version: number, stats }) => {
      const { answered, failed, queueMs, workMs, lastMs } = stats();
      const spent = (ms: number) => ({ count: answered, ns: Math.round(ms * NS_PER_MS) });
      return {
        name,
        version: String(number),
        last_inference: lastMs,
        inference_count: answered,
        execution_count: answered,
        inference_stats: {
          success: spent(queueMs + workMs),
          fail: { count: failed, ns: 0 },
          queue: spent(queueMs),
          compute_input: { count: answered, ns: 0 },
          compute_infer: spent(workMs),
          compute_output: { count: answered, ns: 0 },
          cache_hit: { count: 0, ns: 0 },
          cache_miss: { count: 0, ns: 0 },
        },
        batch_stats: [],
        memory_usage: [],
      };
    });
}

function tensorOf({ name, datatype, shape }: Described["versions"][number]["signature"]["inputs"][number]) {
  return { name, datatype, shape };
}

/** The body may be empty, or say that only what is ready is asked for. @throws AppError `invalid` */
function readyOnly(body: Buffer | undefined): boolean {
  if (body === undefined || body.length === 0) return false;
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return typeof value === "object" && value !== null && "ready" in value && value.ready === true;
  } catch (cause) {
    throw new AppError("invalid", "The request's JSON cannot be read.", { cause });
  }
}

function json(reply: FastifyReply, body: unknown): FastifyReply {
  return reply.header("content-type", "application/json").send(Buffer.from(JSON.stringify(body)));
}
