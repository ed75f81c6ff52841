import type { Permission } from "@atrium/contract/permissions";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { z } from "zod";
import type { Clock } from "#lib/clock";
import { AppError } from "#lib/errors";
import type { FeatureStore } from "#modules/feature-store";
import { sendWireError } from "./errors.ts";
import { keyRows, onlineAnswer, parseRef, pushedRows, writtenRows } from "./translate.ts";
import { type GetOnlineFeatures, getOnlineFeaturesRequest, pushRequest, writeRequest } from "./wire.ts";

const BODY_BYTES_MAX = 32 * 1024 * 1024; // Ten thousand rows of some hundred columns.

export interface FeastDeps {
  features: FeatureStore;
  clock: Clock;
}

/**
 * The online part of a Feast feature server, below `/feast`.
 * @remarks Wire format: feast/feature_server.py and feast/infra/online_stores/remote.py, release 0.67.
 */
export async function mountFeast(app: FastifyInstance, deps: FeastDeps): Promise<void> {
  await app.register(
    async (scope) => {
      scope.setErrorHandler(sendWireError);
      scope.setNotFoundHandler((request, reply) => {
        const path = request.url.split("?", 1)[0]?.slice(0, 200);
        const error = new AppError("not_found", `This server has no ${request.method} ${path}.`);
        sendWireError(error, request, reply);
      });
      mountRoutes(scope, deps);
    },
    { prefix: "/feast" },
  );
}

function mountRoutes(scope: FastifyInstance, { features, clock }: FeastDeps): void {
  scope.get("/health", { config: { permission: "public", scope: "instance" } }, async (_, reply) =>
    reply.code(200).send(),
  );

  post(scope, { path: "/get-online-features", permission: "feature:read" }, async (request) => {
    const given = read(getOnlineFeaturesRequest, request.body);
    return onlineFeatures(features, request, given);
  });

  post(scope, { path: "/push", permission: "feature:write" }, async ({ body, actor, projectId }) => {
    const { push_source_name: source, df, to } = read(pushRequest, body);
    await features.push(actor, {
      projectId,
      source,
      rows: pushedRows(df),
      to: to === "online_and_offline" ? "both" : to,
    });
    return undefined;
  });

  post(
    scope,
    { path: "/write-to-online-store", permission: "feature:write" },
    async ({ body, actor, projectId }) => {
      const { feature_view_name: name, df } = read(writeRequest, body);
      const view = await features.views.get(actor, { projectId, name });
      const shape = {
        joinKeys: view.joinKeys,
        features: view.allFeatures.map((one) => ({ ...one, view: name, default: undefined })),
      };
      await features.write(actor, { projectId, name }, writtenRows(df, shape, clock.now()));
      return null;
    },
  );
}

async function onlineFeatures(
  features: FeatureStore,
  { actor, projectId }: FastifyRequest,
  given: GetOnlineFeatures,
): Promise<object> {
  const names = given.full_feature_names ? "full" : "short";
  const service = given.feature_service ?? undefined;
  if (service !== undefined) {
    const shape = features.online.service(projectId, service);
    if (shape === undefined) {
      throw new AppError("not_found", `Feature service ${service} does not exist in this project.`, {
        reason: "feature-service",
      });
    }
    const keys = keyRows(given.entities, shape);
    const columns = await features.readService(actor, { projectId, name: service }, keys);
    return onlineAnswer(given.entities, { shape, columns }, names);
  }
  const refs = (given.features ?? []).map(parseRef);
  if (refs.length === 0) {
    throw new AppError("invalid", "Name the features, or a feature service.", { at: "features" });
  }
  const shape = features.online.shape(projectId, refs);
  const keys = keyRows(given.entities, shape);
  const columns = await features.readFeatures(actor, { projectId, features: refs, keys });
  return onlineAnswer(given.entities, { shape, columns }, names);
}

function post(
  scope: FastifyInstance,
  { path, permission }: { path: string; permission: Permission },
  handle: (request: FastifyRequest) => Promise<object | null | undefined>,
): void {
  scope.post(
    path,
    { bodyLimit: BODY_BYTES_MAX, config: { permission, scope: "project" } },
    async (request, reply) => {
      const answer = await handle(request);
      if (answer === undefined) return reply.code(200).send();
      return reply.type("application/json").send(JSON.stringify(answer));
    },
  );
}

function read<T extends z.ZodType>(shape: T, body: unknown): z.output<T> {
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError("invalid", issue?.message ?? "The request cannot be read.", {
    at: issue?.path.join(".") || "body",
  });
}
