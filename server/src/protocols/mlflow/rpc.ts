import { Readable } from "node:stream";
import type { Permission } from "@atrium/contract/permissions";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Actor } from "#modules/identity";
import type { Decoded, Message, Shape } from "./wire/decode.ts";
import { readRequest } from "./wire/request.ts";

type Allowed = Permission | "public" | "signed-in";

/** One remote procedure of theirs, as JSON over HTTP. */
export interface Rpc<S extends Shape> {
  methods: readonly ("GET" | "POST" | "PATCH" | "DELETE")[];
  /** Below `/api/2.0/mlflow` (or `3.0`) and its twin for browsers. */
  path: string;
  permission: Allowed;
  request: Message<S>;
  scope?: "project" | "instance";
}

type Declare = <S extends Shape>(path: string, permission: Allowed, request: Message<S>) => Rpc<S>;

export const get: Declare = (path, permission, request) => ({ methods: ["GET"], path, permission, request });
export const post: Declare = (path, permission, request) => ({
  methods: ["POST"],
  path,
  permission,
  request,
});
export const patch: Declare = (path, permission, request) => ({
  methods: ["PATCH"],
  path,
  permission,
  request,
});
export const remove: Declare = (path, permission, request) => ({
  methods: ["DELETE"],
  path,
  permission,
  request,
});
/** A search that some clients send as GET. */
export const getOrPost: Declare = (path, permission, request) => ({
  methods: ["GET", "POST"],
  path,
  permission,
  request,
});

export interface Call<S extends Shape> {
  actor: Actor;
  projectId: string;
  given: Decoded<S>;
  request: FastifyRequest;
}

/** A value to write as JSON, JSON text that is ready, or a stream of such text. Nothing is `{}`. */
export type Answer = object | string | Readable | undefined;

/** Mounts one procedure; the request is decoded and the coarse permission checked before `handle` runs. */
export type MountRpc = <S extends Shape>(
  rpc: Rpc<S>,
  handle: (call: Call<S>) => Promise<Answer> | Promise<void>,
) => void;

/** Binds procedures to the addresses of one scope. Texts go out as they are, past the framework's serialiser. */
export function createMountRpc(scope: FastifyInstance): MountRpc {
  return (rpc, handle) => {
    scope.route({
      method: [...rpc.methods],
      url: `/mlflow${rpc.path}`,
      exposeHeadRoute: false,
      config: { permission: rpc.permission, scope: rpc.scope ?? "project" },
      handler: async (request, reply) => {
        const { actor, projectId } = request;
        const given = readRequest(request, rpc.request);
        const answer = (await handle({ actor, projectId, given, request })) ?? {};
        const isReady = typeof answer === "string" || answer instanceof Readable;
        return reply.type("application/json").send(isReady ? answer : JSON.stringify(answer));
      },
    });
  };
}
