import { promisify } from "node:util";
import { deflate, gzip } from "node:zlib";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "#lib/errors";
import type { Described, Serving } from "#modules/serving";
import { BODY_BYTES_MAX, splitBody } from "./body.ts";
import { sendInferenceError } from "./errors.ts";
import { mountManagement } from "./management.ts";
import { chosenOutputs, readRequest, type WrittenAnswer, writeAnswer } from "./translate.ts";

export interface OpenInferenceDeps {
  serving: Pick<Serving, "gateway">;
  /** Of this server, as `0.1.0`. */
  version: string;
}

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

/** What the address names. @throws AppError `not_found` for a version that is no number */
export function callOf(request: FastifyRequest): {
  projectId: string;
  endpoint: string;
  version: number | undefined;
} {
  const { model = "", version } = request.params as { model?: string; version?: string };
  if (version !== undefined && !/^[1-9]\d{0,14}$/.test(version))
    throw new AppError("not_found", `Model ${model.slice(0, 100)} has no version ${version.slice(0, 40)}.`);
  return {
    projectId: request.projectId,
    endpoint: model,
    version: version === undefined ? undefined : Number(version),
  };
}

/** @throws AppError `not_found` */
export function describe(
  serving: Pick<Serving, "gateway">,
  { projectId, endpoint, version }: ReturnType<typeof callOf>,
): Described {
  const found = serving.gateway.describe(projectId, endpoint);
  const known = version === undefined || found?.versions.some((one) => one.version === version);
  if (found === undefined || !known)
    throw new AppError(
      "not_found",
      `There is no model ${endpoint.slice(0, 100)}${version === undefined ? "" : ` of version ${version}`}.`,
    );
  return found;
}

/** Aborts when the client has left: what nobody waits for need not be computed. */
function gone(request: FastifyRequest): AbortSignal {
  const leaving = new AbortController();
  request.raw.once("close", () => {
    if (request.raw.destroyed && !request.raw.complete) leaving.abort();
  });
  return leaving.signal;
}
