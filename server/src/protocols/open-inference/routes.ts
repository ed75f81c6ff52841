import { promisify } from "node:util";
import { deflate, gzip } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { BODY_BYTES_MAX, splitBody } from "./body.ts";
import { callOf, describe, type OpenInferenceDeps } from "./call.ts";
import { sendInferenceError } from "./errors.ts";
import { mountManagement } from "./management.ts";
import { chosenOutputs, readRequest, type WrittenAnswer, writeAnswer } from "./translate.ts";

const PACK = { gzip: promisify(gzip), deflate: promisify(deflate) };
const PACK_BYTES_MIN = 1024; // Below it the packed answer is hardly smaller, and always later.

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

function mountInfer(scope: FastifyInstance, version: string, { serving }: OpenInferenceDeps): void {
  const config = { permission: "endpoint:invoke" } as const;
  scope.post(`/v2/models/:model${version}/infer`, { config }, async (request, reply) => {
    const call = callOf(request);
    const described = describe(serving, call);
    const signature = described.versions.find(
      (one) => call.version === undefined || one.version === call.version,
    )?.signature;
    const body = await splitBody((request.body as Buffer | undefined) ?? Buffer.alloc(0), request.headers);
    const asked = readRequest(body, signature);
    const served = await serving.gateway.infer({ ...call, signal: gone(request) }, asked.inputs);
    const facts = {
      model_name: described.name,
      model_version: String(served.model.version),
      ...(asked.id === undefined ? {} : { id: asked.id }),
      parameters: { deployment: served.deployment, prediction_id: served.predictionIds[0] ?? "" },
    };
    reply.header("x-atrium-prediction-id", served.predictionIds[0] ?? "");
    return sendAnswer(request, reply, writeAnswer(facts, chosenOutputs(asked, served.outputs)));
  });
}

async function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: WrittenAnswer,
): Promise<FastifyReply> {
  if (answer.jsonLength === undefined) reply.header("content-type", "application/json");
  else {
    reply.header("content-type", "application/octet-stream");
    reply.header("inference-header-content-length", String(answer.jsonLength));
  }
  const accepted = String(request.headers["accept-encoding"] ?? "");
  const encoding = (["gzip", "deflate"] as const).find((one) => new RegExp(`\\b${one}\\b`).test(accepted));
  if (encoding === undefined || answer.bytes.length < PACK_BYTES_MIN) return reply.send(answer.bytes);
  return reply.header("content-encoding", encoding).send(await PACK[encoding](answer.bytes));
}

/** Aborts when the client has left: what nobody waits for need not be computed. */
function gone(request: FastifyRequest): AbortSignal {
  const leaving = new AbortController();
  request.raw.once("close", () => {
    if (request.raw.destroyed && !request.raw.complete) leaving.abort();
  });
  return leaving.signal;
}
