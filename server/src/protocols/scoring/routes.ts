import { feedback, predictRequest } from "@atrium/contract/serving";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { AppError } from "#lib/errors";
import type { Call, Described, Served, Serving } from "#modules/serving";
import { sendScoringError } from "./errors.ts";

export interface ScoringDeps {
  serving: Pick<Serving, "gateway" | "feedback">;
}

const BODY_BYTES_MAX = 64 * 1024 * 1024; // Some hundred thousand rows of a table as text.
const INVOKE = { config: { permission: "endpoint:invoke" } } as const;
const READ = { config: { permission: "endpoint:read" } } as const;
const MLFLOW_VERSION = "3.11.1"; // Whose formats these are; clients only look at whether there is one.
const TYPES = ["application/json", "text/csv"] as const;

/**
 * MLflow's scoring protocol below each endpoint's name, and our own two routes beside it.
 * @remarks mlflow/pyfunc/scoring_server/__init__.py; the same contract is SageMaker's.
 */
export async function mountScoring(app: FastifyInstance, deps: ScoringDeps): Promise<void> {
  await app.register(async (scope) => {
    scope.setErrorHandler(sendScoringError);
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      "*",
      { parseAs: "buffer", bodyLimit: BODY_BYTES_MAX },
      (_request, body, done) => done(null, body),
    );
    mountScoringServer(scope, deps);
    mountDeployments(scope, deps);
    mountOwn(scope, deps);
  });
}

function mountScoringServer(scope: FastifyInstance, { serving }: ScoringDeps): void {
  for (const path of ["ping", "health"]) {
    scope.get(`/serving/:endpoint/${path}`, READ, async (request, reply) => {
      const found = describe(serving, request);
      return reply
        .code(found.ready ? 200 : 503)
        .type("application/json")
        .send("\n");
    });
  }
  scope.get("/serving/:endpoint/version", READ, async (request, reply) => {
    describe(serving, request);
    return reply.type("application/json").send(MLFLOW_VERSION);
  });
  // The second is where the client of `mlflow.deployments` asks.
  for (const path of ["/serving/:endpoint/invocations", "/endpoints/:endpoint/invocations"]) {
    scope.post(path, INVOKE, async (request, reply) => {
      const contentType = typeOf(request);
      const served = await serving.gateway.score(callOf(request), { contentType, bytes: bodyOf(request) });
      return mark(reply, served).type("application/json").send(served.json);
    });
  }
}

/** @remarks mlflow/deployments/mlflow/__init__.py, class MlflowDeploymentClient, and deployments/server/config.py */
function mountDeployments(scope: FastifyInstance, { serving }: ScoringDeps): void {
  const shown = (name: string, found: Described | undefined) => ({
    name,
    endpoint_type: "scoring",
    model: { name: found?.versions[0]?.model ?? null, provider: "atrium" },
    endpoint_url: `/endpoints/${encodeURIComponent(name)}/invocations`,
    limit: null,
  });
  scope.get("/api/2.0/endpoints", READ, async ({ projectId }, reply) => {
    const { gateway } = serving;
    const endpoints = gateway.names(projectId).map((name) => shown(name, gateway.describe(projectId, name)));
    return reply.type("application/json").send(JSON.stringify({ endpoints, next_page_token: null }));
  });
  scope.get("/api/2.0/endpoints/:endpoint", READ, async (request, reply) => {
    const found = describe(serving, request);
    return reply.type("application/json").send(JSON.stringify(shown(found.name, found)));
  });
}

function mountOwn(scope: FastifyInstance, { serving }: ScoringDeps): void {
  scope.post("/serving/:endpoint/predict", INVOKE, async (request, reply) => {
    const { instances, atMs } = parse(predictRequest, request);
    const answer = await serving.gateway.predict(callOf(request), instances, { atMs });
    const predictionIds = answer.predictions.map((one) => one.predictionId);
    return mark(reply, { ...answer, predictionIds })
      .header("x-atrium-served-by", answer.predictions[0]?.servedBy ?? "")
      .type("application/json")
      .send(JSON.stringify(answer));
  });
  scope.post("/serving/:endpoint/feedback", INVOKE, async (request, reply) => {
    const given = parse(feedback, request);
    await serving.feedback.send(request.actor, callOf(request), [given]);
    return reply.type("application/json").send(JSON.stringify({ accepted: 1 }));
  });
}

/** Says by which prediction and model the answer came, whatever its body's form. */
function mark(reply: FastifyReply, { predictionIds, deployment, model }: Served): FastifyReply {
  return reply
    .header("x-atrium-prediction-id", predictionIds[0] ?? "")
    .header("x-atrium-deployment", deployment)
    .header("x-atrium-model-version", String(model.version));
}

function callOf(request: FastifyRequest): Call {
  const { endpoint = "" } = request.params as { endpoint?: string };
  return { projectId: request.projectId, endpoint };
}

function describe(serving: ScoringDeps["serving"], request: FastifyRequest) {
  const { projectId, endpoint } = callOf(request);
  const found = serving.gateway.describe(projectId, endpoint);
  if (found === undefined) throw new AppError("not_found", `There is no endpoint ${endpoint.slice(0, 100)}.`);
  return found;
}

function bodyOf(request: FastifyRequest): Buffer {
  return (request.body as Buffer | undefined) ?? Buffer.alloc(0);
}

/** @throws AppError `invalid` with reason `media_type` */
function typeOf(request: FastifyRequest): (typeof TYPES)[number] {
  const [type = "", ...parameters] = String(request.headers["content-type"] ?? "")
    .split(";")
    .map((part) => part.trim());
  const known = TYPES.find((one) => one === type.toLowerCase());
  const stranger = parameters.find((one) => one !== "" && !/^charset="?utf-8"?$/i.test(one));
  if (known !== undefined && stranger === undefined) return known;
  const message =
    stranger === undefined
      ? `This predictor only supports the following content types: ${TYPES.join(", ")}. Got '${type.slice(0, 100)}'.`
      : `Unrecognized content type parameters: ${stranger.slice(0, 100)}.`;
  throw new AppError("invalid", message, { reason: "media_type" });
}

function parse<S extends z.ZodType>(schema: S, request: FastifyRequest): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(bodyOf(request).toString("utf8"));
  } catch (cause) {
    throw new AppError("invalid", "The request's body is not JSON.", { at: "body", cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError("invalid", `${["body", ...(issue?.path ?? [])].join(".")}: ${issue?.message}.`, {
    at: "body",
  });
}
