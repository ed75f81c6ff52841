import type { MlflowDeps } from "../deps.ts";
import { pagesAnswer, textPage } from "../pages.ts";
import { get, type MountRpc, patch, post, remove } from "../rpc.ts";
import { downloadUri, toStage, toVersionNumber, toWireVersion } from "../translate/registry.ts";
import { toKeyValues, unlessBlank } from "../translate/values.ts";
import * as wire from "../wire/registry.ts";
import { checkLimit, type Limit } from "./limits.ts";
import { createVersion } from "./new-version.ts";

const SEARCH: Limit = { default: 200_000, max: 200_000, words: "type" };

type Versions = MlflowDeps["registry"]["versions"];

/** Versions of registered models. @remarks Wire format: mlflow/protos/model_registry.proto. */
export function mountModelVersions(rpc: MountRpc, deps: MlflowDeps): void {
  const { versions } = deps.registry;
  rpc(
    post("/model-versions/create", "model:write", wire.createVersion),
    async ({ actor, projectId, given }) => {
      const made = await createVersion(deps, actor, { projectId, given });
      return { model_version: toWireVersion(made) };
    },
  );
  rpc(get("/model-versions/get", "model:read", wire.byVersion), async ({ actor, projectId, given }) => {
    const version = await versions.get(actor, projectId, given.name, toVersionNumber(given.version));
    return { model_version: toWireVersion(version) };
  });
  rpc(
    get("/model-versions/get-download-uri", "model:read", wire.byVersion),
    async ({ actor, projectId, given }) => {
      const version = await versions.get(actor, projectId, given.name, toVersionNumber(given.version));
      return { artifact_uri: downloadUri(version) };
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
      const number = toVersionNumber(given.version);
      const version = await versions.describe(actor, projectId, given.name, number, given.description ?? "");
      return { model_version: toWireVersion(version) };
    },
  );
  rpc(
    post("/model-versions/transition-stage", "model:promote", wire.moveVersion),
    async ({ actor, projectId, given }) => {
      const others = given.archive_existing_versions === true ? "archived" : "kept";
      const move = { stage: toStage(given.stage), others } as const;
      const number = toVersionNumber(given.version);
      const version = await versions.moveToStage(actor, projectId, given.name, number, move);
      return { model_version: toWireVersion(version) };
    },
  );
  rpc(
    remove("/model-versions/delete", "model:delete", wire.byVersion),
    async ({ actor, projectId, given }) => {
      await versions.delete(actor, projectId, given.name, toVersionNumber(given.version));
    },
  );
  rpc(
    post("/model-versions/set-tag", "model:write", wire.setVersionTag),
    async ({ actor, projectId, given }) => {
      const number = toVersionNumber(given.version);
      await versions.setTags(actor, projectId, given.name, number, toKeyValues([given]));
    },
  );
  rpc(
    remove("/model-versions/delete-tag", "model:write", wire.deleteVersionTag),
    async ({ actor, projectId, given }) => {
      await versions.deleteTag(actor, projectId, given.name, toVersionNumber(given.version), given.key);
    },
  );
}
