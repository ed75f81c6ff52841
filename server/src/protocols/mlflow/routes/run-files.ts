import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "#lib/errors";
import { sendFile } from "#modules/artifacts";
import type { MlflowDeps } from "../deps.ts";
import { get, type MountRpc } from "../rpc.ts";
import { joinPath, toArtifactUri } from "../translate/locations.ts";
import { toVersionNumber } from "../translate/registry.ts";
import { listRunArtifacts, runFile } from "../wire/artifacts.ts";
import { listLoggedModelArtifacts, loggedModelFile } from "../wire/logged-models.ts";
import { versionFile } from "../wire/registry.ts";
import { readRequest } from "../wire/request.ts";
import { folderAnswer } from "./folders.ts";

const READ = { config: { permission: "artifact:read" } } as const;

/** Folders of runs and logged models, for clients that do not speak to the proxy. */
export function mountFolders(rpc: MountRpc, { tracking, artifacts }: MlflowDeps): void {
  rpc(get("/artifacts/list", "artifact:read", listRunArtifacts), async ({ actor, projectId, given }) => {
    const { artifactPath } = await tracking.runs.get(actor, projectId, given.run_id);
    const shownAs = given.path ?? "";
    return folderAnswer(artifacts, actor, {
      folder: { projectId, path: joinPath(artifactPath, shownAs) },
      shownAs,
      besides: { root_uri: toArtifactUri(artifactPath) },
    });
  });
  rpc(
    get("/logged-models/:model_id/artifacts/directories", "artifact:read", listLoggedModelArtifacts),
    async ({ actor, projectId, given }) => {
      const { artifactPath } = await tracking.loggedModels.get(actor, projectId, given.model_id);
      const shownAs = given.artifact_directory_path ?? "";
      return folderAnswer(artifacts, actor, {
        folder: { projectId, path: joinPath(artifactPath, shownAs) },
        shownAs,
        besides: { root_uri: toArtifactUri(artifactPath) },
      });
    },
  );
}

/** A logged model's file, beside its other addresses. */
export function mountLoggedModelFiles(scope: FastifyInstance, deps: MlflowDeps): void {
  scope.get("/mlflow/logged-models/:model_id/artifacts/files", READ, async (request, reply) => {
    const { model_id, artifact_file_path } = readRequest(request, loggedModelFile);
    const model = await deps.tracking.loggedModels.get(request.actor, request.projectId, model_id);
    return send(deps, joinPath(model.artifactPath, artifact_file_path), { request, reply });
  });
}

/** Downloads by run, and by registered version, at the root of the server. */
export function mountDownloads(scope: FastifyInstance, deps: MlflowDeps): void {
  scope.get("/get-artifact", READ, async (request, reply) => {
    const { run_id, path } = readRequest(request, runFile);
    const run = await deps.tracking.runs.get(request.actor, request.projectId, run_id);
    return send(deps, joinPath(run.artifactPath, path), { request, reply });
  });
  scope.get("/model-versions/get-artifact", READ, async (request, reply) => {
    const { name, version, path } = readRequest(request, versionFile);
    const { actor, projectId } = request;
    const at = { projectId, name, version: toVersionNumber(version) };
    const found = await deps.registry.versions.get(actor, at);
    if (found.artifactPath === undefined) {
      throw new AppError(
        "not_found",
        `The files of version ${version} of ${name} do not lie in this server.`,
      );
    }
    return send(deps, joinPath(found.artifactPath, path), { request, reply });
  });
}

function send(
  { artifacts }: MlflowDeps,
  path: string,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<FastifyReply> {
  const { actor, projectId } = request;
  return sendFile({ artifacts, actor, at: { projectId, path }, request, reply });
}
