import { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { AppError } from "#lib/errors";
import { announcedSize, sendFile, streamOf } from "#modules/artifacts";
import type { MlflowDeps } from "../deps.ts";
import { listFolder } from "../wire/artifacts.ts";
import { readRequest } from "../wire/request.ts";
import { folderAnswer } from "./folders.ts";

const FILES = "/mlflow-artifacts/artifacts";

/**
 * The proxy through which clients read and write all files. What their addresses name is the same path below the
 * project; the router has decoded it once, and the artifacts module refuses whatever a second reader could mistake.
 * @remarks Wire format: mlflow/protos/mlflow_artifacts.proto.
 */
export function mountArtifacts(scope: FastifyInstance, { artifacts }: MlflowDeps): void {
  scope.get(
    FILES,
    { exposeHeadRoute: false, config: { permission: "artifact:read" } },
    async (request, reply) => {
      const { path = "" } = readRequest(request, listFolder);
      const { actor, projectId } = request;
      const answer = await folderAnswer(artifacts, actor, { folder: { projectId, path }, shownAs: "" });
      return reply.type("application/json").send(answer);
    },
  );
  scope.get(`${FILES}/*`, { config: { permission: "artifact:read" } }, async (request, reply) => {
    const { actor, projectId } = request;
    return sendFile({ artifacts, actor, at: { projectId, path: pathOf(request) }, request, reply });
  });
  scope.delete(`${FILES}/*`, { config: { permission: "artifact:delete" } }, async (request) => {
    const { actor, projectId } = request;
    try {
      await artifacts.remove(actor, { projectId, path: pathOf(request) });
    } catch (thrown) {
      // With them, what is gone already was deleted well.
      if (!(thrown instanceof AppError) || thrown.code !== "not_found") throw thrown;
    }
    return {};
  });
  scope.post("/mlflow-artifacts/mpu/*", { config: { permission: "artifact:write" } }, async () => {
    // Parts would be sent without the caller's login. Large files stream through PUT, which clients fall back to.
    throw new AppError("invalid", "Multipart upload is not supported for the current artifact repository", {
      reason: "not_implemented",
    });
  });
}

/** Uploads, in a scope of their own: every media type passes as the stream it is, whatever its size. */
export function mountUploads(scope: FastifyInstance, { artifacts }: MlflowDeps): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  scope.put(`${FILES}/*`, { config: { permission: "artifact:write" } }, async (request, reply) => {
    const { actor, projectId } = request;
    const path = pathOf(request);
    // The router takes a slash at the end away; it says that the sender means a folder.
    if (path === "" || request.url.split("?", 1)[0]?.endsWith("/")) {
      throw new AppError("invalid", "Invalid path: an artifact's path must end in a file's name.", {
        at: "path",
      });
    }
    await artifacts.put(actor, { projectId, path }, bytesOf(request), {
      mediaType: request.headers["content-type"],
      sizeBytes: announcedSize(request),
    });
    return reply.send();
  });
}

function pathOf(request: FastifyRequest): string {
  return (request.params as { "*": string })["*"];
}

function bytesOf(request: FastifyRequest): Readable {
  return request.body === undefined && request.headers["content-length"] === "0"
    ? Readable.from([])
    : streamOf(request);
}
