import type { MlflowDeps } from "../deps.ts";
import { pagesAnswer, textPage } from "../pages.ts";
import { get, type MountRpc, patch, post, remove } from "../rpc.ts";
import { sourcePath } from "../translate/locations.ts";
import { downloadUri, toVersionNumber, toWireVersion } from "../translate/registry.ts";
import { toRecord, unlessBlank } from "../translate/values.ts";
import * as wire from "../wire/registry.ts";
import { checkLimit, type Limit } from "./limits.ts";

const SEARCH: Limit = { default: 200_000, max: 200_000, words: "type" };

type Versions = MlflowDeps["registry"]["versions"];

/** Versions of registered models. @remarks Wire format: mlflow/protos/model_registry.proto. */
export function mountModelVersions(rpc: MountRpc, { registry: { versions } }: MlflowDeps): void {
  rpc(
    post("/model-versions/create", "model:write", wire.createVersion),
    async ({ actor, projectId, given }) => {
      const made = await versions.create(
        actor,
        { projectId, name: given.name },
        {
          source: given.source,
          artifactPath: sourcePath(given.source),
          runId: unlessBlank(given.run_id),
          loggedModelId: unlessBlank(given.model_id),
          runLink: unlessBlank(given.run_link),
          description: unlessBlank(given.description),
          tags: toRecord(given.tags),
        },
      );
      return { model_version: toWireVersion(made) };
    },
  );
  rpc(get("/model-versions/get", "model:read", wire.byVersion), async ({ actor, projectId, given }) => {
    return { model_version: toWireVersion(await versions.get(actor, versionAt(projectId, given))) };
  });
  rpc(
    get("/model-versions/get-download-uri", "model:read", wire.byVersion),
    async ({ actor, projectId, given }) => {
      return { artifact_uri: downloadUri(await versions.get(actor, versionAt(projectId, given))) };
    },
  );
  rpc(
    get("/model-versions/search", "model:read", wire.searchRegistry),
    async ({ actor, projectId, given }) => {
      const wanted = checkLimit(given.max_results, SEARCH);
      return pagesAnswer({
        field: "model_versions",
        wanted,
        pageToken: unlessBlank(given.page_token),
        fetch: async (page) => {
          const asked = { filter: given.filter, orderBy: given.order_by, ...page };
          const found = await versions.search(actor, projectId, asked);
          return textPage(found, (version) => JSON.stringify(toWireVersion(version)));
        },
      });
    },
  );
  mountChanges(rpc, versions);
}

function mountChanges(rpc: MountRpc, versions: Versions): void {
  rpc(
    patch("/model-versions/update", "model:write", wire.updateVersion),
    async ({ actor, projectId, given }) => {
      const changes = { description: given.description ?? "" };
      return {
        model_version: toWireVersion(await versions.update(actor, versionAt(projectId, given), changes)),
      };
    },
  );
  rpc(
    post("/model-versions/transition-stage", "model:promote", wire.moveVersion),
    async ({ actor, projectId, given }) => {
      const others = given.archive_existing_versions === true ? "archived" : "kept";
      const move = { stage: given.stage, others } as const;
      return {
        model_version: toWireVersion(await versions.moveToStage(actor, versionAt(projectId, given), move)),
      };
    },
  );
  rpc(
    remove("/model-versions/delete", "model:delete", wire.byVersion),
    async ({ actor, projectId, given }) => {
      await versions.delete(actor, versionAt(projectId, given));
    },
  );
  rpc(
    post("/model-versions/set-tag", "model:write", wire.setVersionTag),
    async ({ actor, projectId, given }) => {
      await versions.update(actor, versionAt(projectId, given), { tags: toRecord([given]) });
    },
  );
  rpc(
    remove("/model-versions/delete-tag", "model:write", wire.deleteVersionTag),
    async ({ actor, projectId, given }) => {
      await versions.update(actor, versionAt(projectId, given), { tags: { [given.key]: null } });
    },
  );
}

function versionAt(projectId: string, { name, version }: { name: string; version: string }) {
  return { projectId, name, version: toVersionNumber(version) };
}
